"""The same bad rows by every connector: the same clear error, the version before as it was, and once mended the same rows as ever."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import polars as pl
import pytest

from mlarch.architecture.errors import ArchitectureError
from mlarch.runtime.data.connectors import bigquery, gcs, google
from mlarch.runtime.data.connectors import http as api

from .google import Cloud, cloud
from .kafka import brokers
from .test_bad_input import CONNECTOR, ROWS, SCHEMA, kept, lock_of, taken
from .test_connectors import serving

GOOD = ROWS[:40]
#: A connector: what the architecture says of it, and how it is given a table.
Feed = tuple[str, Callable[[pl.DataFrame], None]]


def by_python(folder: Path, stack: ExitStack, patch: pytest.MonkeyPatch) -> Feed:
    """A function that reads what lies beside it."""
    name = f"feeding_{abs(hash(folder))}"
    (folder / f"{name}.py").write_text(
        "import polars as pl, pathlib\ndef rows():\n    return pl.read_parquet(pathlib.Path(__file__).parent / 'held.parquet')\n"
    )
    return f'python("{name}:rows")', lambda table: table.write_parquet(folder / "held.parquet")


def by_sqlite(folder: Path, stack: ExitStack, patch: pytest.MonkeyPatch) -> Feed:
    """A table of a SQLite database."""

    def feed(table: pl.DataFrame) -> None:
        with sqlite3.connect(folder / "shop.db") as connection:
            connection.execute("DROP TABLE IF EXISTS held")
            connection.execute(f"CREATE TABLE held ({', '.join(table.columns)})")
            connection.executemany(f"INSERT INTO held VALUES ({', '.join('?' * table.width)})", table.rows())
        connection.close()

    return 'sql("sqlite:///shop.db", "SELECT * FROM held")', feed


def by_http(folder: Path, stack: ExitStack, patch: pytest.MonkeyPatch) -> Feed:
    """An API of one page."""
    patch.setattr(api, "PAUSE", 0.01)
    held: list[list[dict[str, object]]] = [[]]
    url = stack.enter_context(serving(lambda path, _: (200, {}, held[0])))
    return f'http("{url}")', lambda table: held.__setitem__(0, table.to_dicts())


def _cloud(stack: ExitStack, patch: pytest.MonkeyPatch) -> Cloud:
    pytest.importorskip("google.cloud.bigquery")
    patch.delenv(google.FILE, raising=False)
    found = stack.enter_context(cloud())
    patch.setenv(gcs.EMULATOR, found.url)
    patch.setenv(bigquery.EMULATOR, found.url)
    return found


def by_gcs(folder: Path, stack: ExitStack, patch: pytest.MonkeyPatch) -> Feed:
    """A Parquet object."""
    found = _cloud(stack, patch)

    def feed(table: pl.DataFrame) -> None:
        data = BytesIO()
        table.write_parquet(data)
        found.put("shop/held.parquet", data.getvalue())

    return 'gcs("gs://shop/held.parquet")', feed


def by_bigquery(folder: Path, stack: ExitStack, patch: pytest.MonkeyPatch) -> Feed:
    """A table of BigQuery."""
    found = _cloud(stack, patch)

    def feed(table: pl.DataFrame) -> None:
        fields = [{"name": name, "type": "INTEGER" if kind.is_integer() else "STRING"} for name, kind in table.schema.items()]
        found.tables["a.b.held"] = (fields, [[None if each is None else str(each) for each in row] for row in table.rows()])

    return 'bigquery("a.b.held")', feed


FEEDS = {"python": by_python, "sqlite": by_sqlite, "http": by_http, "gcs": by_gcs, "bigquery": by_bigquery}


@dataclass(frozen=True)
class Case:
    """What the rows become, and what is said."""

    broken: pl.DataFrame
    code: str
    at: str
    said: str


CASES = {
    "column gone": Case(GOOD.drop("name"), "MLA502", f"{SCHEMA}.name", "no column `name`"),
    "column renamed": Case(GOOD.rename({"name": "nane"}), "MLA502", f"{SCHEMA}.name", "did you mean `nane`?"),
    "int turned into text": Case(
        GOOD.with_columns(pl.format("{} pcs", "n").alias("n")), "MLA503", f"{SCHEMA}.n", '40 of 40 values are not: "0 pcs"'
    ),
    "no rows": Case(GOOD.clear(), "MLA506", CONNECTOR, "has no rows"),
    "keys twice": Case(pl.concat([GOOD, GOOD[:1]]), "MLA505", f"{SCHEMA}.key", "key is unique, in 2 of 41 rows"),
    "a clock in the future": Case(
        GOOD.with_columns(pl.lit("2999-01-01T00:00:00Z").alias("at")), "MLA505", "source.rows.known_at", "at is not in the future, in 40"
    ),
    "a value missing": Case(
        GOOD.with_columns(pl.when(pl.col("n") != 3).then("n").alias("n")), "MLA505", f"{SCHEMA}.n", "n is never missing, in 1 of 40 rows"
    ),
}


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    """What is to be closed after a test."""
    with ExitStack() as held:
        yield held


def lock_with(folder: Path, connector: str) -> object:
    """Compile the architecture of the bad files with another connector."""
    (folder / "rows.csv").touch()
    lock_of(folder, "csv")
    file = folder / "s.mlarch"
    file.write_text(file.read_text().replace('csv("rows.csv")', connector))
    import mlarch

    return mlarch.load(file).compile().lock


@pytest.mark.parametrize("feed", FEEDS.values(), ids=FEEDS)
def test_bad_rows_are_refused_alike(feed: Callable[..., Feed], stack: ExitStack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is wrong with the rows, the code, the place and the words are those of a file; good rows make the version again."""
    connector, give = feed(tmp_path, stack, monkeypatch)
    lock = lock_with(tmp_path, connector)
    give(GOOD)
    first, before = taken(lock), kept(tmp_path)  # type: ignore[arg-type]
    for name, case in CASES.items():
        give(case.broken)
        with pytest.raises(ArchitectureError) as raised:
            taken(lock)  # type: ignore[arg-type]
        problem = raised.value
        assert (problem.code, problem.at) == (case.code, case.at), (name, problem.message)
        assert case.said in problem.message and "\n" not in problem.message and problem.help, name
        assert {each: data for each, data in kept(tmp_path).items() if each in before} == before
        assert [each.name for each in (tmp_path / ".mlarch" / "data").rglob(".*")] == []
    give(GOOD)
    assert taken(lock) == first  # type: ignore[arg-type]


def test_bad_messages_are_refused_alike(tmp_path: Path) -> None:
    """Of a topic the good rows stay and the bad ones come to them: what is wrong is told by the same codes at the same places."""
    pytest.importorskip("confluent_kafka")
    for number, (name, case) in enumerate(CASES.items()):
        if case.code in ("MLA502", "MLA506"):
            continue  # a message may lack a key, and no new messages are no mistake
        folder = tmp_path / str(number)
        folder.mkdir()
        with brokers() as broker:
            lock = lock_with(folder, f'kafka("visits", "{broker.address}")')
            broker.send("visits", *GOOD.to_dicts(), partition=0)
            first = taken(lock)  # type: ignore[arg-type]
            broker.send("visits", *[json.dumps(row).encode() for row in case.broken.to_dicts()], partition=0)
            with pytest.raises(ArchitectureError) as raised:
                taken(lock)  # type: ignore[arg-type]
            assert (raised.value.code, raised.value.at) == (case.code if name != "a value missing" else "MLA505", raised.value.at), name
            assert (folder / first.path).exists()
