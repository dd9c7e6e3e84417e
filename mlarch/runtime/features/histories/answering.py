"""What each question gets from the events that it sees: one value for each aggregate over a window, or the row of a `lag`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from ....architecture.expressions import Expression, render
from ....architecture.program import HistoryValue
from ....architecture.types import Column
from ..tables import lower
from .distinct import distinct
from .ranges import Fold, State, fold, highest, lowest, spread, total
from .recency import latest, recency
from .timeline import Integers, Timeline
from .visibility import microseconds

Values = npt.NDArray[Any]
#: Functions whose answer is the row that a value is taken from, and not a number.
OF_A_ROW = ("last", "lag")


@dataclass(frozen=True)
class Taken:
    """What is taken of each event, in the order of the timeline: `before` says of how many events before each there is a value."""

    series: pl.Series
    present: npt.NDArray[np.bool_]
    before: Integers

    def filled(self, missing: float) -> npt.NDArray[np.float64]:
        """Return the values as numbers, with something for the missing ones."""
        return self.series.fill_null(missing).to_numpy()


@dataclass
class Seen:
    """The events of a timeline as the functions see them; what several functions need is computed once."""

    table: pl.DataFrame
    columns: Mapping[str, Column]
    timestamp: str
    line: Timeline
    entities: Integers
    visible: Integers
    _taken: dict[str, Taken] = field(default_factory=dict)

    @cached_property
    def ranks(self) -> Integers:
        """How recent each event is."""
        return recency(self.entities, self.visible, microseconds(self.table[self.timestamp]), self.line.events)

    @cached_property
    def ranked(self) -> Integers:
        """The row of each rank, and none for -1."""
        rows = np.full(len(self.ranks) + 1, -1, np.int64)
        rows[self.ranks] = self.line.events
        return rows

    def taken(self, expression: Expression) -> Taken:
        """Return the values of an expression."""
        text = render(expression)
        if text not in self._taken:
            series = self.table.select(lower(expression, self.columns).alias("value"))["value"].gather(self.line.events)
            present = series.is_not_null().to_numpy()
            self._taken[text] = Taken(series, present, np.concatenate((np.zeros(1, np.int64), np.cumsum(present))))
        return self._taken[text]


def answers(seen: Seen, values: Sequence[HistoryValue], window: int | None) -> list[Values]:
    """Return the answers to every question, in the order of the timeline's questions, for values that are over one window.

    Numbers are floats, NaN where missing; rows are positions in the table, -1 where missing.
    """
    if window is None:
        return [seen.ranked[latest(seen.line, seen.ranks, value.rank or 1)] for value in values]
    start, end = seen.line.start(window), seen.line.end
    folded = [value for value in values if value.function in FOLDS]
    with np.errstate(over="ignore", invalid="ignore"):  # a result that is no finite number is missing
        states = dict(zip((value.name for value in folded), fold(start, end, [_fold(seen, value) for value in folded]), strict=True))
    return [_answer(seen, value, states.get(value.name, ()), start, end) for value in values]


#: The aggregates that are put together from blocks of events.
FOLDS: dict[str, Callable[[Seen, Taken], Fold]] = {
    "sum": lambda seen, taken: total(taken.filled(0.0)),
    "mean": lambda seen, taken: total(taken.filled(0.0)),
    "min": lambda seen, taken: lowest(taken.filled(np.inf)),
    "max": lambda seen, taken: highest(taken.filled(-np.inf), -np.inf),
    "std": lambda seen, taken: spread(taken.filled(0.0), taken.present),
    "last": lambda seen, taken: highest(np.where(taken.present, seen.ranks, -1), -1),
}


def _fold(seen: Seen, value: HistoryValue) -> Fold:
    assert value.expression is not None, "only a count is of no values"
    return FOLDS[value.function](seen, seen.taken(value.expression))


def _answer(seen: Seen, value: HistoryValue, state: State, start: Integers, end: Integers) -> Values:
    if value.expression is None:
        return (end - start).astype(np.float64)
    taken = seen.taken(value.expression)
    present = taken.before[end] - taken.before[start]
    match value.function:
        case "distinct":
            codes = taken.series.rank("dense").cast(pl.Int64).fill_null(-1).to_numpy()
            return distinct(codes, start, end).astype(np.float64)
        case "last":
            return seen.ranked[state[0]]
        case "sum":
            return _finite(state[0])
        case "mean":
            return _finite(np.where(present > 0, state[0] / np.maximum(present, 1), np.nan))
        case "std":
            count, _, squares = state
            return _finite(np.where(count > 1, np.sqrt(squares / np.maximum(count - 1, 1)), np.nan))
    return np.where(present > 0, state[0], np.nan)


def _finite(values: Values) -> Values:
    """Return numbers with NaN for those that are not finite."""
    return np.where(np.isfinite(values), values, np.nan)
