"""Which features are built on which others: circles, and chains that come to more than anybody meant."""

from __future__ import annotations

from dataclasses import dataclass

from ..architecture.architecture import Architecture
from ..architecture.expressions import Expression, Name, children, walk

#: How deep and how large a feature may come to be, with every feature that it names put in place.
DEEPEST, LARGEST = 100, 10_000


@dataclass(frozen=True)
class Chains:
    """Features by full name (`visit.pace`).

    `circles` has each circle once; `endless` has all that lead into one; `large` has all that come to be too deep or too large, and
    `too_large` those of them that name no other such.
    """

    circles: tuple[tuple[str, ...], ...]
    endless: frozenset[str]
    large: frozenset[str]
    too_large: frozenset[str]

    def hold(self, feature: str) -> bool:
        """Tell whether the feature can be written out over columns."""
        return feature not in self.endless and feature not in self.large


def chains_of(architecture: Architecture) -> Chains:
    """Follow every feature to the columns that it is made of."""
    definitions = {
        f"{group.name}.{name}": definition.expression
        for group in architecture.features.values()
        for name, definition in group.feature.items()
    }
    named = {feature: _named(expression, definitions) for feature, expression in definitions.items()}
    circles: dict[frozenset[str], tuple[str, ...]] = {}
    order: dict[str, None] = {}
    for feature in named:
        _follow(feature, named, order, circles)
    endless = {feature for circle in circles.values() for feature in circle}
    measures: dict[str, tuple[int, int]] = {}
    large: set[str] = set()
    for feature in order:  # what a feature names comes before it, circles aside
        if endless.intersection(named[feature]):
            endless.add(feature)
        elif large.intersection(named[feature]):
            large.add(feature)
        elif feature not in endless:
            measures[feature] = height, size = _measure(definitions[feature], measures)
            if height > DEEPEST or size > LARGEST:
                large.add(feature)
    first = frozenset(feature for feature in large if not large.intersection(named[feature]))
    return Chains(tuple(circles.values()), frozenset(endless), frozenset(large), first)


def _named(expression: Expression, definitions: dict[str, Expression]) -> list[str]:
    return [node.text for node in walk(expression) if isinstance(node, Name) and node.text in definitions]


def _follow(start: str, named: dict[str, list[str]], order: dict[str, None], circles: dict[frozenset[str], tuple[str, ...]]) -> None:
    """Add a feature to the order after all that it names, and each circle on the way to the circles.

    Without recursion: a chain may be longer than Python's own limit.
    """
    path: dict[str, list[str]] = {} if start in order else {start: list(named[start])}
    while path:
        feature, rest = next(reversed(path.items()))
        if not rest:
            order[feature] = None
            del path[feature]
            continue
        following = rest.pop()
        if following in path:
            way = list(path)
            members = way[way.index(following) :]
            first = members.index(min(members))
            circles.setdefault(frozenset(members), (*members[first:], *members[: first + 1]))
        elif following not in order:
            path[following] = list(named[following])


def _measure(expression: Expression, measures: dict[str, tuple[int, int]]) -> tuple[int, int]:
    """Height and number of nodes, with the features that are named put in place."""
    if isinstance(expression, Name):
        return measures.get(expression.text, (1, 1))
    parts = [_measure(part, measures) for part in children(expression)]
    return 1 + max((height for height, _ in parts), default=0), 1 + sum(size for _, size in parts)
