"""What a source is called, and which columns are times."""

from __future__ import annotations

from ...architecture.blocks.source import Source
from ...architecture.types import ColumnType


def origin(source: Source) -> str:
    """Return how a source is called in messages: its path, its address, or the asset's key."""
    connector = source.connector
    said = (getattr(connector, name, None) for name in ("path", "key", "uri", "target", "table", "topic", "url"))
    return next((each for each in said if isinstance(each, str)), type(connector).__name__.lower())


def temporal(kind: ColumnType) -> bool:
    """Tell whether a column type is a time."""
    return kind in (ColumnType.TIMESTAMP, ColumnType.DATE)
