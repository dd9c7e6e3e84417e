"""The lowering to single requests: every expression becomes a plain Python closure, about a thousand times faster than a one-row table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import isfinite

from ...architecture.expressions import Among, Amount, Apply, Between, Call, Expression, Literal, Lookup, Moment, Name, Term
from ...architecture.program import FeatureProgram
from ...architecture.types import Column, ValueKind
from .closures import SCALARS, WITH_CONSTANTS, Closure, Row, among, finite, lowered, present
from .constants import constant, moment, reciprocal
from .own.calling import called
from .own.modules import learn
from .tfidf import weigher

__all__ = ["SCALARS", "WITH_CONSTANTS", "Closure", "Row", "lower", "to_closure"]


def to_closure(program: FeatureProgram) -> Callable[[Row], tuple[float | None, ...]]:
    """Return a function from a decoded row to the features, in order; booleans are 0.0 and 1.0, missing is None.

    The program must be fitted. Values of the row are numbers, booleans, texts, aware datetimes, or None; what comes from histories stands
    beside the inputs.
    """
    learn(program)
    closures = tuple(_as_float(lower(feature.expression, program.columns), feature.kind) for feature in program.features)

    def features(row: Row) -> tuple[float | None, ...]:
        return tuple([closure(row) for closure in closures])

    if not program.vocabularies:
        return features
    texts = [(held.column, lower(held.expression, program.columns), weigher(held)) for held in program.vocabularies]
    return lambda row: features({**row, **{column: weigh(text(row)) for column, text, weigh in texts}})


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
            return among(lower(value, columns), [lower(choice, columns) for choice in choices])
        case Lookup(value, table, default):
            return present(lower(value, columns), lambda text: table.get(text, default))
        case Term(column, number):
            return lambda row: row[column].get(number, 0.0)
        case Call(_, _, arguments):
            return called(expression, [lower(argument, columns) for argument in arguments], columns)
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
        return value if isfinite(value) else None

    return number


def _apply(function: str, arguments: tuple[Expression, ...], columns: Mapping[str, Column]) -> Closure:
    if function == "/" and (inverse := reciprocal(arguments[1])) is not None:
        return finite(lower(arguments[0], columns), lambda value: value * inverse)
    given = [constant(argument) for argument in arguments[1:]] if function in WITH_CONSTANTS else []
    varying = arguments[:1] if function in WITH_CONSTANTS else arguments
    return lowered(function, [lower(argument, columns) for argument in varying], given)
