"""Writing a table batch by batch, in row groups of one size, whatever the size of the batches."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl

from .connectors.rows import BATCH


def write_batches(file: Path, schema: pl.Schema, batches: Iterator[pl.DataFrame]) -> None:
    """Write batches of one schema as a Parquet file; no more than a row group is held in memory."""
    import pyarrow.parquet as parquet

    empty = _arrow(schema.to_frame())
    with parquet.ParquetWriter(file, empty.schema, compression="zstd", write_page_index=True) as writer:
        for group in _groups(batches):
            writer.write_table(_arrow(group).cast(empty.schema))


def _arrow(frame: pl.DataFrame) -> Any:
    return frame.to_arrow(compat_level=pl.CompatLevel.oldest())


def _groups(batches: Iterator[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    held: list[pl.DataFrame] = []
    rows = 0
    for batch in batches:
        held.append(batch)
        rows += len(batch)
        while rows >= BATCH:
            whole = pl.concat(held)
            yield whole.head(BATCH)
            held, rows = [whole.slice(BATCH)], rows - BATCH
    if rows:
        yield pl.concat(held)
