"""Tables that are read batch by batch: one that is in memory is one batch, one in a file has as many as it needs.

A batch is named by its number, and has the same rows each time it is read: whoever reads one needs no other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import polars as pl

from .ingestion import undamaged

#: So many rows are read at once: several row groups of a dataset.
BATCH = 1 << 20


class Batches(Protocol):
    """`count` batches, of `rows` rows in all."""

    @property
    def count(self) -> int: ...

    @property
    def rows(self) -> int: ...

    def batch(self, number: int, columns: Sequence[str]) -> pl.DataFrame:
        """Return the columns named, one at least, of a batch."""
        ...


@dataclass(frozen=True)
class Held:
    """A table in memory."""

    frame: pl.DataFrame
    count: int = 1

    @property
    def rows(self) -> int:
        return len(self.frame)

    def batch(self, number: int, columns: Sequence[str]) -> pl.DataFrame:
        """Return columns of all rows."""
        return self.frame.select(columns)


@dataclass(frozen=True)
class Stored:
    """A Parquet file that an earlier step wrote. `path` is shown where it is gone or damaged (MLA608), as is `at`, its place."""

    root: Path
    path: str
    at: str
    rows: int
    size: int = BATCH

    @property
    def count(self) -> int:
        return max(1, -(-self.rows // self.size))

    def batch(self, number: int, columns: Sequence[str]) -> pl.DataFrame:
        """Return columns of some rows, read from the file."""
        with undamaged(self.path, self.at):
            return pl.scan_parquet(self.root / self.path).select(columns).slice(number * self.size, self.size).collect()
