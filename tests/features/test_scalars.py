"""What each scalar function gives, by small tables: both lowerings are asked for each."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from mlarch.architecture.expressions import Apply, Expression, Literal, Name
from mlarch.architecture.program import FeatureProgram, ProgramFeature
from mlarch.architecture.types import Column, ColumnType, ValueKind
from mlarch.runtime.features import requests, tables

NAN = float("nan")
TYPES = {
    float: (ColumnType.FLOAT, pl.Float64()),
    str: (ColumnType.STRING, pl.String()),
    bool: (ColumnType.BOOL, pl.Boolean()),
    datetime: (ColumnType.TIMESTAMP, tables.TIME),
}


def both(function: str, *arguments: Any, of: type = float) -> Any:
    """Apply a function to columns (a value in a list) and constants, in a table of that row and one of nulls, and alone."""
    columns, row, given = [], {}, list[Expression]()
    for place, argument in enumerate(arguments):
        if isinstance(argument, list):
            name = f"c{place}"
            columns.append(Column(name=name, type=TYPES[type(argument[0]) if argument[0] is not None else of][0], nullable=True))
            row[name] = argument[0]
            given.append(Name((name,)))
        else:
            given.append(Literal(argument))
    by_name = {column.name: column for column in columns}
    frame = pl.DataFrame([row, dict.fromkeys(row)], schema={column.name: tables.POLARS_TYPES[column.type] for column in columns})
    expression = Apply(function, tuple(given))
    shown = frame.select(tables.lower(expression, by_name).alias("y"))["y"][0]
    alone = requests.lower(expression, by_name)(row)
    assert shown == alone, (function, arguments, shown, alone)
    return alone


@pytest.mark.parametrize(
    ("function", "arguments", "wanted"),
    [
        ("round", ([2.5],), 2.0),
        ("round", ([-3.5],), -4.0),
        ("round", ([2.345], 1), 2.3),
        ("round", ([NAN], 1), None),
        ("round", ([1e300], 15), 1e300),
        ("power", ([3.0], [2.0]), 9.0),
        ("power", ([-8.0], 0.5), None),
        ("power", ([0.0], -1), None),
        ("power", ([1e200], 2), None),
        ("log10", ([1000.0],), 3.0),
        ("log10", ([0.0],), None),
        ("log2", ([0.125],), -3.0),
        ("log2", ([-1.0],), None),
        ("sin", ([0.0],), 0.0),
        ("cos", ([0.0],), 1.0),
        ("cos", ([NAN],), None),
        ("mod", ([7.0], 3), 1.0),
        ("mod", ([-7.0], 3), 2.0),
        ("mod", ([7.5], [-2.0]), -0.5),
        ("mod", ([7.0], [0.0]), None),
        ("mod", ([1e300], [7.0]), 1e300 % 7.0),
        ("word_count", ([" to be\u2003or  not "],), 4.0),
        ("word_count", ([""],), 0.0),
        ("matches", (["N14228"], "^N[0-9]+$"), True),
        ("matches", (["late again"], r"\bagain\b"), True),
        ("matches", ([""], "x"), False),
        ("sign", ([-0.5],), -1.0),
        ("sign", ([0.0],), 0.0),
        ("bucket", ([9.99], 10, 20), 0.0),
        ("bucket", ([10.0], 10, 20), 1.0),
        ("bucket", ([1e9], 10, 20), 2.0),
        ("bucket", ([NAN], 10, 20), None),
        ("null_if", ([-1.0], -1), None),
        ("null_if", ([2.0], -1), 2.0),
        ("null_if", ([2.0], [None]), 2.0),
        ("case", ([False], 1, [True], 2, 3), 2.0),
        ("case", ([False], 1, [False], 2, 3), 3.0),
        ("case", ([True], 1, [True], 2, 3), 1.0),
        ("ends_with", (["N14228"], "28"), True),
        ("trim", ([" a b\u2003\n"],), "a b"),
        ("replace", (["$a$a"], "$a", "$0"), "$0$0"),
        ("left", (["日本語"], 2), "日本"),
        ("right", (["日本語"], 2), "本語"),
        ("right", (["語"], 2), "語"),
        ("substring", (["abcdef"], 2, 3), "bcd"),
        ("substring", (["ab"], 5, 3), ""),
        ("split_part", (["a-b-c"], "-", 3), "c"),
        ("split_part", (["a-b-c"], "-", 4), None),
    ],
)
def test_a_function_gives_what_is_written_down(function: str, arguments: tuple[Any, ...], wanted: Any) -> None:
    """The value, or a missing one, is that of the meaning in the registry."""
    assert both(function, *arguments) == wanted


def test_a_missing_condition_counts_as_false() -> None:
    """`case` passes over a condition that is missing, as `if` does."""
    assert both("case", [None], 1, [True], 2, 3, of=bool) == 2.0


def at(text: str) -> list[datetime]:
    return [datetime.fromisoformat(text).replace(tzinfo=UTC)]


@pytest.mark.parametrize(
    ("function", "moment", "zone", "wanted"),
    [
        ("hour", "2013-03-10T06:59:59", "America/New_York", 1),  # the clock goes from 2 to 3
        ("hour", "2013-03-10T07:00:00", "America/New_York", 3),
        ("hour", "2013-11-03T05:30:00", "America/New_York", 1),  # half past one, twice
        ("hour", "2013-11-03T06:30:00", "America/New_York", 1),
        ("hour", "2013-11-03T07:00:00", "America/New_York", 2),
        ("minute", "2013-04-06T15:15:00", "Australia/Lord_Howe", 45),  # daylight saving of half an hour
        ("day", "2011-12-30T09:59:59", "Pacific/Apia", 29),  # the thirtieth was left out
        ("day", "2011-12-30T10:00:00", "Pacific/Apia", 31),
        ("hour", "2199-07-01T12:00:00", "Europe/Berlin", 14),  # by rule, far beyond every table
        ("minute", "1900-01-01T00:00:05", "Africa/Monrovia", 16),  # local mean time: 43 minutes and 8 seconds behind
        ("year", "2023-12-31T23:30:00", "Europe/Paris", 2024),
        ("quarter", "2023-12-31T23:30:00", "Europe/Paris", 1),
        ("week", "2021-01-03T12:00:00", None, 53),
        ("is_weekend", "2024-01-05T23:30:00", "Europe/Paris", True),
        ("is_weekend", "2024-01-05T23:30:00", None, False),
        ("second", "2024-01-05T23:30:17", None, 17),
        ("second", "1900-01-01T00:43:08", "Africa/Monrovia", 0),
        ("day_name", "2024-01-05T23:30:00", "Europe/Paris", "Saturday"),
        ("day_name", "2024-01-05T23:30:00", None, "Friday"),
        ("month_name", "2023-12-31T23:30:00", "Europe/Paris", "January"),
        ("month_name", "9999-12-31T23:59:59", "Asia/Tokyo", None),
        ("year", "9999-12-31T23:59:59", "Asia/Tokyo", None),  # beyond the calendar
        ("year", "9999-12-31T23:59:59", None, 9999),
        ("year", "0001-01-01T00:00:00", "America/New_York", None),
    ],
)
def test_clocks_are_those_of_the_zone(function: str, moment: str, zone: str | None, wanted: Any) -> None:
    """A part of a timestamp is what a clock in the zone shows, at changes of the offset too."""
    assert both(function, at(moment), *([zone] if zone else [])) == wanted


@pytest.mark.parametrize(
    "zone", ["America/New_York", "Europe/Dublin", "Africa/Casablanca", "America/Sao_Paulo", "Asia/Kathmandu", "Antarctica/Troll"]
)
def test_every_change_of_a_clock_is_met(zone: str) -> None:
    """Over two centuries, each hour that a table shows is that of `zoneinfo`, and most of all around each change."""
    hours = pl.datetime_range(datetime(1880, 1, 1), datetime(2080, 1, 1), "19h", time_unit="us", time_zone="UTC", eager=True)
    expected = [moment.astimezone(ZoneInfo(zone)) for moment in hours.to_list()]
    changes = [place for place in range(1, len(hours)) if expected[place].utcoffset() != expected[place - 1].utcoffset()]
    near = [hours[place] - timedelta(seconds=second) for place in changes for second in range(0, 68_400, 899)]
    moments = pl.DataFrame({"time": [*hours.to_list(), *near]}, schema={"time": tables.TIME})
    columns = {"time": Column(name="time", type=ColumnType.TIMESTAMP)}
    for function in ("hour", "minute"):  # the minute, where the offset is no whole hour
        shown = moments.select(tables.lower(Apply(function, (Name(("time",)), Literal(zone))), columns).alias("y"))["y"].to_list()
        assert shown == [getattr(moment.astimezone(ZoneInfo(zone)), function) for moment in moments["time"].to_list()]


def test_time_that_passed_is_exact_where_it_is_whole() -> None:
    """A whole number of hours or days is one, across a change of clocks too, and backwards."""
    start = at("2013-03-10T00:00:00")[0]
    for hours in range(-2000, 2000, 7):
        later = start + timedelta(hours=hours)
        assert both("hours_between", [start], [later]) == hours
        assert both("days_between", [start], [start + timedelta(days=hours)]) == hours
        assert both("minutes_between", [start], [later]) == hours * 60
        assert both("seconds_between", [start], [later + timedelta(seconds=1)]) == hours * 3600 + 1
    assert both("days_between", [start], [start + timedelta(hours=6)]) == 0.25
    assert both("hours_between", [None], [start], of=datetime) is None


def test_a_zone_costs_a_table_little() -> None:
    """A million moments on a clock in a zone take less than a second of the processor: offsets are looked up by day."""
    moments = pl.DataFrame(
        {"time": pl.datetime_range(datetime(2013, 1, 1), datetime(2014, 12, 1), "1m", time_unit="us", time_zone="UTC", eager=True)}
    )
    columns = (Column(name="time", type=ColumnType.TIMESTAMP),)
    feature = ProgramFeature("hour", Apply("hour", (Name(("time",)), Literal("America/New_York"))), ValueKind.NUMBER)
    started = time.process_time()
    assert len(tables.apply(FeatureProgram(columns, (feature,)), moments)) > 1_000_000
    assert time.process_time() - started < 1
