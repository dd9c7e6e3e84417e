"""What a source is called, which columns it has, and which of them are times."""

from __future__ import annotations

import polars as pl

from ...architecture.blocks.source import Source
from ...architecture.types import ColumnType
from ..features.tables import POLARS_TYPES


def schema_of(source: Source) -> pl.Schema:
    """Return the names and types of the columns of a source's table."""
    return pl.Schema({column.name: POLARS_TYPES[column.type] for column in source.schema.columns})


def origin(source: Source) -> str:
    """Return how a source is called in messages: its path, its address, or the asset's key."""
    connector = source.connector
    said = (getattr(connector, name, None) for name in ("path", "key", "uri", "target", "table", "topic", "url"))
    return next((each for each in said if isinstance(each, str)), type(connector).__name__.lower())


def temporal(kind: ColumnType) -> bool:
    """Tell whether a column type is a time."""
    return kind in (ColumnType.TIMESTAMP, ColumnType.DATE)
