"""The lowering of histories to tables: for every observation at once, what was known of its entity at its moment."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from ....architecture.histories import LONGEST
from ....architecture.observations import columns_in
from ....architecture.program import FeatureProgram, History, HistoryValue
from ....architecture.types import Column
from ..own.modules import learn
from ..tables import OF_KIND, lower
from .answering import OF_A_ROW, Seen, answers
from .timeline import Integers, numbered, timeline
from .visibility import microseconds, visible_from

#: So many rows are worked on at once, all those of an entity together. The arrays of a part then stay near the cache: with more,
#: a row costs half as much again.
MOST_ROWS = 1 << 20


def with_histories(program: FeatureProgram, rows: pl.DataFrame, tables: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Return the observations with one more column for each value that the program takes from a history.

    `tables` are the rows of each source that has a history, in the order in which they were written. What a row takes is what was
    visible before its moment; a row without a moment, or with an unknown entity, takes what an empty history gives.
    """
    if program.as_of is None:
        return rows
    learn(program)
    moments = rows.select(lower(program.as_of, program.columns).alias("moment"))["moment"]
    made = [column for history in program.histories for column in joined(history, rows, moments, tables[history.source])]
    return rows.with_columns(made)


def sees_itself(program: FeatureProgram, history: History, names: Set[str], rows: pl.DataFrame) -> int:
    """Return how many rows of the history's own source are seen by themselves, in a value that is made of one of the columns named."""
    assert program.as_of is not None, "a program with histories has one"
    read = [value for value in history.values if value.expression is not None and not names.isdisjoint(columns_in(value.expression))]
    rows = rows.drop_nulls(list(history.entity))
    moments = rows.select(lower(program.as_of, program.columns).alias("moment"))["moment"]
    visible, ever = visible_from(history, rows)
    age = np.clip(microseconds(moments), -LONGEST, LONGEST) - visible
    widest = max((LONGEST if value.window is None else value.window for value in read), default=0)
    return int((ever & moments.is_not_null().to_numpy() & (age > 0) & (age <= widest)).sum())


def joined(history: History, rows: pl.DataFrame, moments: pl.Series, table: pl.DataFrame) -> list[pl.Series]:
    """Return the columns of one history for observations that have the columns of its entity, each asked about as of a moment."""
    columns = {column.name: column for column in history.columns}
    theirs, ours, count = numbered(table.select(history.entity), rows.select(history.entity))
    visible, ever = visible_from(history, table)
    theirs, ours = np.where(ever, theirs, -1), np.where(moments.is_not_null().to_numpy(), ours, -1)
    asked = np.clip(microseconds(moments), -LONGEST, LONGEST)
    found = {value.name: Found.nothing(value, len(rows)) for value in history.values}
    parts = max(1, -(-max(len(table), len(rows)) // MOST_ROWS))
    for events, questions in zip(_divided(theirs, parts), _divided(ours, parts), strict=True):
        entities = theirs[events] // parts
        line = timeline(entities, visible[events], ours[questions] // parts, asked[questions], count // parts + 1)
        seen = Seen(table if len(events) == len(table) else table[events], columns, history.timestamp, line, entities, visible[events])
        for window in dict.fromkeys(value.window for value in history.values):
            values = [value for value in history.values if value.window == window]
            for value, answer in zip(values, answers(seen, values, window), strict=True):
                found[value.name].take(answer, questions[line.questions], events)
    return [found[value.name].column(value, table, columns) for value in history.values]


def _divided(entities: Integers, parts: int) -> list[Integers]:
    """Return the row numbers of each part, in order: those of some entities after others; a row without an entity is in none."""
    part = np.where(entities >= 0, entities % parts, parts).astype(np.uint16)
    order = np.argsort(part, kind="stable")  # by radix, as the numbers are small: in time that grows with the rows alone
    return np.split(order, np.cumsum(np.bincount(part, minlength=parts + 1))[:parts])[:parts]


@dataclass(frozen=True)
class Found:
    """The values of one column: numbers (NaN: missing), or the rows of the source that they are of (-1: missing)."""

    held: npt.NDArray[Any]

    @classmethod
    def nothing(cls, value: HistoryValue, rows: int) -> Found:
        """Return what an empty history gives."""
        if value.function in OF_A_ROW:
            return cls(np.full(rows, -1, np.int64))
        return cls(np.full(rows, 0.0 if value.function in ("count", "distinct", "sum") else np.nan))

    def take(self, answer: npt.NDArray[Any], questions: Integers, events: Integers) -> None:
        """Put the answers of a part in their places; an answer that is a row of the part becomes a row of the source."""
        if self.held.dtype == np.int64:
            answer = np.append(events, -1)[answer]
        self.held[questions] = answer

    def column(self, value: HistoryValue, table: pl.DataFrame, columns: Mapping[str, Column]) -> pl.Series:
        """Return the column."""
        if self.held.dtype != np.int64:
            return pl.Series(value.name, self.held, nan_to_null=True)
        assert value.expression is not None, "a count is a number"
        rows = pl.Series(self.held, dtype=pl.Int64)
        taken = table.select(lower(value.expression, columns).cast(OF_KIND[value.kind]))
        return taken.to_series().gather(rows.set(rows < 0, None)).alias(value.name)
