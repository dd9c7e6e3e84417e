"""The rows of a source entity by entity: all at once, or, where a table is large, through files, some entities after others."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import polars as pl

from ....architecture.program import History
from ...artifacts import Dataset
from ...data.ingestion import undamaged
from ...state import State, disk_space, temporary_for

#: So many rows are in memory at once, or those of one entity where it has more.
ROWS = 1 << 20
#: So many files are open at once.
MOST = 200


@contextmanager
def entity_parts(history: History, dataset: Dataset, state: State, size: int = ROWS) -> Iterator[Iterator[pl.DataFrame]]:
    """Give the rows of a source in parts, each with all rows of some entities, in the order in which they were written.

    Rows that are of no entity may be left out. Raises ArchitectureError (MLA608) when the dataset is gone or damaged.
    """
    names = [column.name for column in history.columns]
    rows = pl.scan_parquet(state.root / dataset.path).select(names)
    count = min(MOST, -(-dataset.rows // size))
    with undamaged(dataset.path, f"source.{dataset.source}"):
        if count <= 1:
            yield iter([rows.collect()])
            return
        folder = temporary_for(state.path("feast", "parts"))
        folder.mkdir()
        try:
            with disk_space(state.root):
                _scatter(rows, list(history.entity), dataset.rows, size, [folder / str(part) for part in range(count)])
            yield (pl.read_ipc_stream(folder / str(part)) for part in range(count))
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _scatter(rows: pl.LazyFrame, entity: list[str], height: int, size: int, files: list[Path]) -> None:
    """Write each row into the file of its entity."""
    import pyarrow as arrow

    schema = _arrow(rows.head(0).collect()).schema
    with ExitStack() as stack:
        writers = [stack.enter_context(arrow.ipc.new_stream(stack.enter_context(file.open("wb")), schema)) for file in files]
        for first in range(0, height, size):
            batch = rows.slice(first, size).collect().drop_nulls(entity)
            part = batch.select(entity).hash_rows(seed=0) % len(files)
            for (number,), theirs in batch.with_columns(part.alias("")).partition_by("", as_dict=True, include_key=False).items():
                writers[number].write_table(_arrow(theirs))


def _arrow(rows: pl.DataFrame) -> Any:
    return rows.to_arrow(compat_level=pl.CompatLevel.oldest())
