"""One request's features: fifteen from the closures of a fitted program, beside the same by hand in Python.

`python -m tests.benchmarks.features [ROUNDS]` measures this figure alone. Times are of the processor.
"""

from __future__ import annotations

import math
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zlib import crc32
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

import mlarch
from mlarch.architecture.histories import program_of
from mlarch.runtime.features.fitting import fit_transform
from mlarch.runtime.features.requests import to_closure

from .figures import Figure, Result, Series, Target
from .machine import facts

HAND, ROWS = "Python by hand", 5_000
Row = dict[str, Any]
FEATURES = """
  feature distance = standardize(log1p(distance))
  feature pace     = clip(distance / max_of(minutes, 1), 0, 20)
  feature minutes  = impute_median(minutes)
  feature unknown  = is_missing(minutes)
  feature band     = bucket(distance, 250, 500, 1000, 2000)
  feature size     = case(distance < 500, 1, distance < 1500, 2, 3)
  feature hour     = hour(scheduled, "America/New_York")
  feature weekend  = is_weekend(scheduled, "America/New_York")
  feature ahead    = hours_between(booked, scheduled)
  feature carrier  = target_encode(carrier)
  feature origin   = ordinal(upper(trim(origin)))
  feature tail     = hash_bucket(left(tail, 3), 64)
  feature long     = distance > 1000 and hour(scheduled) in 6..9
  feature square   = round(power(distance / 1000, 2), 3)
  feature near     = origin in ["JFK", "LGA"] or distance < 300
"""
FILE = f"""language = "1.0"
system flights {{ problem = regression, metric r2 {{ baseline = 0 }} }}
source departures {{
  connector = csv("departures.csv")
  schema {{
    distance : float, minutes : float?, carrier : string, origin : string, tail : string
    scheduled : timestamp, booked : timestamp, delay : float
  }}
}}
features flight {{
  from = source.departures
{FEATURES}}}
model late {{ family = lightgbm, features = [features.flight], label = departures.delay }}
"""


def rows(count: int) -> list[Row]:
    """Made-up departures of a year."""
    draw = np.random.default_rng(1)
    start = datetime(2013, 1, 1, tzinfo=UTC)
    made = []
    for _ in range(count):
        scheduled = start + timedelta(minutes=int(draw.integers(0, 525_600)))
        made.append(
            {
                "distance": float(draw.uniform(80, 5000)),
                "minutes": None if draw.random() < 0.1 else float(draw.uniform(20, 700)),
                "carrier": str(draw.choice(["AA", "B6", "DL", "EV", "UA", "WN"])),
                "origin": str(draw.choice(["EWR", "JFK ", "lga", "LGA"])),
                "tail": f"N{draw.integers(100, 999)}",
                "scheduled": scheduled,
                "booked": scheduled - timedelta(minutes=int(draw.integers(0, 100_000))),
                "delay": float(draw.normal(10, 30)),
            }
        )
    return made


def by_hand(constants: dict[str, Any]) -> Callable[[Row], tuple[float | None, ...]]:
    """The same features as somebody would write them for one service, with what was learnt at hand."""
    zone = ZoneInfo("America/New_York")
    mean, deviation, median = constants["mean"], constants["deviation"], constants["median"]
    carriers, prior, origins = constants["carriers"], constants["prior"], constants["origins"]

    def features(row: Row) -> tuple[float | None, ...]:
        distance, minutes, origin, scheduled = row["distance"], row["minutes"], row["origin"], row["scheduled"]
        local = scheduled.astimezone(zone)
        return (
            (math.log1p(distance) - mean) * (1 / deviation),
            None if minutes is None else min(max(distance / max(minutes, 1), 0), 20),
            median if minutes is None else minutes,
            float(minutes is None),
            float(sum(distance >= edge for edge in (250, 500, 1000, 2000))),
            1.0 if distance < 500 else 2.0 if distance < 1500 else 3.0,
            float(local.hour),
            float(local.isoweekday() >= 6),
            (scheduled - row["booked"]).total_seconds() / 3600,
            carriers.get(row["carrier"], prior),
            origins.get(origin.strip().upper(), -1.0),
            float(crc32(row["tail"][:3].encode()) % 64),
            float(distance > 1000 and 6 <= scheduled.hour <= 9),
            round((distance / 1000) ** 2, 3),
            float(origin in ("JFK", "LGA") or distance < 300),
        )

    return features


class Requests:
    """Microseconds a request, ours and by hand."""

    def __init__(self) -> None:
        self.rows = rows(ROWS)
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "flights.mlarch"
            file.write_text(FILE, encoding="utf-8")
            architecture = mlarch.load(file).architecture
        assert architecture is not None
        table = pl.DataFrame(self.rows, schema_overrides={name: pl.Datetime("us", "UTC") for name in ("scheduled", "booked")})
        fitted, _ = fit_transform(program_of(architecture, architecture.model["late"]), table, table["delay"], 0)
        self.ours = to_closure(fitted)
        logs, labels = np.log1p(table["distance"].to_numpy()), table["delay"]
        prior = float(labels.mean())  # type: ignore[arg-type]
        groups = table.group_by("carrier").agg(pl.col("delay").sum(), pl.len().alias("rows")).iter_rows()
        constants = {
            "mean": logs.mean(),
            "deviation": logs.std(),
            "median": table["minutes"].median(),
            "carriers": {carrier: (total + 10 * prior) / (count + 10) for carrier, total, count in groups},
            "prior": prior,
            "origins": {"EWR": 0.0, "JFK": 1.0, "LGA": 2.0},
        }
        self.hand = by_hand({name: float(each) if isinstance(each, np.floating) else each for name, each in constants.items()})
        self.spent: dict[str, list[float]] = {"ours": [], HAND: []}

    def round(self) -> None:
        """Measure both once over all rows. Raises AssertionError where their features differ."""
        for name, features in (("ours", self.ours), (HAND, self.hand)):
            started = time.process_time()
            for row in self.rows:
                features(row)
            self.spent[name].append((time.process_time() - started) / len(self.rows) * 1e6)
        for row in self.rows[:500]:
            for one, other in zip(self.ours(row), self.hand(row), strict=True):
                assert one == other or (one is not None and other is not None and math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-9))

    def figures(self) -> Iterator[Figure]:
        """Yield the figure that is to be reached."""
        hand = {HAND: Series(tuple(self.spent[HAND]))}
        unit = "CPU µs a request"
        yield Figure(name="15 features of a request", unit=unit, ours=Series(tuple(self.spent["ours"])), references=hand, target=Target(50))


def main(rounds: int) -> int:
    """Run the benchmark; a missed target is no failure, features that differ are."""
    bench = Requests()
    for _ in range(rounds):
        bench.round()
    print(Result(machine=facts(), rounds=rounds, figures=tuple(bench.figures())).text())
    return 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 5))
