"""Files of numbered pieces, in a folder of this machine or in storage that several share: what one part of a work sends to each of others.

A file is written at once and never changed; a piece of it is read by itself, and only the columns asked for. It is an IPC file of Arrow's,
and a piece one of its batches.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl


@dataclass(frozen=True)
class Room:
    """A folder on a file system of Arrow's."""

    system: Any
    folder: str

    @classmethod
    def local(cls, folder: Path) -> Room:
        """Return a folder of this machine."""
        from pyarrow import fs

        return cls(fs.LocalFileSystem(), folder.as_posix())

    def write(self, name: str, pieces: Iterable[pl.DataFrame]) -> None:
        """Write pieces of one schema, one at least."""
        from pyarrow import ipc

        made = map(_arrow, pieces)
        first = next(made)
        with self.system.open_output_stream(f"{self.folder}/{name}") as file, ipc.new_file(file, first.schema) as writer:
            writer.write_batch(first)
            for piece in made:
                writer.write_batch(piece)

    def read(self, name: str, piece: int, columns: Sequence[str]) -> pl.DataFrame:
        """Return columns of a piece."""
        from pyarrow import ipc

        with self.system.open_input_file(f"{self.folder}/{name}") as file:
            schema = ipc.open_file(file).schema
            options = ipc.IpcReadOptions(included_fields=[schema.get_field_index(column) for column in columns])
            found = pl.from_arrow(ipc.open_file(file, options=options).get_batch(piece))
        assert isinstance(found, pl.DataFrame), "a batch has columns"
        return found.select(columns)

    def remove(self, name: str) -> None:
        """Remove a file."""
        self.system.delete_file(f"{self.folder}/{name}")


def _arrow(piece: pl.DataFrame) -> Any:
    """Return a piece as one batch; texts are copied, so that it holds its own and not those of the table that it was cut from."""
    import pyarrow as arrow

    table = piece.to_arrow(compat_level=pl.CompatLevel.oldest())
    return arrow.RecordBatch.from_arrays([column.combine_chunks() for column in table.columns], schema=table.schema)
