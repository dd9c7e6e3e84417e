"""Several conditions at once: those that no value meets together, and those that another one makes superfluous."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import inf

from ...architecture.expressions import Apply, Between, Expression, render
from ..features.ranges import range_of

_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


@dataclass(frozen=True)
class Bound:
    """What one condition says of its subject, as it is written: `p99`, `error_rate over 30s`."""

    node: Expression
    subject: str
    low: float = -inf
    high: float = inf
    open: bool = False  # the end itself is left out

    def excludes(self, other: Bound) -> bool:
        """Tell whether no value keeps within both."""
        low, high = max(self.low, other.low), min(self.high, other.high)
        return low > high or (low == high and (self.open or other.open))

    def covers(self, other: Bound) -> bool:
        """Tell whether whatever keeps within the other keeps within this one."""
        inside = self.low <= other.low and self.high >= other.high
        touching = (self.low == other.low and self.low > -inf) or (self.high == other.high and self.high < inf)
        return inside and not (self.open and not other.open and touching)


def bound_of(node: Expression) -> Bound | None:
    """Return what a comparison with a constant says, or None for anything else."""
    match node:
        case Apply(operator, (left, right)) if operator in _TURNED:
            if _constant(left) is not None:
                left, right, operator = right, left, _TURNED[operator]
            value = _constant(right)
            if value is None or _constant(left) is not None:
                return None
            ends = (value, inf) if operator in (">", ">=") else (-inf, value)
            return Bound(node, render(left), *ends, open=operator in ("<", ">"))
        case Between(value, low, high):
            least, most = _constant(low), _constant(high)
            if least is not None and most is not None and _constant(value) is None:
                return Bound(node, render(value), least, most)
    return None


def _constant(node: Expression) -> float | None:
    found = range_of(node, lambda _: None)
    return found.low if found.low == found.high else None


def contradictions(conditions: Sequence[Expression]) -> Iterator[tuple[Bound, Bound]]:
    """Yield pairs of conditions that never hold together."""
    for one, other in _pairs(conditions):
        if one.excludes(other):
            yield one, other


def superfluous(conditions: Sequence[Expression]) -> Iterator[tuple[Bound, Bound]]:
    """Yield each condition that holds wherever another one does, after that other one."""
    for one, other in _pairs(conditions):
        if not one.excludes(other):
            if other.covers(one):
                yield one, other
            elif one.covers(other):
                yield other, one


def _pairs(conditions: Sequence[Expression]) -> Iterator[tuple[Bound, Bound]]:
    bounds = [bound for node in conditions if (bound := bound_of(node)) is not None]
    yield from ((one, other) for one, other in combinations(bounds, 2) if one.subject == other.subject)


#: Percentiles of one quantity: a lower one is never above a higher one.
PERCENTILES = ("p50", "p95", "p99")


def percentiles_disagree(conditions: Sequence[Expression]) -> tuple[Bound, Bound] | None:
    """Return a lower percentile that must lie above a value, and a higher one that must lie below it."""
    bounds = [bound for node in conditions if (bound := bound_of(node)) is not None and bound.subject in PERCENTILES]
    for one in bounds:
        for other in bounds:
            if PERCENTILES.index(one.subject) < PERCENTILES.index(other.subject) and one.low >= other.high:
                return one, other
    return None


def joined(node: Expression, word: str) -> list[Expression]:
    """Return the parts that `and` (or `or`) joins, however deeply."""
    if isinstance(node, Apply) and node.function == word:
        return [part for each in node.arguments for part in joined(each, word)]
    return [node]
