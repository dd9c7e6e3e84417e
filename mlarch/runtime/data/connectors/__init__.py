"""Connectors: each reads one kind of source, batch by batch, so that a table may be larger than memory.

A module is loaded when it is used.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Protocol

from ....architecture.blocks.source import Source
from .rows import Asked, Rows

#: The module that reads what a variant of `connector` names.
CONNECTORS = {
    "Csv": "files",
    "Parquet": "files",
    "JsonLines": "files",
    "DagsterAsset": "tables",
    "Sql": "sql",
    "S3": "s3",
    "Gcs": "gcs",
    "BigQuery": "bigquery",
    "Http": "http",
    "Kafka": "kafka",
    "PythonSource": "python",
}


#: All that there is.
ALL = Asked()


class Connector(Protocol):
    """What a module of this package offers."""

    def open_source(self, source: Source, root: Path, asked: Asked) -> Rows:
        """Return the rows of a source, nothing cast yet."""
        ...


def open_source(source: Source, root: Path, asked: Asked = ALL) -> Rows:
    """Return what is asked for of the rows of a source, nothing cast yet.

    Raises ArchitectureError when the source is missing, out of reach or not what the connector reads.
    """
    module: Connector = import_module(f"{__name__}.{CONNECTORS[type(source.connector).__name__]}")
    return module.open_source(source, root, asked)


__all__ = ["CONNECTORS", "Asked", "Rows", "open_source"]
