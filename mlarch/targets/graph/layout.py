"""Placing boxes in columns, and arrows between them, so that no box overlaps another and no arrow crosses a box.

This is the layered drawing of Sugiyama, Tagawa and Toda (1981), with the columns given: arrows that skip columns get a *lane* in each of
them; sweeps to and fro put every column in the order of its neighbours' mean (fewest crossings seen wins); then heights are the least
squares fit to the neighbours' under the order and the distances, by pooling adjacent violators (Ayer et al., 1955).

The code is our own since nothing fits: graphviz is no Python package, and grandalf, the one layered layout in pure Python, is without a
release since 2023, under the GPL, and knows no columns.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

LANE = 14.0
BETWEEN = 14.0
SWEEPS = 12


@dataclass(frozen=True)
class Box:
    """What is to be placed: its column, counted from the left, and its size."""

    key: str
    column: int
    width: float
    height: float


@dataclass(frozen=True)
class Link:
    """An arrow between two boxes of different columns. Links of one `bundle` that begin at the same left box share their lanes."""

    left: str
    right: str
    bundle: str = ""
    label_width: float = 0.0


@dataclass(frozen=True)
class Layout:
    """Where things are: centres of boxes, left edges and widths of columns, and the points that each link goes through.

    A link's points come in pairs, one pair a curve; what lies between two pairs is a straight line along a lane.
    """

    centres: dict[str, tuple[float, float]]
    columns: list[tuple[float, float]]
    routes: list[list[tuple[float, float]]]
    height: float


@dataclass
class _Item:
    """A box or a lane in its column, with its neighbours to both sides."""

    column: int
    height: float
    weight: float
    left: list[_Item] = field(default_factory=list)
    right: list[_Item] = field(default_factory=list)
    place: int = 0
    y: float = 0.0


def lay_out(boxes: Sequence[Box], links: Sequence[Link], gap: float) -> Layout:
    """Place boxes and links; `gap` is the least distance of two columns. The same input gives the same places."""
    count = max((box.column for box in boxes), default=-1) + 1
    items = {box.key: _Item(box.column, box.height, 1.0) for box in boxes}
    chains = _chains(items, links)
    columns = _initial(items.values(), count)
    _order(columns)
    _heights(columns)
    widths = [max((box.width for box in boxes if box.column == column), default=0.0) for column in range(count)]
    lefts = _lefts(widths, links, items, gap)
    spans = list(zip(lefts, widths, strict=True))
    top = min((item.y - item.height / 2 for column in columns for item in column), default=0.0)
    for column in columns:
        for item in column:
            item.y -= top
    centres = {box.key: (spans[box.column][0] + widths[box.column] / 2, items[box.key].y) for box in boxes}
    routes = [_route(chain, spans) for chain in chains]
    return Layout(centres, spans, routes, max((item.y + item.height / 2 for column in columns for item in column), default=0.0))


def _chains(items: dict[str, _Item], links: Sequence[Link]) -> list[list[_Item]]:
    """Join the boxes of each link, through a lane in each column between them."""
    lanes: dict[tuple[str, str, int], _Item] = {}
    chains = []
    for link in links:
        first, last = items[link.left], items[link.right]
        chain = [first]
        for column in range(first.column + 1, last.column):
            lane = lanes.setdefault((link.left, link.bundle, column), _Item(column, LANE, 4.0))  # heavy, so that it stays straight
            chain.append(lane)
        chain.append(last)
        for one, other in pairwise(chain):
            if not any(each is other for each in one.right):
                one.right.append(other)
                other.left.append(one)
        chains.append(chain)
    return chains


def _initial(items: Iterable[_Item], count: int) -> list[list[_Item]]:
    """Fill the columns depth first from the left, so that what belongs together begins together."""
    columns: list[list[_Item]] = [[] for _ in range(count)]
    seen: set[int] = set()
    waiting = sorted(items, key=lambda item: item.column)[::-1]
    while waiting:
        item = waiting.pop()
        if id(item) not in seen:
            seen.add(id(item))
            columns[item.column].append(item)
            waiting += reversed(item.right)
    _number(columns)
    return columns


def _number(columns: list[list[_Item]]) -> None:
    for column in columns:
        for place, item in enumerate(column):
            item.place = place


def _order(columns: list[list[_Item]]) -> None:
    """Sweep to and fro, and keep the order with the fewest crossings."""
    best, fewest = [list(column) for column in columns], _crossings(columns)
    for sweep in range(SWEEPS):
        to_right = sweep % 2 == 0
        for column in columns if to_right else reversed(columns):
            column.sort(key=lambda item: _mean([each.place for each in (item.left if to_right else item.right)], item.place))
            _number([column])
        crossings = _crossings(columns)
        if crossings < fewest:
            best, fewest = [list(column) for column in columns], crossings
        if fewest == 0:
            break
    columns[:] = best
    _number(columns)


def _mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise


def _crossings(columns: list[list[_Item]]) -> int:
    """Count the pairs of arrows that cross: the inversions among the right ends, read in the order of the left ones."""
    found = 0
    for column in columns:
        passed: list[int] = []
        for item in column:
            ends = sorted(each.place for each in item.right)
            found += sum(len(passed) - bisect_right(passed, end) for end in ends)
            for end in ends:
                insort(passed, end)
    return found


def _heights(columns: list[list[_Item]]) -> None:
    """Bring every item to the height of its neighbours, as far as the others of its column let it."""
    for column in columns:
        _settle(column, [0.0] * len(column))
    for sweep in range(SWEEPS + 1):  # the last one goes to the right, as the eye does
        to_right = sweep % 2 == 0
        for column in columns if to_right else reversed(columns):
            near = [item.left if to_right else item.right for item in column]
            _settle(column, [_mean([each.y for each in around], item.y) for item, around in zip(column, near, strict=True)])


def _settle(column: list[_Item], wanted: list[float]) -> None:
    """Set the heights nearest to the wanted ones (least squares) that keep order and distances."""
    offsets, offset = [], 0.0
    for before, item in zip([None, *column], column, strict=False):
        if before is not None:
            offset += (before.height + item.height) / 2 + BETWEEN
        offsets.append(offset)
    pools: list[list[float]] = []  # weighted sum, weight, number of items
    for item, wish, shift in zip(column, wanted, offsets, strict=True):
        pools.append([item.weight * (wish - shift), item.weight, 1])
        while len(pools) > 1 and pools[-2][0] / pools[-2][1] >= pools[-1][0] / pools[-1][1]:
            last = pools.pop()
            pools[-1] = [one + other for one, other in zip(pools[-1], last, strict=True)]
    place = 0
    for total, weight, size in pools:
        for item, shift in zip(column[place : place + int(size)], offsets[place : place + int(size)], strict=True):
            item.y = total / weight + shift
        place += int(size)


def _lefts(widths: Sequence[float], links: Sequence[Link], items: dict[str, _Item], gap: float) -> list[float]:
    """The left edges of the columns: a gap is as wide as the labels of the arrows that cross nothing else."""
    gaps = [gap] * len(widths)
    for link in links:
        column = items[link.left].column
        if items[link.right].column == column + 1:
            gaps[column] = max(gaps[column], link.label_width + 0.75 * gap)
    lefts, x = [], 0.0
    for width, after in zip(widths, gaps, strict=True):
        lefts.append(x)
        x += width + after
    return lefts


def _route(chain: list[_Item], columns: list[tuple[float, float]]) -> list[tuple[float, float]]:
    points = []
    for one, other in pairwise(chain):
        x, width = columns[one.column]
        points.append((x + width, one.y + _port(one, other, one.right)))
        points.append((columns[other.column][0], other.y + _port(other, one, other.left)))
    return points


def _port(item: _Item, towards: _Item, side: list[_Item]) -> float:
    """How far from its middle a box is touched: its arrows keep apart, in the order of their other ends."""
    order = sorted(side, key=lambda each: each.place)
    room = min(9.0, (item.height - 16) / max(1, len(order) - 1))
    place = next(index for index, each in enumerate(order) if each is towards)
    return 0.0 if item.height == LANE else (place - (len(order) - 1) / 2) * room
