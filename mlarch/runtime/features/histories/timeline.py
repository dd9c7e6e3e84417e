"""The events of a history in one order, by entity and visible time, and for each question the range of those that it sees.

A question is an entity and a moment. The order makes what is visible in a window of an entity one range of positions.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

Integers = npt.NDArray[np.int64]
_MOST = 2**63 - 1


@dataclass(frozen=True)
class Timeline:
    """Events sorted by entity and visible time, and questions sorted by entity and moment.

    `events` and `questions` are the row numbers that stand at each position of the two orders. `first` and `end` are, for each question,
    the positions of the first event of its entity and of the first one that it does not see.
    """

    events: Integers
    questions: Integers
    first: Integers
    end: Integers
    _keys: Integers
    _clock: _Clock
    _moments: Integers
    _base: Integers

    def start(self, window: int) -> Integers:
        """Return for each question the position of the first event that is at most `window` microseconds older than its moment."""
        return np.searchsorted(self._keys, self._base + self._clock.read(self._moments - window))


@dataclass(frozen=True)
class _Clock:
    """Times as small numbers in the same order, from 0 to below `span`, so that an entity and a time fit into one 64-bit key.

    They count microseconds from the earliest event or, where this would not fit, the different times of events.
    """

    earliest: int
    span: int
    times: Integers | None

    @classmethod
    def over(cls, visible: Integers, entities: int) -> _Clock:
        earliest, latest = (int(visible.min()), int(visible.max())) if len(visible) else (0, 0)
        span = latest - earliest + 2
        if span * (entities + 1) <= _MOST:
            return cls(earliest, span, None)
        times = np.unique(visible)
        return cls(0, len(times) + 1, times)

    def read(self, moments: Integers) -> Integers:
        """Return how many units of the clock lie before each moment."""
        if self.times is not None:
            return np.searchsorted(self.times, moments)
        return np.clip(moments, self.earliest, self.earliest + self.span - 1) - self.earliest


def timeline(entities: Integers, visible: Integers, asked: Integers, moments: Integers, count: int) -> Timeline:
    """Return the timeline of events (entity, visible time) and questions (entity, moment); entities are numbers below `count`."""
    clock = _Clock.over(visible, count)
    keys = entities * clock.span + clock.read(visible)
    events = ordered(keys)
    base = asked * clock.span
    wanted = base + clock.read(moments)
    questions = ordered(wanted)
    keys, base = keys[events], base[questions]
    first = np.searchsorted(keys, np.arange(count, dtype=np.int64) * clock.span)[asked[questions]]
    end = np.searchsorted(keys, wanted[questions])
    return Timeline(events, questions, first, end, keys, clock, moments[questions], base)


def ordered(keys: Integers) -> Integers:
    """Return the row numbers in the order of their keys, equal ones in their own order."""
    return np.argsort(keys, kind="stable")


def numbered(table: pl.DataFrame, rows: pl.DataFrame) -> tuple[Integers, Integers, int]:
    """Return the entity of each row of a history and of each observation as numbers, and how many there are.

    Both tables have the entity's columns only. Numbers are of the entities of observations; a row of no such entity, or one that lacks a
    part of its entity, has -1.
    """
    keys = rows.unique().drop_nulls().with_row_index("", offset=0)
    both = []
    for side in (table, rows):
        found = side.join(keys, on=side.columns, how="left", maintain_order="left")[""]
        both.append(found.cast(pl.Int64).fill_null(-1).to_numpy())
    return both[0], both[1], len(keys)
