"""What has changed of each entity: the digest of everything that is known of it, beside the one that was written last."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from ....architecture.program import History
from ..histories.visibility import visible_from

DIGEST = "__digest__"
_PLACE = "__place__"


def of_histories(history: History, table: pl.DataFrame, salt: int) -> pl.DataFrame:
    """Return the entities of a history, each with a digest of its events and of their order.

    A row that is never visible is in no history. `salt` is of what else decides the bytes that are written.
    """
    names = [column.name for column in history.columns]
    visible, ever = visible_from(history, table)
    rows = table.select(names).with_columns(pl.Series(_PLACE, visible)).filter(pl.Series(ever)).drop_nulls(list(history.entity))
    hashed = rows.select(history.entity).with_columns(rows.hash_rows(seed=salt).alias(DIGEST))
    place = pl.int_range(pl.len(), dtype=pl.UInt64).over(history.entity)
    # Weights that are odd and differ: neither a row nor its place can change unnoticed. Sums are modulo 2**64.
    weighed = hashed.with_columns(pl.col(DIGEST) * (2 * place + 1))
    return weighed.group_by(history.entity).agg(pl.col(DIGEST).sum())


def of_values(rows: pl.DataFrame, entity: Sequence[str], without: str, salt: int) -> pl.DataFrame:
    """Return the entities of a table of values, each with a digest of its row; the column `without` is no part of it."""
    return rows.select(entity).with_columns(rows.drop(without).hash_rows(seed=salt).alias(DIGEST))


def compared(now: pl.DataFrame, before: pl.DataFrame | None) -> pl.DataFrame:
    """Return the entities whose digest is another than the one that was written last, or of which nothing is known to be written."""
    if before is None:
        return now.drop(DIGEST)
    return now.join(before, on=now.columns, how="anti").drop(DIGEST)
