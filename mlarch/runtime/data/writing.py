"""Writing a table batch by batch, in row groups of one size, whatever the size of the batches."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl

from .connectors.rows import BATCH


class TableWriter:
    """A Parquet file that is written batch by batch; no more than a row group is held in memory."""

    def __init__(self, file: Path, schema: pl.Schema) -> None:
        import pyarrow.parquet as parquet

        self._schema = _arrow(schema.to_frame()).schema
        # A dictionary of numbers costs twice as much as the rest of the writing, and makes most tables larger.
        texts = [name for name, kind in schema.items() if kind == pl.String]
        self._writer = parquet.ParquetWriter(file, self._schema, compression="zstd", write_page_index=True, use_dictionary=texts)
        self._held: list[pl.DataFrame] = []
        self._rows = 0

    def write(self, batch: pl.DataFrame) -> None:
        """Add rows."""
        self._held.append(batch)
        self._rows += len(batch)
        while self._rows >= BATCH:
            whole = pl.concat(self._held)
            self._group(whole.head(BATCH))
            self._held, self._rows = [whole.slice(BATCH)], self._rows - BATCH

    def close(self) -> None:
        """Write what is left, and end the file."""
        if self._rows:
            self._group(pl.concat(self._held))
        self._writer.close()

    def _group(self, rows: pl.DataFrame) -> None:
        self._writer.write_table(_arrow(rows).cast(self._schema))


def write_batches(file: Path, schema: pl.Schema, batches: Iterator[pl.DataFrame]) -> None:
    """Write batches of one schema as a Parquet file."""
    writer = TableWriter(file, schema)
    for batch in batches:
        writer.write(batch)
    writer.close()


def _arrow(frame: pl.DataFrame) -> Any:
    return frame.to_arrow(compat_level=pl.CompatLevel.oldest())
