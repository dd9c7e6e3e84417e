"""What the repairs of a source say, worked out of their expressions: the column that each is of, and its bounds."""

from __future__ import annotations

from dataclasses import dataclass

from .expressions import Apply, Between, Expression, Literal, Name, walk


@dataclass(frozen=True)
class Bounds:
    """The ends that the values of a column are brought within; None where there is none."""

    column: str
    low: float | None = None
    high: float | None = None


def bounds_of(expression: Expression) -> Bounds | None:
    """Return what `wind in 0..200`, `rain >= 0` or `rain <= 90` bounds; None for anything else."""
    match expression:
        case Between(Name((name,)), low, high):
            ends = _number(low), _number(high)
            return None if None in ends else Bounds(name, *ends)
        case Apply(">=" | "<=" as operator, (Name((name,)), end)):
            value = _number(end)
            if value is None:
                return None
            return Bounds(name, low=value) if operator == ">=" else Bounds(name, high=value)
    return None


def column_of(condition: Expression) -> str:
    """Return the one column that a checked `null_if` names."""
    return next(node.text for node in walk(condition) if isinstance(node, Name))


def _number(expression: Expression) -> float | None:
    match expression:
        case Literal(value) if isinstance(value, (int, float)) and not isinstance(value, bool):
            return float(value)
        case Apply("neg", (inner,)):
            value = _number(inner)
            return None if value is None else -value
    return None
