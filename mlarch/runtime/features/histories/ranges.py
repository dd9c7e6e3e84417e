"""Aggregates of many ranges of one array, by blocks of powers of two.

A range is the union of blocks whose lengths are the powers of two that its length is made of. Each level holds the blocks of one length
that begin at every position, made by adding up the level below. Nothing is ever subtracted, so that what is outside of a range, however
large, leaves no trace in it; and levels end with the longest range. A level costs one pass over the events and half a pass over the
questions.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from .timeline import Integers

Floats = npt.NDArray[np.float64]
#: The arrays that an aggregate is made of, such as (count, mean, sum of squares).
State = tuple[npt.NDArray[Any], ...]


@dataclass(frozen=True)
class Fold:
    """An aggregate: the state of each single event, that of no event, and how two states next to each other become one."""

    single: State
    nothing: tuple[float, ...]
    joined: Callable[[State, State], State]


def fold(start: Integers, end: Integers, folds: Sequence[Fold]) -> list[State]:
    """Return for each fold its state over each range of positions `start` to `end`, the last excluded."""
    made = [
        tuple(np.full(len(start), nothing, part.dtype) for part, nothing in zip(each.single, each.nothing, strict=True)) for each in folds
    ]
    blocks = [each.single for each in folds]
    length, at = np.maximum(end - start, 0), start.copy()
    for level in range(int(length.max(initial=0)).bit_length()):
        size = 1 << level
        if level:  # A block that would reach beyond the last event is in no range.
            half = size // 2
            blocks = [each.joined(_but(block, 0, half), _but(block, half, 0)) for each, block in zip(folds, blocks, strict=True)]
        wanted = np.flatnonzero(length & size)
        places = at[wanted]
        for each, state, block in zip(folds, made, blocks, strict=True):
            added = each.joined(tuple(part[wanted] for part in state), tuple(part[places] for part in block))
            for part, value in zip(state, added, strict=True):
                part[wanted] = value
        at[wanted] += size
    return made


def _but(block: State, first: int, last: int) -> State:
    return tuple(part[first : max(len(part) - last, 0)] for part in block)


def total(values: Floats) -> Fold:
    """The sum; a missing value is given as 0."""
    return Fold((values,), (0.0,), lambda left, right: (np.add(left[0], right[0]),))


def lowest(values: Floats) -> Fold:
    """The smallest value; a missing one is given as infinity."""
    return Fold((values,), (np.inf,), lambda left, right: (np.minimum(left[0], right[0]),))


def highest(values: npt.NDArray[Any], nothing: float) -> Fold:
    """The largest value; a missing one is given as `nothing`, which is below all others."""
    return Fold((values,), (nothing,), lambda left, right: (np.maximum(left[0], right[0]),))


def spread(values: Floats, present: npt.NDArray[np.bool_]) -> Fold:
    """Count, mean, and the sum of squared distances from the mean.

    Two groups are put together by their distance (Chan, Golub and LeVeque 1979): no large squares are subtracted from each other.
    """
    return Fold((present.astype(np.float64), np.where(present, values, 0.0), np.zeros(len(values))), (0.0, 0.0, 0.0), _together)


def _together(left: State, right: State) -> State:
    (count, mean, squares), (more, other, further) = left, right
    both = count + more
    share = more / np.maximum(both, 1)
    apart = other - mean
    return both, mean + apart * share, squares + further + apart * (share * count) * apart
