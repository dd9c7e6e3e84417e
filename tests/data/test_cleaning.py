"""Cleaning makes the repairs that the file asks for, before validation, and says how many rows each has touched."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import mlarch
from mlarch.architecture.lock import Lock
from mlarch.cli import group
from mlarch.runtime.artifacts import Dataset
from mlarch.runtime.data.ingestion import ingest, read
from mlarch.runtime.data.validation import validate
from mlarch.runtime.state import State

from .breaking import cells

ARCHITECTURE = """language = "1.0"
system s {{ problem = regression, metric rmse {{ baseline = 9 }} }}
source rows {{
  connector = parquet("rows.parquet")
  schema {{
    n : int?
    x : float?
    t : string?
  }}
  clean {{
    {clean}
  }}
}}
"""
TYPES = {"n": pl.Int64, "x": pl.Float64, "t": pl.String}


def lock_of(folder: Path, clean: str) -> Lock:
    """Compile the architecture with these repairs."""
    file = folder / "s.mlarch"
    file.write_text(ARCHITECTURE.format(clean=clean))
    return mlarch.load(file).compile().lock


def cleaned(folder: Path, clean: str, rows: list[tuple[Any, ...]], types: dict[str, Any] = TYPES) -> tuple[Dataset, list[tuple[Any, ...]]]:
    """Ingest rows, and return what is kept of them."""
    pl.DataFrame(rows, schema=types, orient="row").write_parquet(folder / "rows.parquet")
    lock = lock_of(folder, clean)
    dataset = ingest(lock, "rows", State(lock.root))
    return dataset, read(dataset, lock.root).rows()


def touched(dataset: Dataset) -> dict[str, int]:
    """The number of rows by repair."""
    return {each.rule: each.rows for each in dataset.repairs}


ROWS = [(1, 1048.0, "a"), (2, 12.0, "b"), (None, None, None), (2, 12.0, "b"), (90, -3.5, "b"), (2, None, "c")]

REPAIRS: list[tuple[str, list[tuple[Any, ...]], dict[str, int]]] = [
    ("null_if = x > 200", [(1, None, "a"), *ROWS[1:]], {"null_if x > 200": 1}),
    (
        "null_if = [x > 200, x < 0]",
        [(1, None, "a"), *ROWS[1:4], (90, None, "b"), ROWS[5]],
        {"null_if x > 200": 1, "null_if x < 0": 1},
    ),
    ('null_if = upper(t) == "B"', [(n, x, None if t == "b" else t) for n, x, t in ROWS], {'null_if upper(t) == "B"': 3}),
    (
        "clip { x in 0..200, n <= 50.5 }",
        [(1, 200.0, "a"), *ROWS[1:4], (50, 0.0, "b"), ROWS[5]],
        {"clip x in 0..200": 2, "clip n <= 50.5": 1},
    ),
    ("clip { n >= 1.5 }", [(2, 1048.0, "a"), *ROWS[1:]], {"clip n >= 1.5": 1}),
    ("clip { x >= -1 }", [*ROWS[:4], (90, -1.0, "b"), ROWS[5]], {"clip x >= -1": 1}),
    (
        'fill { x = 7, t = "none", n = 0 }',
        [*ROWS[:2], (0, 7.0, "none"), *ROWS[3:5], (2, 7.0, "c")],
        {"fill x = 7": 2, 'fill t = "none"': 1, "fill n = 0": 1},
    ),
    ("where = x > 0", [ROWS[0], ROWS[1], ROWS[3]], {"where x > 0": 3}),
    ("dedupe = [n, t]", [*ROWS[:3], *ROWS[4:]], {"dedupe n, t": 1}),
    ("dedupe = t", [*ROWS[:3], ROWS[5]], {"dedupe t": 2}),
    ("dedupe = x", [*ROWS[:3], *ROWS[4:]], {"dedupe x": 1}),
]


@pytest.mark.parametrize(("clean", "kept", "counts"), REPAIRS, ids=[clean for clean, _, _ in REPAIRS])
def test_each_repair_changes_what_it_says(clean: str, kept: list[tuple[Any, ...]], counts: dict[str, int], tmp_path: Path) -> None:
    """A repair leaves everything else as it is, and counts the rows that it touched; what is missing meets no condition and is no copy."""
    dataset, rows = cleaned(tmp_path, clean, ROWS)
    assert rows == kept and touched(dataset) == counts and dataset.rows == len(kept)


def test_repairs_come_one_after_the_other(tmp_path: Path) -> None:
    """A value that is set to missing is filled, a filled one is looked at by `where`, and copies are told by the repaired values."""
    clean = "dedupe = [n, x], where = x < 500, fill { x = 5 }, clip { x <= 300 }, null_if = x > 1000"
    dataset, rows = cleaned(tmp_path, clean, [(1, 1048.0, "a"), (1, None, "b"), (2, 400.0, "c"), (2, 300.0, "d"), (3, 1.0, "e")])
    assert rows == [(1, 5.0, "a"), (2, 300.0, "c"), (3, 1.0, "e")]
    counts = {"null_if x > 1000": 1, "clip x <= 300": 1, "fill x = 5": 2, "where x < 500": 0, "dedupe n, x": 2}
    assert touched(dataset) == counts and list(touched(dataset)) == list(counts)


def test_what_is_not_of_the_type_is_cast_to_missing(tmp_path: Path) -> None:
    """With `cast` a value that the type cannot hold is missing and counted, in that column alone."""
    rows = [("1", "2.5", "a"), ("one", "-", "b"), ("2.5", "3", None), (None, None, None)]
    dataset, kept = cleaned(tmp_path, "cast = [n, x]", rows, dict.fromkeys(TYPES, pl.String))
    assert kept == [(1, 2.5, "a"), (None, None, "b"), (None, 3.0, None), (None, None, None)]
    assert touched(dataset) == {"cast n": 2, "cast x": 1}


VALUES = st.tuples(
    st.one_of(st.none(), st.integers(-5, 5)), st.one_of(st.none(), st.floats(-4, 4)), st.one_of(st.none(), st.sampled_from("abc"))
)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(rows=st.lists(VALUES, min_size=1, max_size=20).filter(lambda rows: any(x is None or x > -1 for _, x, _ in rows)))
def test_repairs_are_what_python_makes_of_the_rows(rows: list[tuple[Any, ...]], tmp_path: Path) -> None:
    """All repairs together give the rows and the counts that a loop over the rows gives."""
    clean = "null_if = x > 3, clip { n in -2..2 }, fill { x = 0.5 }, where = x > -1, dedupe = [n, t]"
    dataset, kept = cleaned(tmp_path, clean, rows)
    counts, wanted, seen = [0] * 5, [], set()
    for n, x, t in rows:
        if x is not None and x > 3:
            x, counts[0] = None, counts[0] + 1
        if n is not None and not -2 <= n <= 2:
            n, counts[1] = max(-2, min(2, n)), counts[1] + 1
        if x is None:
            x, counts[2] = 0.5, counts[2] + 1
        if not x > -1:
            counts[3] += 1
        elif n is not None and t is not None and (n, t) in seen:
            counts[4] += 1
        else:
            wanted.append((n, x, t))
            seen.add((n, t))
    assert kept == wanted and list(touched(dataset).values()) == counts


def test_a_repair_comes_before_validation(project: Path, edit: Callable[[Path, str, str], Path]) -> None:
    """A value out of range stops a run; set to missing and filled it passes, in `check --data` as in a run, and the run says so."""
    cells("mean_area", "99999", {3, 4})(project.parent)
    assert mlarch.load(project).run(only="nuclei").problem is not None
    edit(project, "source nuclei {", "source nuclei {\n  clean { null_if = mean_area > 90000, fill { mean_area = 650 } }")
    assert mlarch.load(project).check_data() == []
    done = CliRunner().invoke(group, ["run", str(project), "--only", "nuclei"])
    assert done.exit_code == 0 and "569 rows; repaired null_if mean_area > 90000: 2, fill mean_area = 650: 2" in done.output
    lock = mlarch.load(project).compile().lock
    dataset = ingest(lock, "nuclei", State(lock.root))
    manifest = json.loads((lock.root / dataset.path).with_suffix(".json").read_text())
    assert [(each["rule"], each["rows"]) for each in manifest["repairs"]] == list(touched(dataset).items())
    assert all(lock.place(each.at) is not None for each in dataset.repairs)
    assert validate(lock, "nuclei", dataset, State(lock.root)).passed


def test_check_sees_the_repaired_rows(tmp_path: Path) -> None:
    """`check --data` leaves copies out as a run does, and takes no row that lacks a key for one."""
    rows = pl.DataFrame([(1, 1.0, "a"), (1, 2.0, "a"), (None, 3.0, "a"), (None, 4.0, "a")], schema=TYPES, orient="row")
    rows.write_parquet(tmp_path / "rows.parquet")
    lock_of(tmp_path, "dedupe = [n, t]")
    file = tmp_path / "s.mlarch"
    for expected, found in ((3, []), (4, ["MLA505"])):
        file.write_text(ARCHITECTURE.format(clean="dedupe = [n, t]").replace("  clean {", f"  expect {{ rows == {expected} }}\n  clean {{"))
        assert [item.code for item in mlarch.load(file).check_data()] == found


def test_another_repair_is_another_ingestion(project: Path, edit: Callable[[Path, str, str], Path]) -> None:
    """A changed repair reads the source anew; the same one does not."""
    edit(project, "source nuclei {", "source nuclei {\n  clean { clip { mean_area <= 2000 } }")
    before = mlarch.load(project).run(only="nuclei/ingested").values["nuclei/ingested"]
    edit(project, "mean_area <= 2000", "mean_area <= 1500")
    after = mlarch.load(project).run(only="nuclei/ingested").values["nuclei/ingested"]
    assert before.digest != after.digest and before.repairs[0].rows < after.repairs[0].rows
