"""Which condition lets no more pass than another: `recall >= 0.9` asks all that `recall >= 0.8` does."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from ..architecture.expressions import Amount, Apply, Between, Expression, Literal


@dataclass(frozen=True)
class _Bound:
    """A comparison as what it is about, its operator, and its bound: a number, or one added to something else (`base`)."""

    about: Expression
    operator: str
    base: Expression | None
    number: Decimal


def implies(strong: Expression, weak: Expression) -> bool:
    """Tell whether all that passes one condition passes the other; where that cannot be told, it does not."""
    ours, theirs = _bounds(strong), _bounds(weak)
    return strong == weak or (bool(theirs) and all(any(_within(one, other) for one in ours) for other in theirs))


def alike(one: Expression, other: Expression) -> bool:
    """Tell whether two conditions bound the same thing from the same side, and differ in how far."""
    ours, theirs = ([(each.about, each.operator[0], each.base) for each in _bounds(side)] for side in (one, other))
    return bool(ours) and ours == theirs


def weaker(operator: str, bound: Decimal, other: str, value: Decimal) -> bool:
    """Tell whether a second bound lets more pass than a first; one that points the other way says something else, and so counts too."""
    if operator[0] != other[0]:
        return True
    if bound == value:
        return len(other) > len(operator)
    return value > bound if operator[0] == "<" else value < bound


def _within(one: _Bound, other: _Bound) -> bool:
    return (one.about, one.base) == (other.about, other.base) and not weaker(other.operator, other.number, one.operator, one.number)


def _bounds(condition: Expression) -> list[_Bound]:
    """The bounds that a condition is: one for a comparison, two for a range, none for anything else."""
    match condition:
        case Apply(("<" | "<=" | ">" | ">=") as operator, (about, limit)):
            return [_Bound(about, operator, *_shifted(limit))]
        case Between(about, low, high):
            return [_Bound(about, ">=", *_shifted(low)), _Bound(about, "<=", *_shifted(high))]
    return []


def _shifted(limit: Expression) -> tuple[Expression | None, Decimal]:
    """A bound as something and a number that is added to it: `champion.roc_auc - 0.5%`."""
    number = _number(limit)
    if number is not None:
        return None, number
    match limit:
        case Apply(("+" | "-") as sign, (base, last)) if (number := _number(last)) is not None:
            return base, number if sign == "+" else -number
    return limit, Decimal(0)


def _number(expression: Expression) -> Decimal | None:
    match expression:
        case Amount(quantity):
            return quantity.base
        case Literal(value) if isinstance(value, (int, float)) and not isinstance(value, bool):
            return Decimal(repr(value))
        case Apply("neg", (inner,)):
            number = _number(inner)
            return None if number is None else -number
    return None
