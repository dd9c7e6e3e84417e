"""Which of an entity's visible events are the latest: by timestamp, then visible time, then place in the dataset.

An event of long ago that arrives late does not displace a newer one, and of two equal ones the one written later counts.
"""

from __future__ import annotations

import numpy as np

from .timeline import Integers, Timeline


def recency(entities: Integers, visible: Integers, happened: Integers, events: Integers) -> Integers:
    """Return for each position of a timeline the rank of its event: entity by entity, and within one the latest has the highest."""
    order = np.lexsort((visible, happened, entities))  # stable: equal ones stay in the dataset's order
    ranks = np.empty(len(order), np.int64)
    ranks[order] = np.arange(len(order))
    return ranks[events]


def latest(line: Timeline, ranks: Integers, back: int) -> Integers:
    """Return for each question the rank of its `back`-th latest visible event, -1 where there are not so many.

    The highest rank so far is kept by a running maximum, and what it displaces goes on to the next place. Ranks of an entity are above
    all those of entities before it, so that nothing need begin anew with each.
    """
    entering = top = ranks
    for place in range(back):
        if place:
            entering = np.minimum(entering, np.concatenate((np.full(1, -1), top[:-1])))
        top = np.maximum.accumulate(entering)
    if not len(ranks):
        return np.full(len(line.end), -1, np.int64)
    return np.where(line.end - line.first >= back, top[np.maximum(line.end, 1) - 1], -1)
