"""Rooms: folders of files that parts of one work hand to each other, on this machine or in storage that several machines share.

A file is written at once and never changed. One of numbered pieces, what one part sends to each of others, is an IPC file of Arrow's, and a
piece one of its batches; a piece is read by itself, and only the columns asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl

from ..secrets import known
from .batches import Sized


@dataclass(frozen=True)
class Room:
    """A folder, by its URI: `file:///…` or `s3://bucket/…`. Each process opens it for itself, by its own environment's credentials."""

    uri: str

    @classmethod
    def local(cls, folder: Path) -> Room:
        """Return a folder of this machine."""
        return cls(folder.absolute().as_uri())

    def __reduce__(self) -> tuple[object, ...]:
        """Leave what is open behind."""
        return (Room, (self.uri,))

    @cached_property
    def _opened(self) -> tuple[Any, str]:
        from pyarrow import fs

        if not self.uri.startswith("s3://"):
            system, folder = fs.FileSystem.from_uri(self.uri)
            return system, folder
        scheme, _, host = (known("AWS_ENDPOINT_URL_S3") or known("AWS_ENDPOINT_URL") or "").rpartition("://")
        keys = {name: known(f"AWS_{name.upper()}") for name in ("access_key_id", "secret_access_key", "session_token")}
        system = fs.S3FileSystem(
            access_key=keys["access_key_id"],
            secret_key=keys["secret_access_key"],
            session_token=keys["session_token"],
            region=known("AWS_REGION") or known("AWS_DEFAULT_REGION") or "us-east-1",
            retry_strategy=fs.AwsStandardS3RetryStrategy(max_attempts=3),
            **({"endpoint_override": host, "scheme": scheme or "https"} if host else {}),
        )
        return system, self.uri.removeprefix("s3://").rstrip("/")

    def within(self, name: str) -> Room:
        """Return a folder in this one."""
        return Room(f"{self.uri.rstrip('/')}/{name}")

    def make(self) -> None:
        """Make the folder."""
        system, folder = self._opened
        system.create_dir(folder, recursive=True)

    def remove(self, name: str | None = None) -> None:
        """Remove a file, or the folder with all that is in it."""
        system, folder = self._opened
        system.delete_file(f"{folder}/{name}") if name is not None else system.delete_dir(folder)

    def reading(self, name: str) -> Any:
        """Open a file to be read from any place in it."""
        system, folder = self._opened
        return system.open_input_file(f"{folder}/{name}")

    def writing(self, name: str) -> Any:
        """Open a file to be written; it is there once it is closed."""
        system, folder = self._opened
        return system.open_output_stream(f"{folder}/{name}")

    def bring(self, file: Path, name: str) -> None:
        """Copy a file of this machine here."""
        with file.open("rb") as data, self.writing(name) as copy:
            while block := data.read(1 << 24):
                copy.write(block)

    def fetch(self, name: str, file: Path) -> None:
        """Copy a file from here to this machine."""
        with self.reading(name) as data, file.open("wb") as copy:
            while block := data.read(1 << 24):
                copy.write(block)

    def write(self, name: str, pieces: Iterable[pl.DataFrame]) -> None:
        """Write pieces of one schema, one at least."""
        from pyarrow import ipc

        made = map(_arrow, pieces)
        first = next(made)
        with self.writing(name) as file, ipc.new_file(file, first.schema) as writer:
            writer.write_batch(first)
            for piece in made:
                writer.write_batch(piece)

    def read(self, name: str, piece: int, columns: Sequence[str] | None = None) -> pl.DataFrame:
        """Return a piece, or the columns named of it."""
        from pyarrow import ipc

        with self.reading(name) as file:
            pieces = ipc.open_file(file)
            if columns is not None and set(columns) != set(pieces.schema.names):  # to read few columns, the file is opened again
                wanted = [pieces.schema.get_field_index(column) for column in columns]
                pieces = ipc.open_file(file, options=ipc.IpcReadOptions(included_fields=wanted))
            found = pl.from_arrow(pieces.get_batch(piece))
        assert isinstance(found, pl.DataFrame), "a batch has columns"
        return found if columns is None else found.select(columns)


@dataclass(frozen=True)
class Shared(Sized):
    """A Parquet file in a room."""

    room: Room
    name: str

    def batch(self, number: int, columns: Sequence[str]) -> pl.DataFrame:
        """Return columns of some rows: of the row groups that they are in."""
        import pyarrow as arrow
        from pyarrow import parquet

        first = self.before(number)
        with self.room.reading(self.name) as data, parquet.ParquetFile(data) as file:
            begun, skipped = 0, 0
            groups: list[int] = []
            for group in range(file.metadata.num_row_groups):
                rows = file.metadata.row_group(group).num_rows
                if begun < first + self.size and begun + rows > first:
                    skipped = skipped if groups else first - begun
                    groups.append(group)
                begun += rows
            table = file.read_row_groups(groups, columns=list(columns)) if groups else arrow.Table.from_batches([], file.schema_arrow)
        found = pl.from_arrow(table)
        assert isinstance(found, pl.DataFrame), "a file has columns"
        return found.select(columns).slice(skipped, self.size)


def _arrow(piece: pl.DataFrame) -> Any:
    """Return a piece as one batch; texts are copied, so that it holds its own and not those of the table that it was cut from."""
    import pyarrow as arrow

    table = piece.to_arrow(compat_level=pl.CompatLevel.oldest())
    return arrow.RecordBatch.from_arrays([column.combine_chunks() for column in table.columns], schema=table.schema)
