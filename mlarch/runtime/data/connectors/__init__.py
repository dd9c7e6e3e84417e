"""Connectors: each reads one kind of source, batch by batch, so that a table may be larger than memory.

A module is loaded when it is used.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

from ....architecture.blocks.source import Source
from ....architecture.errors import ArchitectureError
from .rows import Rows

#: The module that reads what a variant of `connector` names.
CONNECTORS = {
    "Csv": "files",
    "Parquet": "files",
    "JsonLines": "files",
    "DagsterAsset": "tables",
    "Sql": "sql",
    "S3": "s3",
    "Http": "http",
    "PythonSource": "python",
}


class Connector(Protocol):
    """What a module of this package offers."""

    def open_source(self, source: Source, root: Path, *, table: Any, first: int | None) -> Rows:
        """Return the rows of a source, nothing cast yet; with `first` no more of them than so many need be read."""
        ...


def open_source(source: Source, root: Path, table: Any = None, *, first: int | None = None) -> Rows:
    """Return the rows of a source, nothing cast yet; `table` is the value of the user's asset where the connector names one.

    With `first` only so many rows are read, and no more of the source than that takes.
    Raises ArchitectureError when the source is missing, out of reach or not what the connector reads.
    """
    name = type(source.connector).__name__
    if name not in CONNECTORS:
        raise ArchitectureError("MLA801", f"`{name}` is not carried out yet", at=f"source.{source.name}.connector")
    module: Connector = import_module(f"{__name__}.{CONNECTORS[name]}")
    return module.open_source(source, root, table=table, first=first)


__all__ = ["CONNECTORS", "Rows", "open_source"]
