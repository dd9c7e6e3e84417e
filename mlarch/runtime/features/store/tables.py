"""The tables beside the online store, from which a standard client reads the past: one for each view, a Parquet file or loaded from one.

A table of a block has its values at every moment at which they change, so that the latest row at or before a moment is exact. A table of
events has one row an entity, all that was ever visible of it; the function of a model takes of it what was visible at its moment. Rows of
1970 stand for all that is before.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import polars as pl

from ....architecture.architecture import Architecture
from ....architecture.blocks.features import BigQueryStore, S3Store
from ....architecture.feature_views import store_of
from ...data.writing import TableWriter
from ...state import State, read_value
from .objects import upload
from .warehouse import load


class Made(msgspec.Struct, frozen=True):
    """What a table was made of: the digest of its rows and of its definition, and where it was put."""

    of: str
    place: str


class Tables:
    """The tables of a store; those that are as they would be made now are left alone."""

    def __init__(self, architecture: Architecture, state: State) -> None:
        self.store, self.state = store_of(architecture), state
        self.at = f"feature_store.{self.store.name}.offline" if architecture.feature_store else None

    def place(self, view: str) -> str:
        """Return where a table is, as it is told to people."""
        match self.store.offline:
            case S3Store(uri):
                return f"{uri.rstrip('/')}/{view}.parquet"
            case BigQueryStore(dataset):
                return f"{dataset}.{view}"
        return str(self._file(view))

    def stale(self, view: str, of: str) -> bool:
        """Tell whether a table is to be made anew."""
        there = isinstance(self.store.offline, S3Store | BigQueryStore) or self._file(view).exists()
        return not there or read_value(self._made(view), Made) != Made(of, self.place(view))

    @contextmanager
    def writing(self, view: str, of: str) -> Iterator[Growing]:
        """Give a table to fill, which takes its place when the block ends without an error."""
        with self.state.new_file(self._file(view), "store.table") as temporary:
            growing = Growing(temporary)
            yield growing
            growing.close()
            self._put(temporary, view)
        self.state.write_value(self._made(view), Made(of, self.place(view)), "store.table")

    def _put(self, file: Path, view: str) -> None:
        """Put a complete table where a standard client reads it, if that is elsewhere."""
        match self.store.offline:
            case S3Store():
                upload(file, self.place(view), self.at)
            case BigQueryStore():
                load(file, self.place(view), self.at)

    def _file(self, view: str) -> Path:
        return self.state.path("feast", f"{view}.parquet")

    def _made(self, view: str) -> Path:
        return self.state.path("feast", f"{view}.json")


class Growing:
    """A table to which rows are added, of the columns of the first ones."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._writer: TableWriter | None = None

    def add(self, rows: pl.DataFrame) -> None:
        """Add rows."""
        if self._writer is None:
            self._writer = TableWriter(self._file, rows.schema)
        self._writer.write(rows)

    def close(self) -> None:
        """End the file."""
        if self._writer is not None:
            self._writer.close()
