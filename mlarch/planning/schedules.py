"""Cron expressions: whether they are well formed, and whether the moment that they name ever comes."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from itertools import pairwise

FIELDS = (("minute", 0, 59), ("hour", 0, 23), ("day of month", 1, 31), ("month", 1, 12), ("day of week", 0, 7))
LONGEST = {1: 31, 2: 29, 3: 31, 4: 30, 5: 31, 6: 30, 7: 31, 8: 31, 9: 30, 10: 31, 11: 30, 12: 31}
_MONTHS = {
    name: number for number, name in enumerate(["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], 1)
}
#: What other schedulers read, and what it is called here.
_NICKNAMES = {"@yearly": "0 0 1 1 *", "@monthly": "0 0 1 * *", "@weekly": "0 0 * * 0", "@daily": "0 0 * * *", "@hourly": "0 * * * *"}
_DAYS = {name: number for number, name in enumerate(["sun", "mon", "tue", "wed", "thu", "fri", "sat"])}


class ScheduleProblem(ValueError):
    """The expression is none, or never fires; the message says why."""


def check_cron(expression: str) -> None:
    """Check a five-field cron expression.

    Raises ScheduleProblem when a field is malformed, out of range, or no month has the day.
    """
    _values(expression)


def _values(expression: str) -> list[set[int]]:
    parts = expression.split()
    if expression in _NICKNAMES:
        raise ScheduleProblem(f"`{expression}` is written `{_NICKNAMES[expression]}`")
    if len(parts) == 6 and not parts[0].startswith(("TZ=", "CRON_TZ=")):
        raise ScheduleProblem(f"`{expression}` has 6 fields instead of 5: the first one is the minute, there are no seconds")
    if len(parts) == 6:
        raise ScheduleProblem(f"`{expression}` names a time zone: a time table is in UTC")
    if len(parts) != len(FIELDS):
        raise ScheduleProblem(f"`{expression}` has {len(parts)} field{'s' * (len(parts) != 1)} instead of 5")
    values = [_field(part, name, low, high) for part, (name, low, high) in zip(parts, FIELDS, strict=True)]
    days, months = values[2], values[3]
    if parts[4] == "*" and not any(day <= LONGEST[month] for day in days for month in months):
        raise ScheduleProblem(f"`{expression}` never fires: month {min(months)} has no day {min(days)}")
    return values


@cache
def gaps(expression: str) -> tuple[float, float]:
    """Return the shortest and the longest time between two firings of a right expression, in seconds.

    Over four years, since a leap day may be named; a time table that fires once in them has gaps of four years.
    """
    minutes, hours, days, months, weekdays = _values(expression)
    either = expression.split()[2] != "*" and expression.split()[4] != "*"  # both named: one of the two is enough
    weekdays = {day % 7 for day in weekdays}
    moments = sorted(hour * 60 + minute for hour in hours for minute in minutes)
    first = date(2023, 1, 1)
    fires = []
    for number in range(4 * 366):
        day = first + timedelta(number)
        on = (day.day in days, day.isoweekday() % 7 in weekdays)
        if day.month in months and (any(on) if either else all(on)):
            fires.append(number)
    within = [later - earlier for earlier, later in pairwise(moments)]
    across = [(later - earlier) * 1440 + moments[0] - moments[-1] for earlier, later in pairwise(fires)] or [4 * 366 * 1440]
    return min([*within, *across]) * 60.0, max([*within, *across]) * 60.0


def _field(text: str, name: str, low: int, high: int) -> set[int]:
    values: set[int] = set()
    for part in text.split(","):
        if not part:
            raise ScheduleProblem(f"`{text}` lacks a {name} beside a comma")
        span, slash, step = part.partition("/")
        first, dash, last = span.partition("-")
        if dash and not (first and last):
            raise ScheduleProblem(f"`{part}` is no {name}: it is {low} to {high}")
        start, stop = (low, high) if span == "*" else (_value(first, name, low, high), _value(last if dash else first, name, low, high))
        if slash and (not _is_number(step) or int(step) < 1):
            raise ScheduleProblem(f"`{part}` is no step for the {name}")
        if slash and not dash and span != "*":
            stop = high
        if slash and int(step) > high - low and span == "*":
            raise ScheduleProblem(f"`{part}` names one {name} only: a step is at most {high - low}")
        if start > stop:
            raise ScheduleProblem(f"`{part}` ends before it begins ({name})")
        values.update(range(start, stop + 1, int(step) if slash else 1))
    return values


def _value(text: str, name: str, low: int, high: int) -> int:
    words = _MONTHS if name == "month" else _DAYS if name == "day of week" else {}
    value = int(text) if _is_number(text) else words.get(text.lower())
    if value is None and (short := text[:3].lower()) in words and len(text) > 3:
        raise ScheduleProblem(f"`{text}` is no {name}: it is written `{short}`")
    if value is None or not low <= value <= high:
        raise ScheduleProblem(f"`{text}` is no {name}: it is {low} to {high}")
    return value


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10
