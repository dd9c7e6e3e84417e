"""Joins in time on the flights of 2013 beside Feast's offline stores: the weather at the airport, and the aircraft's latest landing.

`python -m tests.benchmarks.feast_join [ROUNDS]` measures these figures alone. All read the same Parquet files and give the same columns;
an answer that differs, other than between rows of one moment or where Feast loses the question, is an error. Feast pairs each question
with every row of its entity, 8,700 of them for an airport. So it is asked about a part of the flights, and we about the same part and
about all.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

import polars as pl

from mlarch.architecture.blocks.source import Refresh
from mlarch.architecture.expressions import Name
from mlarch.architecture.program import FeatureProgram, History, HistoryValue
from mlarch.architecture.types import Column, ColumnType
from mlarch.runtime.features.histories.offline import with_histories

from .commands import ROOT, Failed, run
from .figures import Figure, Result, Series, Target
from .machine import facts

DATA = ROOT / "examples" / "flights" / "data"
FILE, DUCKDB = "Feast's file store (Dask)", "Feast's DuckDB store"
#: The key of each view, and its features.
VIEWS = {"weather": ("origin", "wind_speed", "precip", "visib"), "aircraft": ("tailnum", "arr_delay")}
SHOWN = {"weather": "the airport's latest weather", "aircraft": "the aircraft's latest landing"}
#: How many moments Feast is asked about: it then pairs 17 and 3 million rows, in 2 GB.
ASKED = {"weather": 2_000, "aircraft": 20_000}
#: DuckDB 2 has no place in Feast yet, so that this one is in an environment of its own.
WITH_DUCKDB = ("feast>=0.67,<1", "duckdb<2", "ibis-framework[duckdb]", "pandas<3")
Tables = Mapping[str, pl.DataFrame]


class FeastJoins:
    """Rows a second, of the processor and of the clock, by what is joined and who does it."""

    def __init__(self, folder: Path, tables: Tables, duckdb: str | None = None) -> None:
        """Write the files that all read; `duckdb` is a Python whose Feast can use its DuckDB."""
        self.folder, self.flights = folder, len(tables["flights"])
        self.stores = {FILE: (sys.executable, "dask")} | ({DUCKDB: (duckdb, "duckdb")} if duckdb else {})
        self.rates: dict[tuple[str, str, str], list[float]] = defaultdict(list)
        self.different: dict[tuple[str, str], Different] = {}
        self.naive: dict[str, Different] = {}
        (folder / "views.json").write_text(json.dumps(VIEWS))
        for name, table in files(tables).items():
            table.write_parquet(folder / f"{name}.parquet")

    def round(self) -> None:
        """Measure everything once. Raises AssertionError where answers differ for a reason that is not known."""
        ours = {name: self._ours(name, "asked") for name in VIEWS}
        for name in VIEWS:
            self._ours(name, "every")
        for store, (python, kind) in self.stores.items():
            said = run(python, str(Path(__file__).with_name("feast_rival.py")), kind, str(self.folder))
            for name, (cpu, clock) in json.loads(said.splitlines()[-1]).items():
                self._keep((name, store), len(ours[name]), cpu, clock)
                self.different[name, store] = found = compared(name, ours[name], self._read(f"answered_{name}"), self._read(name))
                assert not found.otherwise, f"{found.otherwise} answers of {store} about {name} differ, and nothing says why"
            self.naive[store] = compared("aircraft", ours["aircraft"], self._read("naive_aircraft"), self._read("aircraft"))

    def figures(self) -> Iterator[Figure]:
        """Yield the figures that are to be reached."""
        target = Target(ratio=(FILE, 5), below=False)
        for name in VIEWS:
            for measure, unit in (("cpu", "rows per CPU second"), ("clock", "rows per second")):
                references = {store: self._rate(name, store, measure) for store in self.stores}
                shown = f"{SHOWN[name]}, {ASKED[name]:,} moments" if measure == "cpu" else "    by the clock"
                yield Figure(name=shown, unit=unit, ours=self._rate(name, "asked", measure), references=references, target=target)
            yield Figure(name=f"    of all {self.flights:,} flights", unit="rows per CPU second", ours=self._rate(name, "every", "cpu"))

    def lines(self) -> Iterator[str]:
        """Yield how the answers compare, a line for each join and store."""
        for (name, store), found in self.different.items():
            yield f"  {SHOWN[name]}, {store}: {found.text()}"
        for store, found in self.naive.items():
            yield f"  {SHOWN['aircraft']}, {store}, by default, as if a flight's delay were known at departure: {found.text()}"

    def _ours(self, name: str, asked: str) -> pl.DataFrame:
        cpu, clock = time.process_time(), time.perf_counter()
        made = with_histories(PROGRAMS[name], self._read(f"{asked}_{name}"), {name: self._read(name)})
        self._keep((name, asked), len(made), time.process_time() - cpu, time.perf_counter() - clock)
        return made

    def _read(self, name: str) -> pl.DataFrame:
        return pl.read_parquet(self.folder / f"{name}.parquet")

    def _keep(self, what: tuple[str, str], rows: int, cpu: float, clock: float) -> None:
        self.rates[*what, "cpu"].append(rows / cpu)
        self.rates[*what, "clock"].append(rows / clock)

    def _rate(self, name: str, who: str, measure: str) -> Series:
        return Series(tuple(self.rates[name, who, measure]))


class Different:
    """How one store's answers compare with ours: how many questions, and of which it answers otherwise or not at all."""

    def __init__(self, asked: int, lost: int, tied: int, otherwise: int) -> None:
        self.asked, self.lost, self.tied, self.otherwise = asked, lost, tied, otherwise

    def text(self) -> str:
        """Return it as a sentence."""
        return (
            f"{self.asked:,} compared, {self.lost:,} questions lost (all rows of the entity are later), "
            f"{self.tied:,} differ between rows of one moment, {self.otherwise:,} differ otherwise"
        )


def compared(name: str, ours: pl.DataFrame, theirs: pl.DataFrame, table: pl.DataFrame) -> Different:
    """Compare answers question by question.

    A question of an entity whose rows are all later has no row in the answer of Feast's file store; of several rows of one entity and
    time, Feast takes any.
    """
    key, *features = VIEWS[name]
    on = [key, "event_timestamp"]
    theirs = theirs.select(key, pl.col("event_timestamp").cast(ours.schema["event_timestamp"]), *features).with_columns(there=True)
    both = ours.select(*on, "happened", *(pl.col(each).alias(f"our {each}") for each in features)).join(theirs, on=on, how="left")
    assert both.height == ours.height, "a question is answered once"
    lost = both.filter(pl.col("there").is_null())
    assert lost.select(pl.all_horizontal(pl.col(f"our {each}").is_null() for each in features).all()).item(), "we know something of it"
    differ = both.filter(
        pl.col("there"), pl.any_horizontal(pl.col(f"our {each}").ne_missing(pl.col(each).fill_nan(None)) for each in features)
    )
    ties = table.filter(pl.struct(key, "happened").is_duplicated())
    tied = differ.join(ties, on=[key, "happened"], how="semi").height
    return Different(len(both), len(lost), tied, len(differ) - tied)


def files(tables: Tables) -> dict[str, pl.DataFrame]:
    """Return the table of each view and what is asked of it, in columns that Feast takes.

    `known` is when a row is visible here, so that Feast's created timestamp leaves out the same rows, and the moment is a microsecond
    earlier: Feast shows what is known at a moment, and we what was before it.
    """
    flights, hour = tables["flights"], pl.duration(hours=1)
    weather = tables["weather"].rename({"observed_at": "happened"}).with_columns(pl.col("precip", "visib").cast(pl.Float64))
    landings = flights.filter(pl.col("actual_arrival").is_not_null()).rename({"scheduled_departure": "happened"})
    held = {
        "weather": weather.select(*VIEWS["weather"], "happened", known=_next_hour(pl.col("happened"))),
        "aircraft": landings.select(*VIEWS["aircraft"], "happened", known=_next_hour(pl.max_horizontal("happened", "actual_arrival"))),
    }
    moment = pl.col("scheduled_departure") - hour - pl.duration(microseconds=1)
    for name, (key, *_) in VIEWS.items():
        every = flights.select(key, event_timestamp=moment)
        held[f"every_{name}"] = every
        distinct = every.drop_nulls().unique(maintain_order=True)
        held[f"asked_{name}"] = distinct.sample(min(ASKED[name], len(distinct)), seed=1)
    return held


def _next_hour(time: pl.Expr) -> pl.Expr:
    return (time - pl.duration(microseconds=1)).dt.truncate("1h") + pl.duration(hours=1)


def _program(name: str) -> FeatureProgram:
    key, *features = VIEWS[name]
    times = {"happened": ColumnType.TIMESTAMP, "known": ColumnType.TIMESTAMP}
    kinds = {key: ColumnType.STRING, **times, **dict.fromkeys(features, ColumnType.FLOAT)}
    columns = tuple(Column(name=each, type=kind, nullable=True) for each, kind in kinds.items())
    values = tuple(HistoryValue(each, "lag", Name((each,)), column.kind, rank=1) for each, column in zip(kinds, columns, strict=True))[1:]
    history = History(name, (key,), "happened", "known", Refresh.CONTINUOUS, columns, values)
    moment = Column(name="event_timestamp", type=ColumnType.TIMESTAMP)
    return FeatureProgram((columns[0], moment), (), Name(("event_timestamp",)), (history,))


PROGRAMS = {name: _program(name) for name in VIEWS}


def with_duckdb(folder: Path) -> str:
    """Install Feast with a DuckDB that it can use into an environment of its own and return its Python. Raises Failed."""
    environment = folder / "duckdb"
    run(sys.executable, "-m", "uv", "venv", "--quiet", "--python", sys.executable, str(environment))
    python = str(environment / "bin" / "python")
    run(sys.executable, "-m", "uv", "pip", "install", "--quiet", "--compile-bytecode", "--python", python, *WITH_DUCKDB)
    return python


def prepared(folder: Path) -> FeastJoins:
    """Return the benchmark on the tables of the example, with DuckDB where it can be installed."""
    tables = {name: pl.read_parquet(DATA / f"{name}.parquet") for name in ("flights", "weather")}
    try:
        return FeastJoins(folder, tables, with_duckdb(folder))
    except Failed as problem:
        print(f"  without DuckDB: {problem}", file=sys.stderr)
        return FeastJoins(folder, tables)


def main(rounds: int) -> int:
    """Run the benchmark; a missed target is no failure, rows that differ are."""
    with tempfile.TemporaryDirectory(prefix="mlarch-bench-") as folder:
        bench = prepared(Path(folder))
        for _ in range(rounds):
            bench.round()
    print(Result(machine=facts(), rounds=rounds, figures=tuple(bench.figures())).text())
    print("\nAnswers", *bench.lines(), sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 3))
