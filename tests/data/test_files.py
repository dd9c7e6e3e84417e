"""Several files are one table: in the order of their paths, with the folders of a partitioned one as columns, or a clear error."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

import mlarch
from mlarch.architecture.errors import ArchitectureError
from mlarch.architecture.lock import Lock
from mlarch.runtime.artifacts import Dataset
from mlarch.runtime.data.ingestion import ingest, read, source_digest
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
ROWS = pl.DataFrame({"n": range(10), "t": list("abcdefghij")})
COLUMNS = "n : int\n t : string"
WRITERS: dict[str, Callable[[pl.DataFrame, Path], object]] = {
    "csv": lambda table, path: table.write_csv(path),
    "parquet": lambda table, path: table.write_parquet(path),
    "jsonl": lambda table, path: table.write_ndjson(path),
}


def lock_of(folder: Path, connector: str, columns: str = COLUMNS) -> Lock:
    """Compile an architecture with one source."""
    file = folder / "s.mlarch"
    file.write_text(ARCHITECTURE.format(connector=connector, columns=columns))
    return mlarch.load(file).compile().lock


def ingested(folder: Path, connector: str, columns: str = COLUMNS) -> tuple[Dataset, pl.DataFrame]:
    """Ingest, and return what is kept."""
    lock = lock_of(folder, connector, columns)
    dataset = ingest(lock, "rows", State(lock.root))
    return dataset, read(dataset, lock.root)


def put(table: pl.DataFrame, path: Path) -> None:
    """Write a table of the kind that the suffix names."""
    path.parent.mkdir(parents=True, exist_ok=True)
    WRITERS[path.suffix[1:]](table, path)


def refused(folder: Path, connector: str, columns: str = COLUMNS) -> ArchitectureError:
    """Ingest, and return what is said against it; nothing is kept."""
    with pytest.raises(ArchitectureError) as raised:
        ingested(folder, connector, columns)
    assert list((folder / ".mlarch" / "data" / "rows").iterdir() if (folder / ".mlarch" / "data" / "rows").exists() else ()) == []
    return raised.value


@pytest.mark.parametrize("kind", WRITERS)
def test_files_of_a_pattern_are_one_table(kind: str, tmp_path: Path) -> None:
    """The files that a pattern matches are read in the order of their paths, and have the digest of one file with the same rows."""
    for name, part in (("b", ROWS[4:7]), ("a/z", ROWS[:4]), ("c", ROWS[7:]), ("ignored.txt", ROWS)):
        put(part, tmp_path / "data" / f"{name}.{kind}") if "." not in name else None
    put(ROWS, tmp_path / f"whole.{kind}")
    many, rows = ingested(tmp_path, f'{kind}("data/**/*.{kind}")')
    whole, _ = ingested(tmp_path, f'{kind}("whole.{kind}")')
    assert rows.equals(ROWS) and many.digest == whole.digest and many.rows == 10


@pytest.mark.parametrize("kind", WRITERS)
def test_folders_of_a_partitioned_table_are_columns(kind: str, tmp_path: Path) -> None:
    """`year=2013/` is a column with the declared type, Hive's name for nothing is a missing value, and its texts are unquoted."""
    for folder, part in (("year=2012/place=New%20York", ROWS[:3]), ("year=2013/place=__HIVE_DEFAULT_PARTITION__", ROWS[3:])):
        put(part, tmp_path / "data" / folder / f"part.{kind}")
    _, rows = ingested(tmp_path, f'{kind}("data/year=*/*/*.{kind}")', "year : int\n place : string?\n n : int")
    assert rows["year"].to_list() == [2012] * 3 + [2013] * 7 and rows["n"].to_list() == list(range(10))
    assert rows["place"].to_list() == ["New York"] * 3 + [None] * 7


def test_partitions_alone_are_read_too(tmp_path: Path) -> None:
    """A schema that names columns of folders only has as many rows as the files."""
    put(ROWS, tmp_path / "data" / "year=2012" / "a.parquet")
    _, rows = ingested(tmp_path, 'parquet("data/*/*.parquet")', "year : int")
    assert rows["year"].to_list() == [2012] * 10


@pytest.mark.parametrize(
    ("other", "said"),
    [
        (ROWS.drop("t"), "data/b.{kind} has no column `t`, and data/a.{kind} has one"),
        (ROWS.rename({"t": "u"}), "data/b.{kind} has no column `t`"),
    ],
)
@pytest.mark.parametrize("kind", WRITERS)
def test_files_with_other_columns_are_refused(kind: str, other: pl.DataFrame, said: str, tmp_path: Path) -> None:
    """A file that lacks a column of the others is named, whichever comes first."""
    put(ROWS, tmp_path / "data" / f"a.{kind}")
    put(other, tmp_path / "data" / f"b.{kind}")
    problem = refused(tmp_path, f'{kind}("data/*.{kind}")')
    assert problem.code == "MLA511" and said.format(kind=kind) in problem.message and problem.at == "source.rows.connector"


def test_a_column_that_turned_from_int_to_text_is_refused(tmp_path: Path) -> None:
    """A later file in which a column has another type is named with both types."""
    put(ROWS, tmp_path / "data" / "a.parquet")
    put(ROWS.with_columns(pl.col("n").cast(pl.String)), tmp_path / "data" / "b.parquet")
    problem = refused(tmp_path, 'parquet("data/*.parquet")')
    assert problem.code == "MLA511" and "`n` is Int64 in data/a.parquet, and String in data/b.parquet" in problem.message


def test_a_pattern_without_a_match_is_said(tmp_path: Path) -> None:
    """Where no file matches, the message shows what is there."""
    put(ROWS, tmp_path / "data" / "a.csv")
    problem = refused(tmp_path, 'parquet("data/*.parquet")')
    assert (problem.code, problem.message) == ("MLA501", "no file matches data/*.parquet") and "a.csv" in (problem.help or "")


def test_one_broken_file_of_many_is_refused_whole(tmp_path: Path) -> None:
    """A damaged file in the middle leaves nothing behind; mended, the same command carries on."""
    put(ROWS, tmp_path / "data" / "a.parquet")
    put(ROWS, tmp_path / "data" / "b.parquet")
    broken = tmp_path / "data" / "b.parquet"
    good = broken.read_bytes()
    broken.write_bytes(good[:60] + bytes(40) + good[100:])
    refused(tmp_path, 'parquet("data/*.parquet")')
    broken.write_bytes(good)
    assert ingested(tmp_path, 'parquet("data/*.parquet")')[0].rows == 20


def test_a_file_more_is_a_change(tmp_path: Path) -> None:
    """A file that comes, goes, moves or changes is seen by the cheap look for changes."""
    put(ROWS, tmp_path / "data" / "a.csv")
    lock = lock_of(tmp_path, 'csv("data/*.csv")')
    seen = {source_digest(lock, "rows")}
    put(ROWS, tmp_path / "data" / "b.csv")
    seen.add(source_digest(lock, "rows"))
    (tmp_path / "data" / "b.csv").rename(tmp_path / "data" / "c.csv")
    seen.add(source_digest(lock, "rows"))
    put(ROWS[:3], tmp_path / "data" / "c.csv")
    seen.add(source_digest(lock, "rows"))
    assert len(seen) == 4


def test_check_looks_at_the_files_of_a_pattern(tmp_path: Path) -> None:
    """`check --data` reads the files of a pattern, and finds there what a run would."""
    put(ROWS, tmp_path / "data" / "a.csv")
    put(ROWS.with_columns(n=pl.lit("x")), tmp_path / "data" / "b.csv")
    lock_of(tmp_path, 'csv("data/*.csv")')
    (found,) = mlarch.load(tmp_path / "s.mlarch").check_data()
    assert found.code == "MLA503" and re.search(r"10 of 20 values are not", found.message)
