"""The figures beside Feast are of joins that give the same answers, on tables in the form of the real ones."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from . import feast_join
from .feast_join import FILE, FeastJoins, Tables


@pytest.fixture
def tables() -> Tables:
    """A few hundred invented flights and the weather of their airports."""
    draw, begun = random.Random(5), datetime(2013, 1, 1, 5, tzinfo=UTC)
    flights = []
    for _ in range(400):
        leaves = begun + timedelta(minutes=draw.randrange(14 * 24 * 60))
        arrives = None if draw.random() < 0.05 else leaves + timedelta(minutes=draw.randrange(40, 400))
        tail = draw.choice((None, *(f"N{number}" for number in range(30))))
        flights.append((tail, draw.choice(("EWR", "JFK")), leaves, arrives, None if arrives is None else float(draw.randrange(-40, 90))))
    hours = [begun + timedelta(hours=hour) for hour in range(14 * 24)]
    weather = [(origin, hour, draw.choice((None, 3.5, 10.25)), 0.0, 10.0) for hour in hours for origin in ("EWR", "JFK")]
    columns = ["tailnum", "origin", "scheduled_departure", "actual_arrival", "arr_delay"]
    return {
        "flights": pl.DataFrame(flights, columns, orient="row"),
        "weather": pl.DataFrame(weather, ["origin", "observed_at", "wind_speed", "precip", "visib"], orient="row"),
    }


def test_feast_and_we_answer_alike(tables: Tables, tmp_path: Path) -> None:
    """A round joins the same files twice: Feast loses some questions and answers the others as we do; each figure stands beside it."""
    bench = FeastJoins(tmp_path, tables)
    bench.round()
    found = bench.different["aircraft", FILE]
    assert found.lost > 0 and found.otherwise == 0, "\n".join(bench.lines())
    assert bench.naive[FILE].otherwise > 0, "by default Feast sees what is not known yet"
    figures = [figure for figure in bench.figures() if figure.target]
    assert [list(figure.references) for figure in figures] == [[FILE]] * 4


def test_an_answer_that_differs_is_counted(tables: Tables) -> None:
    """What Feast answers otherwise is counted, apart from rows of one entity and moment, of which it takes any."""
    held = feast_join.files(tables)
    weather = held["weather"]
    asked = held["asked_weather"].head(3)
    same, at = {"precip": 0.0, "visib": 10.0}, weather["happened"][:3]
    ours = asked.with_columns(wind_speed=pl.Series([1.0, None, 2.0]), happened=at, **{name: pl.lit(value) for name, value in same.items()})
    theirs = ours.with_columns(wind_speed=pl.Series([1.0, float("nan"), 3.0]))
    assert feast_join.compared("weather", ours, theirs, weather).otherwise == 1
    of_one_moment = pl.col("origin") == asked["origin"][2], pl.col("happened") == at[2]
    twice = pl.concat([weather, weather.filter(*of_one_moment)])
    found = feast_join.compared("weather", ours, theirs, twice)
    assert (found.tied, found.otherwise) == (1, 0)
