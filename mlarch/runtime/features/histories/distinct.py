"""How many different values stand in each of many ranges: those whose previous occurrence is before the range.

The events are kept in blocks of powers of two, sorted within each block by the previous occurrence (a merge-sort tree): a range is made
of at most two blocks a level, and in each a binary search counts.
"""

from __future__ import annotations

import numpy as np

from .timeline import Integers


def distinct(values: Integers, start: Integers, end: Integers) -> Integers:
    """Return how many different values each range of positions has, the last excluded; a missing value is given as -1."""
    found = np.zeros(len(start), np.int64)
    before = previous(values) + 1  # from 0; what is missing counts nowhere
    shift = int(len(values) + 2).bit_length()
    left, right = start.copy(), np.maximum(end, start)
    level, keys = 0, before
    while (left < right).any():
        keys = np.sort((np.arange(len(values)) >> level << shift) | (keys & ((1 << shift) - 1)), kind="stable")
        for side, one in ((left, 0), (right, 1)):
            odd = np.flatnonzero((left < right) & (side & 1 == 1))
            block = side[odd] - one
            found[odd] += np.searchsorted(keys, (block << shift) | (start[odd] + 1)) - (block << level)
            side[odd] += 1 - 2 * one
        left, right, level = left >> 1, right >> 1, level + 1
    return found


def previous(values: Integers) -> Integers:
    """Return the position at which each value stood before, -1 where it did not; a missing value's is beyond all positions."""
    order = np.argsort(values, kind="stable")
    same = values[order[1:]] == values[order[:-1]]
    found = np.full(len(values), -1, np.int64)
    found[order[1:][same]] = order[:-1][same]
    found[values < 0] = len(values)
    return found
