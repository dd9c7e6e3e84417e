"""What each function does to the values of one row: closures, plain Python, made from the closures of the arguments."""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from ...architecture.zones import zone_named
from .constants import bucket, elapsed, rounded

Row = Mapping[str, Any]
Closure = Callable[[Row], Any]
_isfinite = math.isfinite


# --- the shapes of functions: each deals with what is missing ------------------------------------------------------------


def present(closure: Closure, function: Callable[[Any], Any]) -> Closure:
    """A function of one value: missing stays missing."""

    def one(row: Row) -> Any:
        value = closure(row)
        return None if value is None else function(value)

    return one


def finite(closure: Closure, function: Callable[[Any], float]) -> Closure:
    """A function of one number whose result may leave the finite numbers, and is then missing."""

    def one(row: Row) -> float | None:
        value = closure(row)
        if value is None:
            return None
        try:
            result = function(value)
        except (ValueError, OverflowError):
            return None
        return result if _isfinite(result) else None

    return one


def _pair(function: Callable[[Any, Any], Any]) -> Callable[[Closure, Closure], Closure]:
    """A function of two values: missing when one is missing."""

    def make(left: Closure, right: Closure) -> Closure:
        def two(row: Row) -> Any:
            first = left(row)
            if first is None:
                return None
            second = right(row)
            return None if second is None else function(first, second)

        return two

    return make


def _arithmetic(function: Callable[[Any, Any], Any]) -> Callable[[Closure, Closure], Closure]:
    """A function of two numbers (or of a time and a duration) whose result may be missing."""

    def checked(first: Any, second: Any) -> Any:
        try:
            result = function(first, second)
        except (ValueError, ZeroDivisionError, OverflowError):
            return None
        return result if not isinstance(result, float) or _isfinite(result) else None

    return _pair(checked)


def _and(left: Closure, right: Closure) -> Closure:
    def conjunction(row: Row) -> bool | None:
        first, second = left(row), right(row)
        if first is False or second is False:
            return False
        return None if first is None or second is None else True

    return conjunction


def _or(left: Closure, right: Closure) -> Closure:
    def disjunction(row: Row) -> bool | None:
        first, second = left(row), right(row)
        if first is True or second is True:
            return True
        return None if first is None or second is None else False

    return disjunction


def among(value: Closure, choices: list[Closure]) -> Closure:
    """Whether a value is one of several."""
    closure = SCALARS["=="](value, choices[0])
    for choice in choices[1:]:
        closure = _or(closure, SCALARS["=="](value, choice))
    return closure


def _if(condition: Closure, yes: Closure, no: Closure) -> Closure:
    return lambda row: yes(row) if condition(row) else no(row)


def _case(*closures: Closure) -> Closure:
    made = closures[-1]
    for place in range(len(closures) - 3, -1, -2):
        made = _if(closures[place], closures[place + 1], made)
    return made


def _null_if(value: Closure, other: Closure) -> Closure:
    def unless(row: Row) -> Any:
        found = value(row)
        return None if found == other(row) else found

    return unless


def _coalesce(*closures: Closure) -> Closure:
    def first(row: Row) -> Any:
        for closure in closures:
            value = closure(row)
            if value is not None:
                return value
        return None

    return first


def _every(function: Callable[[list[Any]], Any]) -> Callable[..., Closure]:
    """A function of several values: missing when one is missing."""

    def make(*closures: Closure) -> Closure:
        def several(row: Row) -> Any:
            values = [closure(row) for closure in closures]
            return None if None in values else function(values)

        return several

    return make


def _one(function: Callable[[Any], Any]) -> Callable[[Closure], Closure]:
    return lambda closure: present(closure, function)


def _number(function: Callable[[Any], float]) -> Callable[[Closure], Closure]:
    return lambda closure: finite(closure, function)


# --- functions with constants ---------------------------------------------------------------------------------------------


def _date(part: Callable[[datetime], float | bool | str]) -> Callable[[Closure, list[Any]], Closure]:
    """A part of a timestamp on a clock in UTC or in a named zone; a moment that its calendar does not reach is missing."""

    def make(closure: Closure, given: list[Any]) -> Closure:
        zone = zone_named(given[0]) if given else UTC

        def read(row: Row) -> float | bool | str | None:
            value = closure(row)
            if value is None:
                return None
            try:
                return part(value.astimezone(zone))
            except OverflowError:
                return None

        return read

    return make


def _passed(unit: timedelta) -> Callable[[Closure, Closure], Closure]:
    size = unit // timedelta(microseconds=1)
    return _pair(lambda begin, end: elapsed((end - begin) // timedelta(microseconds=1), size))


def _text(function: Callable[..., Any]) -> Callable[[Closure, list[Any]], Closure]:
    """A function of a text and of constants; whole numbers among them are given as such."""

    def make(closure: Closure, given: list[Any]) -> Closure:
        constants = [int(value) if isinstance(value, float) else value for value in given]
        return present(closure, lambda text: function(text, *constants))

    return make


def split_part(text: str, separator: str, number: int) -> str | None:
    """Return the part of a text between separators, counted from 1, or None where there are fewer."""
    parts = text.split(separator)
    return parts[number - 1] if number <= len(parts) else None


def _bucket(closure: Closure, given: list[Any]) -> Closure:
    edges = [float(edge) for edge in given]
    return present(closure, lambda x: float(bisect_right(edges, x)))


def _clip(closure: Closure, given: list[Any]) -> Closure:
    low, high = map(float, given)
    return present(closure, lambda x: min(max(x, low), high))


def pattern(text: str) -> Callable[[str], bool]:
    """Return the function that tells whether a regular expression is found in a text."""
    search = re.compile(text).search
    return lambda value: search(value) is not None


def word_count(text: str) -> float:
    """Return how many words a text has."""
    return float(len(text.split()))


#: The names of days from Monday, and of months.
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)

#: One line for each scalar function and operator of the language.
SCALARS: dict[str, Callable[..., Closure]] = {
    "+": _arithmetic(lambda x, y: x + y),
    "-": _arithmetic(lambda x, y: x - y),
    "*": _arithmetic(lambda x, y: x * y),
    "/": _arithmetic(lambda x, y: x / y),
    "neg": _one(lambda x: -x),
    "<": _pair(lambda x, y: x < y),
    "<=": _pair(lambda x, y: x <= y),
    ">": _pair(lambda x, y: x > y),
    ">=": _pair(lambda x, y: x >= y),
    "==": _pair(lambda x, y: x == y),
    "!=": _pair(lambda x, y: x != y),
    "and": _and,
    "or": _or,
    "not": _one(lambda x: not x),
    "abs": _one(abs),
    "sqrt": _number(math.sqrt),
    "exp": _number(math.exp),
    "log": _number(math.log),
    "log1p": _number(math.log1p),
    "log10": _number(math.log10),
    "log2": _number(math.log2),
    "sin": _number(math.sin),
    "cos": _number(math.cos),
    "mod": _arithmetic(lambda x, y: x % y),
    "floor": _one(lambda x: float(math.floor(x))),
    "ceil": _one(lambda x: float(math.ceil(x))),
    "sign": _one(lambda x: float((x > 0) - (x < 0))),
    "power": _arithmetic(math.pow),
    "min_of": _every(min),
    "max_of": _every(max),
    "if": _if,
    "case": _case,
    "null_if": _null_if,
    "coalesce": _coalesce,
    "is_missing": lambda closure: lambda row: closure(row) is None,
    "lower": _one(str.lower),
    "upper": _one(str.upper),
    "length": _one(lambda text: float(len(text))),
    "trim": _one(str.strip),
    "word_count": _one(word_count),
    "concat": _every("".join),
    "seconds_between": _passed(timedelta(seconds=1)),
    "minutes_between": _passed(timedelta(minutes=1)),
    "hours_between": _passed(timedelta(hours=1)),
    "days_between": _passed(timedelta(days=1)),
}

#: Functions whose later arguments are constants.
WITH_CONSTANTS: dict[str, Callable[[Closure, list[Any]], Closure]] = {
    "round": lambda closure, given: present(closure, partial(rounded, decimals=int(given[0]) if given else 0)),
    "clip": _clip,
    "bucket": _bucket,
    "contains": _text(lambda text, part: part in text),
    "starts_with": _text(str.startswith),
    "matches": lambda closure, given: present(closure, pattern(given[0])),
    "ends_with": _text(str.endswith),
    "replace": _text(str.replace),
    "left": _text(lambda text, count: text[:count]),
    "right": _text(lambda text, count: text[-count:] if count else ""),
    "substring": _text(lambda text, start, count: text[start - 1 : start - 1 + count]),
    "split_part": _text(split_part),
    "hash_bucket": _text(bucket),
    "year": _date(lambda time: float(time.year)),
    "quarter": _date(lambda time: float((time.month + 2) // 3)),
    "month": _date(lambda time: float(time.month)),
    "week": _date(lambda time: float(time.isocalendar().week)),
    "day": _date(lambda time: float(time.day)),
    "hour": _date(lambda time: float(time.hour)),
    "minute": _date(lambda time: float(time.minute)),
    "second": _date(lambda time: float(time.second)),
    "day_name": _date(lambda time: DAYS[time.weekday()]),
    "month_name": _date(lambda time: MONTHS[time.month - 1]),
    "day_of_week": _date(lambda time: float(time.isoweekday())),
    "day_of_year": _date(lambda time: float(time.timetuple().tm_yday)),
    "is_weekend": _date(lambda time: time.isoweekday() >= 6),
}


def lowered(function: str, arguments: Sequence[Closure], constants: list[Any]) -> Closure:
    """Return the closure of a function over those of its arguments, and its constants where it takes some."""
    if function in WITH_CONSTANTS:
        return WITH_CONSTANTS[function](arguments[0], constants)
    return SCALARS[function](*arguments)
