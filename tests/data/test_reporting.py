"""What validation tells beside its verdict: rows set aside, how columns are distributed, and how far they have moved."""

from __future__ import annotations

import json
import math
from collections import Counter
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

import mlarch
from mlarch.architecture.errors import ArchitectureError
from mlarch.architecture.lock import Lock
from mlarch.cli import group
from mlarch.runtime.artifacts import Dataset, ValidationReport
from mlarch.runtime.data.ingestion import ingest, read
from mlarch.runtime.data.profiles import BINS, bars, psi
from mlarch.runtime.data.validation import measure, rule_names, validate
from mlarch.runtime.state import State

from .test_files import lock_of as lock_with

ARCHITECTURE = """language = "1.0"
system s {{ problem = regression, metric rmse {{ baseline = 9 }} }}
source rows {{
  connector = parquet("rows.parquet")
  {extra}
  schema {{
    key   : id
    n     : int in -5..5
    x     : float?
    kind  : category("a", "b")
    yes   : bool?
    seen  : timestamp?
  }}
}}
"""
TYPES = {"key": pl.String, "n": pl.Int64, "x": pl.Float64, "kind": pl.String, "yes": pl.Boolean, "seen": pl.String}
GOOD = [
    {"key": f"k{number}", "n": number % 3, "x": number / 10, "kind": "ab"[number % 2], "yes": number % 4 == 0, "seen": None}
    for number in range(100)
]


def lock_of(folder: Path, extra: str = "") -> Lock:
    """Compile the architecture with more keys of the source."""
    file = folder / "s.mlarch"
    file.write_text(ARCHITECTURE.format(extra=extra))
    return mlarch.load(file).compile().lock


def taken(lock: Lock, rows: list[dict[str, Any]]) -> tuple[Dataset, ValidationReport]:
    """Ingest and validate rows."""
    pl.DataFrame(rows, schema=TYPES).write_parquet(lock.root / "rows.parquet")
    state = State(lock.root)
    dataset = ingest(lock, "rows", state)
    return dataset, validate(lock, "rows", dataset, state)


BAD = [{**GOOD[0], "key": "bad1", "n": 9}, {**GOOD[0], "key": "bad2", "n": None, "kind": "c"}]


def test_rows_that_break_a_rule_are_set_aside(tmp_path: Path) -> None:
    """They are kept in a file beside, each with the rules that it breaks; what is left passes, and has the digest of the good rows."""
    lock = lock_of(tmp_path, "quarantine <= 2%")
    dataset, report = taken(lock, [*GOOD[:50], *BAD, *GOOD[50:]])
    assert report.passed and dataset.rows == 100 and dataset.quarantined == 2 and dataset.quarantine is not None
    aside = pl.read_parquet(lock.root / dataset.quarantine)
    assert aside.select("key", "broken").rows() == [("bad1", "n_range"), ("bad2", "n_present, kind_category")]
    good, _ = taken(lock, GOOD)
    assert good.digest == dataset.digest and good.quarantined == 0
    done = CliRunner().invoke(group, ["run", str(tmp_path / "s.mlarch"), "--only", "rows"])
    assert done.exit_code == 0 and "100 rows" in done.output


def test_more_bad_rows_than_allowed_stop_a_run(tmp_path: Path) -> None:
    """The message says how many there are and how many are allowed, and nothing is kept; without the key the rule itself fails."""
    lock = lock_of(tmp_path, "quarantine <= 1%")
    with pytest.raises(ArchitectureError) as raised:
        taken(lock, [*GOOD, *BAD])
    problem = raised.value
    assert (problem.code, problem.at) == ("MLA514", "source.rows.quarantine") and "2 of 102 rows break a rule" in problem.message
    assert [path for path in (tmp_path / ".mlarch").rglob("*") if path.is_file()] == [] and lock.place(problem.at or "") is not None
    assert not taken(lock_of(tmp_path), [*GOOD, *BAD])[1].passed


def test_a_key_that_is_there_twice_is_no_row_to_set_aside(tmp_path: Path) -> None:
    """Which of two equal ids is wrong cannot be told: validation fails all the same."""
    _, report = taken(lock_of(tmp_path, "quarantine <= 50%"), [*GOOD, GOOD[3]])
    assert [(rule.name, rule.failing) for rule in report.rules if not rule.passed] == [("key_unique", 2)]


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(values=st.lists(st.one_of(st.none(), st.floats(-100, 100)), min_size=1, max_size=40))
@example(values=[float(number) for number in range(17)])
def test_a_histogram_counts_each_value_once(values: list[float | None], tmp_path: Path) -> None:
    """The bins of a column hold what a loop over the values puts into them, and with what is missing they are all rows."""
    _, report = taken(lock_of(tmp_path), [{**GOOD[0], "key": str(number), "x": x} for number, x in enumerate(values)])
    held = [x for x in values if x is not None]
    found = {each.column: each for each in report.profiles}
    if not held:
        assert "x" not in found
        return
    x = found["x"]
    assert (x.low, x.high) == (min(held), max(held)) and x.missing == len(values) - len(held)
    wanted = Counter(sum(value >= edge for edge in x.edges) for value in held)
    assert list(x.counts) == [wanted[place] for place in range(len(x.edges) + 1)]
    assert len(x.edges) in (0, BINS - 1) and len(x.bars) == len(x.counts)


def test_categories_and_booleans_are_counted(tmp_path: Path) -> None:
    """Each category has a bin, what is none of them has one, and booleans have two; the report holds them as JSON."""
    lock = lock_of(tmp_path)
    _, report = taken(lock, [*GOOD, {**GOOD[0], "key": "c", "kind": "c"}])
    found = {each["column"]: each for each in json.loads((lock.root / report.path).read_text())["profiles"]}
    assert (found["kind"]["labels"], found["kind"]["counts"]) == (["a", "b", "other"], [50, 50, 1])
    assert (found["yes"]["labels"], found["yes"]["counts"]) == (["false", "true"], [75, 26]) and "key" not in found
    assert bars([0, 1, 4, 8]) == " ▁▄█" and bars([]) == bars([0, 0]) == ""


def test_drift_is_told_against_the_version_before(tmp_path: Path) -> None:
    """The same rows have not moved; a column that is shifted has, and no other one; it stops nothing that does not ask for it."""
    lock = lock_of(tmp_path)
    _, first = taken(lock, GOOD)
    assert first.before is None and first.drifts == ()
    _, second = taken(lock, [{**row, "x": row["x"] + 4, "key": f"z{row['key']}"} for row in GOOD])
    far = {each.column: each.psi for each in second.drifts}
    assert second.passed and second.before == first.digest
    assert far["x"] > 0.25 and far["n"] == far["kind"] == far["yes"] == 0


def test_drift_stops_a_run_where_the_file_asks(tmp_path: Path) -> None:
    """A column that moved further than `drift` allows fails a rule, which names it; the first version has nothing to be compared with."""
    lock = lock_of(tmp_path, "drift < 0.2")
    assert taken(lock, GOOD)[1].passed
    _, moved = taken(lock, [{**row, "x": row["x"] + 4, "kind": "a"} for row in GOOD])
    (broken,) = (rule for rule in moved.rules if not rule.passed)
    assert broken.name == "drift" and broken.failing == 2 and broken.at == "source.rows.drift"
    assert "kind is" in str(broken.measured) and "x is" in str(broken.measured)
    assert rule_names(lock.architecture.source["rows"])[-1][0] == "drift"
    _, again = taken(lock, [{**row, "x": row["x"] + 4, "kind": "a"} for row in GOOD])
    assert not again.passed and again.before == moved.before  # what was refused is no version to compare with


def test_the_index_is_that_of_the_formula() -> None:
    """Over the shares of the bins it is the sum of differences times log ratios, and 0 for the same shares."""
    assert psi((10, 30), (20, 60)) == 0
    assert math.isclose(psi((50, 50), (25, 75)), (0.25 - 0.5) * math.log(0.25 / 0.5) + (0.75 - 0.5) * math.log(0.75 / 0.5))
    assert psi((10, 0), (0, 10)) > 5


def test_what_is_known_only_in_the_future_is_refused(tmp_path: Path) -> None:
    """A clock that runs ahead makes rows that are known after now: they break a rule of `known_at`."""
    lock = lock_of(tmp_path, "timestamp = seen, known_at = seen")
    _, report = taken(lock, [*GOOD, {**GOOD[0], "key": "later", "seen": "2999-01-01T00:00:00Z"}])
    (broken,) = (rule for rule in report.rules if not rule.passed)
    assert (broken.rule, broken.failing, broken.at) == ("seen is not in the future", 1, "source.rows.known_at")


def test_one_pass_measures_everything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many rules there are, the rows are gone through once; a second time only to show those that break one."""
    lock = lock_of(tmp_path, "expect { rows > 1, mean(n) < 9, distinct(kind) >= 1 }")
    passes = []
    plain = pl.LazyFrame.collect
    monkeypatch.setattr(pl.LazyFrame, "collect", lambda frame, **options: passes.append(1) or plain(frame, **options))
    pl.DataFrame(GOOD, schema=TYPES).write_parquet(lock.root / "rows.parquet")
    state = State(lock.root)
    dataset = ingest(lock, "rows", state)
    passes.clear()
    assert validate(lock, "rows", dataset, state).passed and len(passes) == 1
    assert len(read(dataset, lock.root)) == 100


def test_however_many_rules_are_broken_their_rows_are_looked_for_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Forty broken rules take as many passes as one, each shows the first rows that break it, also where a column is called `row`."""
    columns = ["row", *(f"c{place}" for place in range(39))]
    table = pl.DataFrame({name: [*range(place, place + 20)] for place, name in enumerate(columns)})
    table.write_parquet(tmp_path / "rows.parquet")
    lock = lock_with(tmp_path, 'parquet("rows.parquet")', "\n ".join(f"{name} : int in 0..17" for name in columns))
    passes = []
    plain = pl.LazyFrame.collect
    monkeypatch.setattr(pl.LazyFrame, "collect", lambda self, **named: passes.append(1) or plain(self, **named))
    broken = measure(table.lazy(), lock.architecture.source["rows"]).rules
    assert sum(not each.passed for each in broken) == 40 and len(passes) == 3
    ranges = [each for each in broken if not each.passed]
    for place, (name, each) in enumerate(zip(columns, ranges, strict=True)):
        first = max(0, 18 - place)
        assert [example["row_"] for example in each.examples] == [*range(first + 1, 21)][: len(each.examples)]
        assert each.failing == 20 - first and each.examples[0][name] == max(18, place)
    assert "row 19 has 18, row 20 has 19" in mlarch.load(tmp_path / "s.mlarch").check_data()[0].helps[0]
