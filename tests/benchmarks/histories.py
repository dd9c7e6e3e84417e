"""Histories: windows and joins in time on the flights of 2013, beside a hand-written Polars script, and the cost of a row in long tables.

`python -m tests.benchmarks.histories [ROUNDS]` measures these figures alone. Times are of the processor, so that what else runs on the
machine counts little.
"""

from __future__ import annotations

import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import polars as pl

import mlarch
from mlarch.architecture.blocks.source import Refresh
from mlarch.architecture.expressions import Name
from mlarch.architecture.histories import program_of
from mlarch.architecture.program import FeatureProgram, History, HistoryValue
from mlarch.architecture.types import Column, ColumnType, ValueKind
from mlarch.runtime.features.histories.offline import with_histories

from .commands import ROOT
from .figures import Figure, Result, Series, Target
from .machine import facts

HAND = "Polars by hand"
FLIGHTS = ROOT / "examples" / "flights"
SHORT, LONG = 1_000_000, 10_000_000
HOUR = 3_600_000_000
#: What a row may cost more in the long table than in the short one.
FLAT = 1.3
Tables = dict[str, pl.DataFrame]


class Histories:
    """Rows a second of the processor, by what was computed."""

    def __init__(self, folder: Path = FLIGHTS / "data") -> None:
        self.tables = flights(folder)
        architecture = mlarch.load(FLIGHTS / "flights.mlarch").architecture
        assert architecture is not None
        self.program = program_of(architecture, architecture.model["late"])
        self.rates: dict[str, list[float]] = defaultdict(list)

    def round(self) -> None:
        """Measure everything once; both on flights give the same rows. Raises AssertionError where they do not."""
        rows = self.tables["departures"]
        ours = self._time("ours", len(rows), lambda: with_histories(self.program, rows, self.tables))
        theirs = self._time(HAND, len(rows), lambda: by_hand(self.tables))
        names = [value.name for history in self.program.histories for value in history.values]
        for name, other in zip(names, theirs.columns, strict=True):
            assert _equal(ours[name], theirs[other]), f"{name} differs"
        for size in (SHORT, LONG):
            program, table = synthetic(size)
            self._time(str(size), size, lambda: with_histories(program, table, {"rows": table}))  # noqa: B023  # called at once

    def figures(self) -> Iterator[Figure]:
        """Yield the figures that are to be reached."""
        unit = "rows per CPU second"
        hand = {HAND: Series(tuple(self.rates[HAND]))}
        yield Figure(
            name="windows and joins of flights",
            unit=unit,
            ours=self._rate("ours"),
            references=hand,
            target=Target(ratio=(HAND, 1 / 1.2), below=False),
        )
        short = {f"{SHORT:,} rows": self._rate(str(SHORT))}
        target = Target(ratio=(f"{SHORT:,} rows", 1 / FLAT), below=False)
        yield Figure(name=f"windows and lags, {LONG:,} rows", unit=unit, ours=self._rate(str(LONG)), references=short, target=target)

    def _rate(self, what: str) -> Series:
        return Series(tuple(self.rates[what]))

    def _time(self, what: str, rows: int, make: Callable[[], pl.DataFrame]) -> pl.DataFrame:
        started = time.process_time()
        made = make()
        self.rates[what].append(rows / (time.process_time() - started))
        return made


def _equal(one: pl.Series, other: pl.Series) -> bool:
    left, right = one.to_numpy(), other.to_numpy()
    return bool(np.allclose(left, right, rtol=1e-9, atol=1e-9, equal_nan=True))


def flights(folder: Path) -> Tables:
    """Return the tables of the example, with the one wind that it repairs repaired."""
    departures, weather = (pl.read_parquet(folder / f"{name}.parquet") for name in ("flights", "weather"))
    return {"departures": departures, "weather": weather.with_columns(pl.when(pl.col("wind_speed") <= 200).then(pl.col("wind_speed")))}


def by_hand(tables: Tables) -> pl.DataFrame:
    """The same columns as somebody would write them: events and questions in one table, rolling windows over it, an as-of join."""
    departures, weather = tables["departures"], tables["weather"]
    aircraft = [("mean", "x", "1d"), ("sum", "n", "1d"), ("max", "x", "7d")]
    airport = [("mean", "x", "3h"), ("sum", "n", "3h"), ("max", "x", "3h")]
    parts = [_rolling(departures, "tailnum", aircraft), _rolling(departures, "origin", airport), _as_of(departures, weather)]
    return pl.concat(parts, how="horizontal")


def _next_hour(time: pl.Expr) -> pl.Expr:
    begun = time.dt.truncate("1h")
    return pl.when(time == begun).then(time).otherwise(begun + pl.duration(hours=1))


def _rolling(departures: pl.DataFrame, key: str, wanted: list[tuple[str, str, str]]) -> pl.DataFrame:
    visible = _next_hour(pl.max_horizontal("scheduled_departure", "actual_arrival"))
    events = departures.filter(pl.col("actual_arrival").is_not_null(), pl.col(key).is_not_null()).select(
        key, t=visible, x="arr_delay", n=pl.lit(1.0), row=pl.lit(None, pl.UInt32)
    )
    asked = pl.col("scheduled_departure") - pl.duration(hours=1)
    questions = departures.select(key, t=asked, x=pl.lit(None, pl.Float64), n=pl.lit(0.0), row=pl.int_range(pl.len(), dtype=pl.UInt32))
    both = pl.concat([events, questions]).sort(key, "t")
    made = [
        getattr(pl.col(column), f"rolling_{name}_by")("t", window_size=window, closed="left").over(key).alias(f"{key} {name} {window}")
        for name, column, window in wanted
    ]
    return both.with_columns(made).filter(pl.col("row").is_not_null()).sort("row").select(each.meta.output_name() for each in made)


def _as_of(departures: pl.DataFrame, weather: pl.DataFrame) -> pl.DataFrame:
    asked = pl.col("scheduled_departure") - pl.duration(hours=1)
    questions = departures.select("origin", t=asked, row=pl.int_range(pl.len(), dtype=pl.UInt32)).sort("t")
    known = weather.select("origin", "wind_speed", "precip", "visib", t=_next_hour(pl.col("observed_at"))).sort("t")
    joined = questions.join_asof(known, on="t", by="origin", allow_exact_matches=False, check_sortedness=False)
    return joined.sort("row").select("wind_speed", "precip", "visib")


def synthetic(rows: int) -> tuple[FeatureProgram, pl.DataFrame]:
    """Return a program of windows and lags, and a table of a year with a hundred rows an entity."""
    draw = np.random.default_rng(1)
    happened = draw.integers(0, 365 * 24 * HOUR, rows) + 1_356_998_400_000_000
    table = pl.DataFrame(
        {
            "who": draw.integers(0, rows // 100, rows),
            "happened": pl.Series(happened).cast(pl.Datetime("us", "UTC")),
            "known": pl.Series(happened + draw.integers(0, 6 * HOUR, rows)).cast(pl.Datetime("us", "UTC")),
            "x": draw.normal(size=rows),
        }
    )
    kinds = {"who": ColumnType.INT, "happened": ColumnType.TIMESTAMP, "known": ColumnType.TIMESTAMP, "x": ColumnType.FLOAT}
    columns = tuple(Column(name=name, type=kind) for name, kind in kinds.items())
    values = tuple(
        HistoryValue(f"{name} {hours}", name, None if name == "count" else Name(("x",)), ValueKind.NUMBER, window=hours * HOUR)
        for name, hours in (("mean", 24), ("count", 24), ("max", 168), ("last", 168))
    )
    lags = tuple(HistoryValue(f"lag {rank}", "lag", Name(("x",)), ValueKind.NUMBER, rank=rank) for rank in (1, 2))
    history = History("rows", ("who",), "happened", "known", Refresh.HOURLY, columns, (*values, *lags))
    return FeatureProgram(columns[:2], (), Name(("happened",)), (history,)), table


def main(rounds: int) -> int:
    """Run the benchmark; a missed target is no failure, rows that differ are."""
    bench = Histories()
    for _ in range(rounds):
        bench.round()
    print(Result(machine=facts(), rounds=rounds, figures=tuple(bench.figures())).text())
    return 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 5))
