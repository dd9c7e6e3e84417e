"""The values of a block as plain numbers and texts: as of one moment for each entity, and at every moment at which they change."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import polars as pl

from ....architecture.program import History
from ....architecture.stored_features import MOMENT, CurrentValues
from ..histories.offline import with_histories
from ..histories.visibility import NEXT, microseconds, visible_from
from ..tables import OF_KIND, lower

#: What leaves a window later than this does so for nobody.
_END = int(datetime.fromisoformat("2200-01-01T00:00:00+00:00").timestamp()) * 1_000_000


def values_at(block: CurrentValues, asked: pl.DataFrame, table: pl.DataFrame) -> pl.DataFrame:
    """Return entity, moment and values for each entity and moment that is asked for; `table` has the rows of the source."""
    program = block.program
    rows = with_histories(program, asked, {block.source: table})
    made = [lower(feature.expression, program.columns).cast(OF_KIND[feature.kind]).alias(feature.name) for feature in program.features]
    return rows.select(*(column.name for column in block.entity), MOMENT, *made)


def entities_at(block: CurrentValues, table: pl.DataFrame, at: int) -> pl.DataFrame:
    """Return the entities of which anything is known, each asked about at one moment."""
    (history,) = block.program.histories
    return _seen(history, table).select(history.entity).unique(maintain_order=True).with_columns(moment(at))


def moment(at: int) -> pl.Expr:
    """Return a column that is one moment, given in microseconds since 1970."""
    return _time(pl.lit(at, pl.Int64)).alias(MOMENT)


def changing(block: CurrentValues, table: pl.DataFrame) -> pl.DataFrame:
    """Return each entity with every moment from which on its values may be others: a row becomes visible, or leaves a window.

    A row is seen by moments after it became visible, and in a window by those that are at most the window later. The first moment of an
    entity is before all of its rows: Feast's joins of files leave out whoever asks about an entity before its first row.
    """
    (history,) = block.program.histories
    seen = _seen(history, table)
    later = sorted({1, *(value.window + 1 for value in history.values if value.window is not None)})
    parts = [seen.with_columns(pl.col(MOMENT) + step) for step in later if step < _END]
    moments = pl.concat([_begun(seen, history), *parts]).filter(pl.col(MOMENT) < _END).unique().sort(*history.entity, MOMENT)
    return moments.with_columns(_time(pl.col(MOMENT)))


def begun(history: History, table: pl.DataFrame) -> pl.DataFrame:
    """Return each entity with a moment before which nobody asks about it: 1970, or its first row where that is earlier."""
    return _begun(_seen(history, table), history).with_columns(_time(pl.col(MOMENT)))


def _begun(seen: pl.DataFrame, history: History) -> pl.DataFrame:
    return seen.group_by(history.entity, maintain_order=True).agg(pl.col(MOMENT).min().clip(upper_bound=0))


def newest_of(history: History, rows: pl.LazyFrame) -> int | None:
    """Return when the newest of the rows of a source became visible, in microseconds; None where no row of an entity ever does."""
    known = history.timestamp if history.known_at is None else history.known_at
    seen = rows.drop_nulls([*history.entity, history.timestamp, known]).select(pl.max_horizontal(history.timestamp, known).max())
    last = seen.collect(engine="streaming").to_series()
    return int(NEXT[history.refresh](microseconds(last))[0]) if last[0] is not None else None


def _time(at: pl.Expr) -> pl.Expr:
    return at.cast(pl.Datetime("us")).dt.replace_time_zone("UTC")


def _seen(history: History, table: pl.DataFrame) -> pl.DataFrame:
    """Return the entity of each row that is ever visible, and from when on, in microseconds."""
    visible, ever = visible_from(history, table)
    rows = table.select(history.entity).with_columns(pl.Series(MOMENT, visible.astype(np.int64)))
    return rows.filter(pl.Series(ever)).drop_nulls(list(history.entity))
