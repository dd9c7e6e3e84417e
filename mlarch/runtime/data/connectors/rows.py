"""The rows of a source as a connector gives them: the names of the columns at once, the values batch by batch."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

#: So many rows are held and handled at a time.
BATCH = 1 << 18


@dataclass(frozen=True)
class Asked:
    """What of a source is asked for.

    `table` is the value of the user's asset where the connector names one, `first` so many rows that no more need be read, and `since` how
    far a stream was read before.
    """

    table: Any = None
    first: int | None = None
    since: Mapping[str, int] = field(default_factory=dict)


@dataclass
class Offsets:
    """How far a stream is read: the next offset of each partition, `reached` so far and `ends` in all."""

    reached: dict[str, int]
    ends: dict[str, int]


@dataclass(frozen=True)
class Rows:
    """`names` are all columns that there are; `batches` yields tables of those asked for, in the order of the rows.

    A column may have another type in another batch: what it becomes is said by the schema. Of a stream they are the rows after those that
    were read before, and `offsets` says up to where. `close` lets a
    connection go whose rows are not all wanted.
    """

    names: tuple[str, ...]
    batches: Callable[[Sequence[str]], Iterator[pl.DataFrame]]
    offsets: Offsets | None = None
    close: Callable[[], None] = lambda: None


def of_frame(frame: pl.LazyFrame) -> Rows:
    """Return the rows of a lazy table; raises what its reader raises when the columns cannot be told."""

    def batches(columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        yield from frame.select(columns).collect_batches(chunk_size=BATCH, maintain_order=True, engine="streaming")

    return Rows(tuple(frame.collect_schema().names()), batches)


def table_of(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> pl.DataFrame:
    """Return rows of Python values as a table; a column of several types is of texts, so that no value is lost before it is looked at."""
    return pl.DataFrame([_series(name, [row[place] for row in rows]) for place, name in enumerate(names)])


def of_records(pages: Iterator[Sequence[dict[str, Any]]]) -> Rows:
    """Return rows that come as pages of records; the columns are those of the first page with any, and what a record lacks is missing."""
    head = next((page for page in pages if page), [])
    names = tuple(dict.fromkeys(name for record in head for name in record))

    def batches(columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        page: Sequence[dict[str, Any]] | None = head
        while page is not None:
            yield table_of(columns, [[record.get(name) for name in columns] for record in page])
            page = next(pages, None)

    return Rows(names, batches)


def _series(name: str, values: list[Any]) -> pl.Series:
    kinds = {type(value) for value in values if value is not None}
    if len(kinds) <= 1 and not kinds & {dict, list}:
        return pl.Series(name, values)
    if kinds <= {int, float}:
        return pl.Series(name, values, pl.Float64, strict=False)
    return pl.Series(name, [_text(value) for value in values], pl.String)


def _text(value: Any) -> str | None:
    if isinstance(value, (dict, list)):
        return json.dumps(value, default=str)
    return None if value is None else str(value).lower() if isinstance(value, bool) else str(value)
