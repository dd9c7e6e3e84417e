"""Cron expressions: whether they are well formed, and whether the moment that they name ever comes."""

from __future__ import annotations

FIELDS = (("minute", 0, 59), ("hour", 0, 23), ("day of month", 1, 31), ("month", 1, 12), ("day of week", 0, 7))
LONGEST = {1: 31, 2: 29, 3: 31, 4: 30, 5: 31, 6: 30, 7: 31, 8: 31, 9: 30, 10: 31, 11: 30, 12: 31}
_MONTHS = {
    name: number for number, name in enumerate(["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], 1)
}
_DAYS = {name: number for number, name in enumerate(["sun", "mon", "tue", "wed", "thu", "fri", "sat"])}


class ScheduleProblem(ValueError):
    """The expression is none, or never fires; the message says why."""


def check_cron(expression: str) -> None:
    """Check a five-field cron expression.

    Raises ScheduleProblem when a field is malformed, out of range, or no month has the day.
    """
    parts = expression.split()
    if len(parts) != len(FIELDS):
        raise ScheduleProblem(f"`{expression}` has {len(parts)} field{'s' * (len(parts) != 1)} instead of 5")
    values = [_field(part, name, low, high) for part, (name, low, high) in zip(parts, FIELDS, strict=True)]
    days, months = values[2], values[3]
    if parts[4] == "*" and not any(day <= LONGEST[month] for day in days for month in months):
        raise ScheduleProblem(f"`{expression}` never fires: month {min(months)} has no day {min(days)}")


def _field(text: str, name: str, low: int, high: int) -> set[int]:
    values: set[int] = set()
    for part in text.lower().split(","):
        span, slash, step = part.partition("/")
        first, dash, last = span.partition("-")
        start, stop = (low, high) if span == "*" else (_value(first, name, low, high), _value(last if dash else first, name, low, high))
        if slash and (not step.isdigit() or int(step) < 1):
            raise ScheduleProblem(f"`{part}` is no step for the {name}")
        if slash and not dash and span != "*":
            stop = high
        if start > stop:
            raise ScheduleProblem(f"`{part}` ends before it begins ({name})")
        values.update(range(start, stop + 1, int(step) if slash else 1))
    return values


def _value(text: str, name: str, low: int, high: int) -> int:
    value = int(text) if text.isdigit() else (_MONTHS if name == "month" else _DAYS if name == "day of week" else {}).get(text)
    if value is None or not low <= value <= high:
        raise ScheduleProblem(f"`{text}` is no {name}: it is {low} to {high}")
    return value
