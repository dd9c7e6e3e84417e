"""The rows of a source as a connector gives them: the names of the columns at once, the values batch by batch."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import polars as pl

#: So many rows are held and handled at a time.
BATCH = 1 << 18


@dataclass(frozen=True)
class Rows:
    """`names` are all columns that there are; `batches` yields tables of those asked for, in the order of the rows.

    A column may have another type in another batch: what it becomes is said by the schema.
    """

    names: tuple[str, ...]
    batches: Callable[[Sequence[str]], Iterator[pl.DataFrame]]


def of_frame(frame: pl.LazyFrame) -> Rows:
    """Return the rows of a lazy table; raises what its reader raises when the columns cannot be told."""

    def batches(columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        yield from frame.select(columns).collect_batches(chunk_size=BATCH, maintain_order=True, engine="streaming")

    return Rows(tuple(frame.collect_schema().names()), batches)


def of_records(records: Iterable[Sequence[dict[str, object]]], names: Sequence[str]) -> Rows:
    """Return rows that come as lists of records, such as the pages of an API."""

    def batches(columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        for page in records:
            yield pl.DataFrame({name: pl.Series(name, [row.get(name) for row in page], strict=False) for name in columns})

    return Rows(tuple(names), batches)
