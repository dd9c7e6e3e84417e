"""`dagster_asset`: a table that another asset of the user's Dagster project gives."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl

from ....architecture.blocks.source import DagsterAsset, Source
from ....architecture.errors import ArchitectureError
from .rows import Asked, Rows, of_frame


def open_source(source: Source, root: Path, asked: Asked) -> Rows:
    """Return the rows of a table: of pandas, of Polars, or of the file that a path names."""
    frame = lazy(source, root, asked.table)
    return of_frame(frame if asked.first is None else frame.head(asked.first))


def lazy(source: Source, root: Path, table: Any) -> pl.LazyFrame:
    """Return a value of the user's as a lazy table.

    Raises ArchitectureError (MLA501) where there is none.
    """
    if table is None:
        assert isinstance(source.connector, DagsterAsset)
        raise ArchitectureError(
            "MLA501",
            f"`{source.connector.key}` is an asset of another Dagster project, and this run is not part of it",
            at=f"source.{source.name}.connector",
            help="merge the definitions: `mlarch.dagster.load(path)` in your own project",
        )
    if isinstance(table, pl.LazyFrame):
        return table
    if isinstance(table, pl.DataFrame):
        return table.lazy()
    if isinstance(table, (str, Path)):
        file = root / table
        return pl.scan_parquet(file) if file.suffix == ".parquet" else pl.scan_csv(file, infer_schema=False)
    return pl.from_pandas(table).lazy()
