"""The figures of histories: what is timed by hand and by us is the same, on tables in the form of the real ones."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from . import histories
from .histories import Histories

AIRPORTS = ("EWR", "JFK", "LGA")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A few thousand invented flights and the weather of their airports, in tables like those of the example."""
    draw, begun = random.Random(11), datetime(2013, 1, 1, 5, tzinfo=UTC)
    departures = []
    for _ in range(3_000):
        leaves = begun + timedelta(hours=draw.randrange(14 * 24), minutes=draw.randrange(60))
        lands, delay = leaves + timedelta(minutes=draw.randrange(30, 390)), float(draw.randrange(-40, 120))
        known = draw.random() > 0.05
        tailnum = draw.choice([None, *(f"N{number}" for number in range(60))])
        origin = draw.choice(AIRPORTS)
        departures.append(("UA", tailnum, origin, "IAH", 1400, leaves, lands if known else None, delay if known else None))
    names = ["carrier", "tailnum", "origin", "dest", "distance", "scheduled_departure", "actual_arrival", "arr_delay"]
    pl.DataFrame(departures, names, orient="row").write_parquet(tmp_path / "flights.parquet")
    times = [begun + timedelta(hours=hour) for hour in range(14 * 24)]
    weather = [(origin, time, 40.0, draw.uniform(0, 20), 0.0, 10.0) for time in times for origin in AIRPORTS]
    names = ["origin", "observed_at", "temp", "wind_speed", "precip", "visib"]
    pl.DataFrame(weather, names, orient="row").write_parquet(tmp_path / "weather.parquet")
    return tmp_path


def test_both_give_the_same_rows(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A round computes the same columns twice, and fails where they differ; each figure stands beside its reference."""
    monkeypatch.setattr(histories, "SHORT", 1_000)
    monkeypatch.setattr(histories, "LONG", 2_000)
    bench = Histories(folder)
    bench.round()
    assert [(figure.name, list(figure.references)) for figure in bench.figures()] == [
        ("windows and joins of flights", ["Polars by hand"]),
        ("windows and lags, 2,000 rows", ["1,000 rows"]),
    ]
    monkeypatch.setattr(histories, "_next_hour", lambda time: time)
    with pytest.raises(AssertionError, match="differs"):
        bench.round()
