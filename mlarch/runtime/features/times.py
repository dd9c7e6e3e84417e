"""Time in tables: the clocks of time zones, and how much time passed, exactly as for single requests.

Polars has a copy of the zones of its own, of another age than the system's, and without the rules for years far ahead. A request
would be answered by other rules than the model was trained by. So offsets come from `zoneinfo` here too: of each day once.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

from ...architecture.zones import zone_named

TIME = pl.Datetime("us", "UTC")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND, _DAY = 1_000_000, 86_400_000_000
#: What a calendar of Python can show, in microseconds.
_FIRST, _LAST = (round((end.replace(tzinfo=UTC) - _EPOCH) / timedelta(seconds=1)) * _SECOND for end in (datetime.min, datetime.max))


def on_clock(times: pl.Expr, given: list[Any]) -> pl.Expr:
    """Return timestamps as a clock in a zone shows them (written as if it were in UTC); without a zone they stay as they are."""
    zone = zone_named(given[0]) if given else None
    if zone is None:
        return times
    return times.map_batches(lambda series: _shifted(series, zone), return_dtype=TIME)


def _shifted(series: pl.Series, zone: ZoneInfo) -> pl.Series:
    present = series.drop_nulls().to_physical().to_numpy()
    days, place = np.unique(present // _DAY, return_inverse=True)
    before, change, after = np.array([_day(int(day), zone) for day in days], dtype=np.int64).reshape(-1, 3)[place].T
    local = present + np.where(present < change, before, after)
    shown = pl.Series(local).set(pl.Series((local < _FIRST) | (local >= _LAST)), None)
    whole = pl.Series(series.name, [None], dtype=pl.Int64).new_from_index(0, len(series))
    return whole.scatter(series.is_not_null().arg_true(), shown).cast(TIME)


def _day(day: int, zone: ZoneInfo) -> tuple[int, int, int]:
    """Return the offset with which a day in UTC begins, when that changes, and the offset with which the day ends, in microseconds."""
    begin, end = day * _DAY, (day + 1) * _DAY - _SECOND
    first, last = _offset(begin, zone), _offset(end, zone)
    if first == last or first is None or last is None:
        known = next((each for each in (first, last) if each is not None), 0)
        return known, begin, known
    while end - begin > _SECOND:  # all changes are at whole seconds
        middle = (begin + end) // (2 * _SECOND) * _SECOND
        begin, end = (middle, end) if _offset(middle, zone) == first else (begin, middle)
    return first, end, last


def _offset(moment: int, zone: ZoneInfo) -> int | None:
    try:
        shown = (_EPOCH + timedelta(microseconds=moment)).astimezone(zone).utcoffset()
    except OverflowError:
        return None
    return None if shown is None else shown // timedelta(microseconds=1)


def passed(begin: pl.Expr, end: pl.Expr, unit: timedelta) -> pl.Expr:
    """Return the time from one moment to another in a unit: whole units and the rest apart, so that whole numbers are exact."""
    size = unit // timedelta(microseconds=1)
    time = (end - begin).dt.total_microseconds()
    return (time // size).cast(pl.Float64) + (time % size).cast(pl.Float64) * (1.0 / size)
