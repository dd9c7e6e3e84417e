"""Input that goes wrong between two runs or in the middle of one: a clear error, nothing half-written, and a rerun carries on."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest

import mlarch
from mlarch.architecture.errors import ArchitectureError
from mlarch.architecture.lock import Lock
from mlarch.runtime.artifacts import Dataset
from mlarch.runtime.data.ingestion import ingest, read
from mlarch.runtime.data.validation import validate
from mlarch.runtime.state import State
from mlarch.targets.dagster.outcomes import refusal
from mlarch.targets.dagster.work import Work

ARCHITECTURE = """language = "1.0"
system s {{ problem = regression, metric rmse {{ baseline = 9 }} }}
source rows {{
  connector = {connector}
  timestamp = at
  known_at  = at
  schema {{
    key  : id
    n    : int in 0..1000000
    name : string
    at   : timestamp
  }}
}}
"""
ROWS = pl.DataFrame(
    {
        "key": [f"k{number}" for number in range(5000)],
        "n": range(5000),
        "name": [f"näme {number}" for number in range(5000)],
        "at": [f"2013-10-{1 + number % 30:02}T12:00:00Z" for number in range(5000)],
    }
)
FILES = {"parquet": ROWS.write_parquet, "csv": ROWS.write_csv, "jsonl": ROWS.write_ndjson}


@dataclass(frozen=True)
class Case:
    """How a file is broken, and the code, the path and the words of what is said of it."""

    kind: str
    broken: Callable[[Path], object]
    code: str
    at: str
    said: str


def cut(share: float) -> Callable[[Path], object]:
    """The file ends early."""
    return lambda path: path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])


def torn(path: Path) -> None:
    """Bytes in the middle of the file are others."""
    data = path.read_bytes()
    middle = len(data) // 3
    path.write_bytes(data[:middle] + bytes(500) + data[middle + 500 :])


def changed(change: pl.Expr) -> Callable[[Path], object]:
    """The table is another one."""
    return lambda path: {"parquet": pl.DataFrame.write_parquet, "csv": pl.DataFrame.write_csv, "jsonl": pl.DataFrame.write_ndjson}[
        path.suffix[1:]
    ](ROWS.with_columns(change), path)


def in_half(path: Path) -> None:
    """The last line of a text file is cut within its values."""
    text = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([*text[:-1], text[-1][:5]]), encoding="utf-8")


CONNECTOR, SCHEMA = "source.rows.connector", "source.rows.schema"
CASES = {
    "parquet cut off": Case("parquet", cut(0.7), "MLA507", CONNECTOR, "rows.parquet cannot be read"),
    "parquet with torn pages": Case("parquet", torn, "MLA507", CONNECTOR, "rows.parquet cannot be read"),
    "parquet of nothing": Case("parquet", lambda path: path.write_bytes(b""), "MLA507", CONNECTOR, "rows.parquet cannot be read"),
    "CSV cut off in a line": Case("csv", in_half, "MLA507", CONNECTOR, "it ends within a line: the last one has 1 of 4 values"),
    "CSV cut off within quotes": Case(
        "csv",
        lambda path: path.write_text(f'{path.read_text(encoding="utf-8")}k5000,5000,"näme', encoding="utf-8"),
        "MLA507",
        CONNECTOR,
        "rows.csv cannot be read",
    ),
    "CSV in another encoding": Case(
        "csv", lambda path: path.write_bytes(path.read_text(encoding="utf-8").encode("latin-1")), "MLA507", CONNECTOR, "line 2 is not UTF-8"
    ),
    "CSV that is compressed and cut off": Case(
        "csv", lambda path: path.write_bytes(gzip.compress(path.read_bytes())[:3000]), "MLA507", CONNECTOR, "rows.csv cannot be read"
    ),
    "JSON Lines cut off in a line": Case("jsonl", cut(0.999), "MLA507", CONNECTOR, "rows.jsonl cannot be read"),
    "column gone": Case("parquet", lambda path: ROWS.drop("name").write_parquet(path), "MLA502", f"{SCHEMA}.name", "no column `name`"),
    "column renamed": Case(
        "csv", lambda path: ROWS.rename({"name": "nane"}).write_csv(path), "MLA502", f"{SCHEMA}.name", "did you mean `nane`?"
    ),
    "int turned into text": Case(
        "parquet", changed(pl.format("{} pcs", "n").alias("n")), "MLA503", f"{SCHEMA}.n", '5000 of 5000 values are not: "0 pcs"'
    ),
    "int turned into text in JSON": Case(
        "jsonl",
        changed(pl.when(pl.col("n") == 4000).then(pl.lit("many")).otherwise(pl.col("n").cast(pl.String)).alias("n")),
        "MLA503",
        f"{SCHEMA}.n",
        '1 of 5000 values are not: "many"',
    ),
    "text turned into a list": Case(
        "parquet", changed(pl.concat_list("name").alias("name")), "MLA503", f"{SCHEMA}.name", "5000 of 5000 values are not"
    ),
    "time turned into a number": Case(
        "parquet", changed(pl.lit(1_381_492_800).alias("at")), "MLA503", f"{SCHEMA}.at", '5000 of 5000 values are not: "1381492800"'
    ),
    "no rows": Case("parquet", lambda path: ROWS.clear().write_parquet(path), "MLA506", CONNECTOR, "rows.parquet has no rows"),
    "no rows in a text": Case("csv", lambda path: ROWS.clear().write_csv(path), "MLA506", CONNECTOR, "rows.csv has no rows"),
    "keys twice": Case("parquet", changed(pl.lit("k1").alias("key")), "MLA505", f"{SCHEMA}.key", "key is unique, in 5000 of 5000 rows"),
    "a clock in the future": Case(
        "csv", changed(pl.lit("2999-01-01T00:00:00Z").alias("at")), "MLA505", "source.rows.known_at", "at is not in the future, in 5000"
    ),
}


def lock_of(folder: Path, kind: str) -> Lock:
    """Compile the architecture for a kind of file."""
    file = folder / "s.mlarch"
    file.write_text(ARCHITECTURE.format(connector=f'{kind}("rows.{kind}")'))
    return mlarch.load(file).compile().lock


def taken(lock: Lock) -> Dataset:
    """Ingest and validate as an engine would."""
    work = Work(lock, State(lock.root))
    dataset: Dataset = work.steps["rows/ingested"].run()
    step = work.steps["rows/validated"]
    refused = refusal(step, step.run(dataset))
    if refused is not None:
        raise refused
    return dataset


def kept(folder: Path) -> dict[str, bytes]:
    """The tables that are kept."""
    return {path.name: path.read_bytes() for path in (folder / ".mlarch" / "data").rglob("*.parquet")}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_source_that_breaks_between_two_runs_is_refused(case: Case, tmp_path: Path) -> None:
    """What a run kept stays as it was, the next one ends in one message at its place, and once mended gives what it gave."""
    path = tmp_path / f"rows.{case.kind}"
    FILES[case.kind](path)
    good = path.read_bytes()
    lock = lock_of(tmp_path, case.kind)
    first, before = taken(lock), kept(tmp_path)
    case.broken(path)
    with pytest.raises(ArchitectureError) as raised:
        taken(lock)
    problem = raised.value
    assert (problem.code, problem.at) == (case.code, case.at), problem.message
    assert case.said in problem.message and "\n" not in problem.message and problem.help and lock.place(case.at) is not None
    after = kept(tmp_path)
    assert {name: after[name] for name in before} == before
    assert [each.name for each in (tmp_path / ".mlarch" / "data").rglob(".*")] == []
    path.write_bytes(good)
    assert taken(lock) == first


def test_the_second_half_of_a_file_is_looked_at_as_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages that are torn far behind the first batch are found before anything is kept."""
    from mlarch.runtime.data.connectors import rows as batching

    monkeypatch.setattr(batching, "BATCH", 100)
    ROWS.write_parquet(tmp_path / "rows.parquet", row_group_size=200, compression="uncompressed", statistics=False)
    data = (tmp_path / "rows.parquet").read_bytes()
    place = data.rindex("näme 4990".encode())
    (tmp_path / "rows.parquet").write_bytes(data[: place - 4] + b"\xff" * 40 + data[place + 36 :])
    lock = lock_of(tmp_path, "parquet")
    with pytest.raises(ArchitectureError) as raised:
        ingest(lock, "rows", State(lock.root))
    assert raised.value.code == "MLA507" and kept(tmp_path) == {}


def test_versions_stay_beside_one_another(tmp_path: Path) -> None:
    """New rows are a new version; the one before is not touched, and both can be read."""
    lock = lock_of(tmp_path, "csv")
    ROWS.write_csv(tmp_path / "rows.csv")
    first = taken(lock)
    ROWS.head(4000).write_csv(tmp_path / "rows.csv")
    second = taken(lock)
    assert (len(read(first, lock.root)), len(read(second, lock.root))) == (5000, 4000) and first.digest != second.digest
    assert validate(lock, "rows", second, State(lock.root)).before == first.digest
