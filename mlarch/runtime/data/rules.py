"""The rules about rows that a schema says: what is missing, out of range, of no category, not unique, or known only in the future."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import polars as pl

from ...architecture.blocks.source import Source
from ...architecture.types import Column, ColumnType

#: By so much two clocks may differ before a time counts as in the future.
SKEW = timedelta(hours=1)


@dataclass(frozen=True)
class Rule:
    """A rule about rows: `bad` is true for each row that breaks it; `alone` tells whether it can be told of each row by itself."""

    name: str
    rule: str
    at: str
    bad: pl.Expr
    alone: bool = True


def rules_of(block: Source) -> list[Rule]:
    """Return every rule about rows of a source, column by column."""
    return [rule for column in block.schema.columns for rule in rules_about(block, column)]


def rules_about(block: Source, column: Column) -> Iterator[Rule]:
    """Yield the rules about one column; what is missing breaks only the rule that it is there."""
    at, held = f"source.{block.name}.schema.{column.name}", pl.col(column.name)
    safe = "".join(c if c.isalnum() else "_" for c in column.name)
    if not column.nullable:
        yield Rule(f"{safe}_present", f"{column.name} is never missing", at, held.is_null())
    if column.low is not None and column.high is not None:
        bad = (held < column.low) | (held > column.high)
        yield Rule(f"{safe}_range", f"{column.name} in {column.low:g}..{column.high:g}", at, bad)
    if column.categories:
        shown = ", ".join(column.categories)
        yield Rule(f"{safe}_category", f"{column.name} is one of {shown}", at, ~held.is_in(list(column.categories)))
    if column.type is ColumnType.ID:
        yield Rule(f"{safe}_unique", f"{column.name} is unique", at, held.is_not_null() & held.is_duplicated(), alone=False)
    if column.name == block.known_at:
        bad = held > datetime.now(UTC) + SKEW
        yield Rule(f"{safe}_past", f"{column.name} is not in the future", f"source.{block.name}.known_at", bad)
