"""Ingestion gives a table the schema's types, loses no value silently, and names it by its contents."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import mlarch
from mlarch.architecture.errors import ArchitectureError
from mlarch.architecture.lock import Lock
from mlarch.runtime.data.ingestion import content_digest, ingest, read
from mlarch.runtime.data.validation import validate
from mlarch.runtime.state import State

ARCHITECTURE = """language = "1.0"
system s {{ problem = regression, metric rmse {{ baseline = 9 }} }}
source rows {{
  connector = {connector}
  schema {{
    {columns}
  }}
}}
"""


def lock_of(folder: Path, connector: str, columns: str) -> Lock:
    """Compile an architecture with one source."""
    file = folder / "s.mlarch"
    file.write_text(ARCHITECTURE.format(connector=connector, columns=columns))
    return mlarch.load(file).compile().lock


def ingested(folder: Path, table: pl.DataFrame, columns: str) -> pl.DataFrame:
    """Write a table as Parquet, and read what ingestion makes of it."""
    table.write_parquet(folder / "rows.parquet")
    lock = lock_of(folder, 'parquet("rows.parquet")', columns)
    return read(ingest(lock, "rows", State(lock.root)), lock.root)


NOON = datetime(2013, 10, 11, 12, tzinfo=UTC)
NAN, INFINITY = float("nan"), float("inf")

FITTING: list[tuple[str, pl.Series, list[Any]]] = [
    ("float", pl.Series([1, None]), [1.0, None]),
    ("float", pl.Series([1.5, NAN, INFINITY, None]), [1.5, None, None, None]),
    ("float", pl.Series([" 1.5", "-2e3", None]), [1.5, -2000.0, None]),
    ("int", pl.Series([1.0, NAN, -3.0]), [1, None, -3]),
    ("int", pl.Series([" 7", "-8"]), [7, -8]),
    ("int", pl.Series([True, False]), [1, 0]),
    ("int", pl.Series([2**40], dtype=pl.UInt64), [2**40]),
    ("bool", pl.Series(["true", "False", "1", "no", " yes"]), [True, False, True, False, True]),
    ("bool", pl.Series([1, 0, None]), [True, False, None]),
    ("bool", pl.Series([1.0, 0.0]), [True, False]),
    ("string", pl.Series([1, 2]), ["1", "2"]),
    ("string", pl.Series([" a ", ""]), [" a ", ""]),
    ("category", pl.Series(["x", "y"], dtype=pl.Categorical), ["x", "y"]),
    ("float", pl.Series(["2.5", "1"], dtype=pl.Categorical), [2.5, 1.0]),
    ("timestamp", pl.Series(["2013-10-11T12:00:00Z", "2013-10-11T14:00:00+02:00"]), [NOON, NOON]),
    ("timestamp", pl.Series(["2013-10-11 12:00:00"]), [NOON]),
    ("timestamp", pl.Series([NOON.replace(tzinfo=None)], dtype=pl.Datetime("ms")), [NOON]),
    ("timestamp", pl.Series([NOON], dtype=pl.Datetime("ns", "Europe/Berlin")), [NOON]),
    ("date", pl.Series([date(2013, 10, 11)]), [NOON - timedelta(hours=12)]),
    ("date", pl.Series(["2013-10-11"]), [NOON - timedelta(hours=12)]),
]


@pytest.mark.parametrize(("kind", "values", "wanted"), FITTING, ids=lambda value: str(getattr(value, "dtype", "")) or None)
def test_values_take_the_declared_type(kind: str, values: pl.Series, wanted: list[Any], tmp_path: Path) -> None:
    """Whatever type a column has in the file, values that fit come out as the declared type; NaN and infinity are missing."""
    found = ingested(tmp_path, pl.DataFrame({"x": values}), f"x : {kind}?")["x"]
    assert found.to_list() == wanted and [type(each) for each in found] == [type(each) for each in wanted]


LOSING: list[tuple[str, pl.Series, str]] = [
    ("int", pl.Series([1.0, 1.5]), '1 of 2 values are not: "1.5"'),
    ("int", pl.Series(["1", "1.0"]), '"1.0"'),
    ("int", pl.Series(["99999999999999999999"]), '"99999999999999999999"'),
    ("int", pl.Series([2**64 - 1], dtype=pl.UInt64), '"18446744073709551615"'),
    ("int", pl.Series([INFINITY]), '"inf"'),
    ("float", pl.Series(["1,5"]), '"1,5"'),
    ("float", pl.Series([date(2013, 10, 11)]), '"2013-10-11"'),
    ("bool", pl.Series([0, 1, 2]), '"2"'),
    ("bool", pl.Series(["maybe"]), '"maybe"'),
    ("bool", pl.Series([date(2013, 10, 11)]), '"2013-10-11"'),
    ("timestamp", pl.Series([1381492800]), '"1381492800"'),
    ("timestamp", pl.Series(["yesterday"]), '"yesterday"'),
    ("date", pl.Series(["2013-10-11", "2013-02-30"]), '"2013-02-30"'),
    ("float", pl.Series([[1.0]]), "a list or an object"),
    ("string", pl.Series([{"a": 1}]), "a list or an object"),
]


@pytest.mark.parametrize(("kind", "values", "said"), LOSING, ids=lambda value: str(getattr(value, "dtype", "")) or None)
def test_no_value_is_lost_silently(kind: str, values: pl.Series, said: str, tmp_path: Path) -> None:
    """A value that the declared type cannot hold is shown in the message: nothing is rounded, wrapped or guessed."""
    with pytest.raises(ArchitectureError) as raised:
        ingested(tmp_path, pl.DataFrame({"x": values}), f"x : {kind}?")
    assert raised.value.code == "MLA503" and said in raised.value.message and raised.value.at == "source.rows.schema.x"


TABLE = pl.DataFrame({"n": [1, 2, None], "x": [0.5, None, -1.0], "t": ["a", "bc", ""], "b": [True, None, False]})
COLUMNS = "n : int?\n x : float?\n t : string?\n b : bool?"


def test_the_same_rows_have_the_same_digest_in_every_format(tmp_path: Path) -> None:
    """CSV, Parquet and JSON Lines with the same rows give one digest, whatever the order of the columns in the file."""
    table = TABLE.with_columns(pl.col("t").replace("", "x"))
    table.write_csv(tmp_path / "rows.csv")
    table.select("b", "t", "x", "n").write_parquet(tmp_path / "rows.parquet", row_group_size=1)
    table.write_ndjson(tmp_path / "rows.jsonl")
    digests = set()
    for connector in ('csv("rows.csv")', 'parquet("rows.parquet")', 'jsonl("rows.jsonl")'):
        lock = lock_of(tmp_path, connector, COLUMNS)
        digests.add(ingest(lock, "rows", State(lock.root)).digest)
    assert len(digests) == 1


@pytest.mark.parametrize(
    "change",
    [
        lambda table: table.reverse(),
        lambda table: table.rename({"t": "u"}),
        lambda table: table.with_columns(pl.col("n").fill_null(0)),
        lambda table: table.with_columns(pl.col("b").fill_null(False)),
        lambda table: table.with_columns(pl.col("x").fill_null(0.0)),
        lambda table: table.with_columns(t=pl.Series(["ab", "c", ""])),
        lambda table: table.with_columns(t=pl.Series(["a", "bc", None])),
        lambda table: table.with_columns(pl.col("n").cast(pl.Float64)),
        lambda table: table.with_columns(pl.col("x") * (1 + 1e-15)),
        lambda table: table.head(2),
    ],
)
def test_any_difference_changes_the_digest(change: Callable[[pl.DataFrame], pl.DataFrame]) -> None:
    """Another order, name, type, value, border between texts, or zero for missing: another digest."""
    assert content_digest(change(TABLE)) != content_digest(TABLE)


def test_a_sample_is_the_same_every_time_and_kept_apart(project: Path) -> None:
    """The same share gives the same rows, about so many, in a folder of its own; a smaller sample is part of a larger one."""
    lock = mlarch.load(project).compile().lock
    state = State(lock.root, sampled=True)
    first, second = (ingest(lock, "nuclei", state, sample=0.1) for _ in range(2))
    assert first == second and 35 <= first.rows <= 80 and first.path.startswith(".mlarch/sample/")
    larger = read(ingest(lock, "nuclei", state, sample=0.5), lock.root)
    assert 240 <= len(larger) <= 330 and set(read(first, lock.root)["sample_id"]) <= set(larger["sample_id"])


@pytest.mark.parametrize(
    ("connector", "data", "code", "said"),
    [
        ('parquet("rows.parquet")', b"PAR1 and nothing else", "MLA507", "rows.parquet cannot be read"),
        ('parquet("rows.parquet")', b"", "MLA507", "rows.parquet cannot be read"),
        ('jsonl("rows.jsonl")', b'{"x": 1}\n{"x": \n', "MLA507", "rows.jsonl cannot be read"),
        ('jsonl("rows.jsonl")', b"\xff\xfe{}", "MLA507", "UTF-16"),
        ('jsonl("rows.jsonl")', b'{"y": 1}\n', "MLA502", "no column `x`; did you mean `y`?"),
        ('jsonl("rows.jsonl")', b'{"x": 1}\n{"x": "one"}\n', "MLA503", '"one"'),
    ],
)
def test_other_formats_end_in_a_message_too(connector: str, data: bytes, code: str, said: str, tmp_path: Path) -> None:
    """A damaged Parquet file and malformed JSON Lines are one message each, at the connector or the column."""
    lock = lock_of(tmp_path, connector, "x : float?")
    (tmp_path / connector.split('"')[1]).write_bytes(data)
    with pytest.raises(ArchitectureError) as raised:
        ingest(lock, "rows", State(lock.root))
    assert raised.value.code == code and said in raised.value.message
    assert lock.place(raised.value.at or "") is not None


@pytest.mark.parametrize("damage", [lambda path: path.unlink(), lambda path: path.write_bytes(b"PAR1")], ids=["gone", "damaged"])
def test_a_damaged_copy_is_said_and_made_anew(damage: Callable[[Path], object], project: Path) -> None:
    """The Parquet copy that a later step reads may be lost or damaged: the message says to run again, and that helps."""
    lock = mlarch.load(project).compile().lock
    state = State(lock.root)
    dataset = ingest(lock, "nuclei", state)
    damage(lock.root / dataset.path)
    with pytest.raises(ArchitectureError) as raised:
        validate(lock, "nuclei", dataset, state)
    assert raised.value.code == "MLA608" and "run again" in (raised.value.help or "")
    assert len(read(ingest(lock, "nuclei", state), lock.root)) == 569
