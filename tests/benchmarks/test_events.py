"""The benchmark of what the online store keeps counts what it says."""

from __future__ import annotations

from .events import lines
from .histories import Histories


def test_what_is_kept_of_the_flights_is_told() -> None:
    """Each view has a line with its size and its speed, each request one with its cost, and a longer time keeps more events."""
    made = Histories()
    tables = {name: table.tail(3_000) for name, table in made.tables.items()}
    told = list(lines(made.program, tables, days=(1, 2), times=20))
    assert [line.partition(":")[0].partition(", ")[2] for line in told[:4]] == [
        *("departures_by_tailnum", "departures_by_origin", "weather_by_origin"),
        "a request",
    ]
    few, many = (int(line.split()[-4]) for line in told if "a request:" in line)
    assert 0 < few < many and len(told) == 10
