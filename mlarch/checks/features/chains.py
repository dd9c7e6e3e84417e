"""Which features are built on which others: circles, and chains that come to more than anybody meant."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from ...architecture.architecture import Architecture
from ...architecture.blocks.features import Features
from ...architecture.expressions import Expression, Name, children, rewrite, walk
from ...architecture.observations import shortened
from ...language.reuse import once
from ..base import Context

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
    return once("chains", tuple(architecture.features.values()), lambda: _chains_of(architecture))


def made_of(architecture: Architecture, group: Features) -> tuple[Features, ...]:
    """Return the feature blocks that a block is built on, itself first; all of them where it names one that there is not."""
    found, waiting = {group.name: group}, [group]
    for each in waiting:
        for name in named_in(each):
            block, _, feature = name.partition(".")
            further = architecture.features.get(block)
            if further is not None and feature in further.feature:
                waiting += [] if block in found else [further]
                found[block] = further
            elif block not in (each.source.name, "source"):
                return tuple(architecture.features.values())
    return tuple(waiting)


def named_in(group: Features) -> tuple[str, ...]:
    """Return the names with a dot in a block: of features, and of columns with their source."""
    return once(
        "named in", (group,), lambda: tuple({name: None for sketch in sketched(group).values() for name in sketch.names if "." in name})
    )


def _chains_of(architecture: Architecture) -> Chains:
    sketches: dict[str, _Sketch] = {}
    for group in architecture.features.values():
        sketches.update(sketched(group))
    named = {feature: [name for name in sketch.names if name in sketches] for feature, sketch in sketches.items()}
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
            measures[feature] = height, size = (
                _measure(sketches[feature].expression, measures) if named[feature] else sketches[feature].alone
            )
            if height > DEEPEST or size > LARGEST:
                large.add(feature)
    first = frozenset(feature for feature in large if not large.intersection(named[feature]))
    return Chains(tuple(circles.values()), frozenset(endless), frozenset(large), first)


@dataclass(frozen=True)
class _Sketch:
    """A feature by itself: the names in it, and its height and size."""

    expression: Expression
    names: tuple[str, ...]
    alone: tuple[int, int]

    @cached_property
    def of_columns(self) -> bool:
        """Tell whether it names columns alone: there is nothing to put in place."""
        return not any("." in name for name in self.names)


def sketched(group: Features) -> dict[str, _Sketch]:
    """Return the features of a block by full name, each by itself."""
    return once(
        "sketched",
        (group,),
        lambda: {
            f"{group.name}.{name}": _Sketch(
                definition.expression,
                tuple(node.text for node in walk(definition.expression) if isinstance(node, Name)),
                _measure(definition.expression, {}),
            )
            for name, definition in group.feature.items()
        },
    )


def written_out(context: Context, group: Features, name: str, source: str = "") -> Expression:
    """Return a feature over the columns of its block's source, each feature over it that it names put in place."""
    sketch, source = sketched(group)[f"{group.name}.{name}"], source or group.source.name
    if sketch.of_columns:
        return sketch.expression

    def place(node: Expression) -> Expression:
        if isinstance(node, Name) and len(node.parts) == 2:
            other = context.architecture.features.get(node.parts[0])
            if other is not None and node.parts[1] in other.feature and other.source.name == source:
                return written_out(context, other, node.parts[1], source)
        return shortened(node, source)

    made = context.positions.made
    if (known := made.get((id(group), name, source))) is None:
        known = made[id(group), name, source] = group, rewrite(sketch.expression, place, context.positions.carry)
    return known[1]


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
