"""The lowering to single requests: every expression becomes a plain Python closure, about a thousand times faster than a one-row table."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from ...architecture.expressions import Among, Amount, Apply, Between, Expression, Literal, Lookup, Moment, Name
from ...architecture.program import FeatureProgram
from ...architecture.types import Column, ValueKind
from .constants import bucket, constant, moment, reciprocal

Row = Mapping[str, Any]
Closure = Callable[[Row], Any]
_isfinite = math.isfinite


def to_closure(program: FeatureProgram) -> Callable[[Row], tuple[float | None, ...]]:
    """Return a function from a decoded row to the features, in order; booleans are 0.0 and 1.0, missing is None.

    The program must be fitted. Values of the row are numbers, booleans, texts, aware datetimes, or None; what comes from histories stands
    beside the inputs.
    """
    closures = tuple(_as_float(lower(feature.expression, program.columns), feature.kind) for feature in program.features)

    def features(row: Row) -> tuple[float | None, ...]:
        return tuple([closure(row) for closure in closures])

    return features


def _as_float(closure: Closure, kind: ValueKind) -> Closure:
    if kind is not ValueKind.BOOLEAN:
        return closure

    def number(row: Row) -> float | None:
        value = closure(row)
        return None if value is None else float(value)

    return number


def lower(expression: Expression, columns: Mapping[str, Column]) -> Closure:
    """Return the closure of a fitted expression over columns."""
    match expression:
        case Name((name,)):
            return _column(columns[name])
        case Literal(value):
            held = float(value) if isinstance(value, int) and not isinstance(value, bool) else value
            return lambda row: held
        case Amount():
            amount = constant(expression)
            return lambda row: amount
        case Moment(text):
            time = moment(text)
            return lambda row: time
        case Between(value, low, high):
            at_least, at_most = SCALARS[">="], SCALARS["<="]
            middle = lower(value, columns)
            return SCALARS["and"](at_least(middle, lower(low, columns)), at_most(middle, lower(high, columns)))
        case Among(value, choices):
            return _among(lower(value, columns), [lower(choice, columns) for choice in choices])
        case Lookup(value, table, default):
            return _present(lower(value, columns), lambda text: table.get(text, default))
        case Apply(function, arguments, _):
            return _apply(function, arguments, columns)
    raise TypeError(f"`{type(expression).__name__}` has no lowering to requests")


def _column(column: Column) -> Closure:
    name = column.name
    if column.kind is not ValueKind.NUMBER:
        return lambda row: row[name]

    def number(row: Row) -> float | None:
        value = row[name]
        if value is None:
            return None
        value = float(value)
        return value if _isfinite(value) else None

    return number


def _apply(function: str, arguments: tuple[Expression, ...], columns: Mapping[str, Column]) -> Closure:
    if function == "/" and (inverse := reciprocal(arguments[1])) is not None:
        return _finite(lower(arguments[0], columns), lambda value: value * inverse)
    if function in WITH_CONSTANTS:
        given = [constant(argument) for argument in arguments[1:]]
        return WITH_CONSTANTS[function](lower(arguments[0], columns), given)
    return SCALARS[function](*(lower(argument, columns) for argument in arguments))


# --- the shapes of functions: each deals with what is missing ------------------------------------------------------------


def _present(closure: Closure, function: Callable[[Any], Any]) -> Closure:
    """A function of one value: missing stays missing."""

    def one(row: Row) -> Any:
        value = closure(row)
        return None if value is None else function(value)

    return one


def _finite(closure: Closure, function: Callable[[Any], float]) -> Closure:
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

    def finite(first: Any, second: Any) -> Any:
        try:
            result = function(first, second)
        except (ZeroDivisionError, OverflowError):
            return None
        return result if not isinstance(result, float) or _isfinite(result) else None

    return _pair(finite)


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


def _among(value: Closure, choices: list[Closure]) -> Closure:
    closure = SCALARS["=="](value, choices[0])
    for choice in choices[1:]:
        closure = _or(closure, SCALARS["=="](value, choice))
    return closure


def _if(condition: Closure, yes: Closure, no: Closure) -> Closure:
    return lambda row: yes(row) if condition(row) else no(row)


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


def _time(function: Callable[[datetime], int]) -> Callable[[Closure], Closure]:
    def make(closure: Closure) -> Closure:
        return _present(closure, lambda value: float(function(value.astimezone(UTC))))

    return make


def _one(function: Callable[[Any], Any]) -> Callable[[Closure], Closure]:
    return lambda closure: _present(closure, function)


def _number(function: Callable[[Any], float]) -> Callable[[Closure], Closure]:
    return lambda closure: _finite(closure, function)


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
    "floor": _one(lambda x: float(math.floor(x))),
    "ceil": _one(lambda x: float(math.ceil(x))),
    "min_of": _every(min),
    "max_of": _every(max),
    "if": _if,
    "coalesce": _coalesce,
    "is_missing": lambda closure: lambda row: closure(row) is None,
    "lower": _one(str.lower),
    "upper": _one(str.upper),
    "length": _one(lambda text: float(len(text))),
    "concat": _every("".join),
    "year": _time(lambda time: time.year),
    "month": _time(lambda time: time.month),
    "day": _time(lambda time: time.day),
    "hour": _time(lambda time: time.hour),
    "minute": _time(lambda time: time.minute),
    "day_of_week": _time(lambda time: time.isoweekday()),
    "day_of_year": _time(lambda time: time.timetuple().tm_yday),
}

#: Functions whose later arguments are constants.
WITH_CONSTANTS: dict[str, Callable[[Closure, list[Any]], Closure]] = {
    "clip": lambda closure, given: _present(closure, lambda x: min(max(x, float(given[0])), float(given[1]))),
    "contains": lambda closure, given: _present(closure, lambda text: given[0] in text),
    "starts_with": lambda closure, given: _present(closure, lambda text: text.startswith(given[0])),
    "hash_bucket": lambda closure, given: _present(closure, lambda text: bucket(text, int(given[0]))),
}
