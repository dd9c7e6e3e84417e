"""Tables that are read batch by batch: one that is in memory is one batch, one in a file has as many as it needs.

A batch is named by its number, and has the same rows each time it is read: whoever reads one needs no other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import polars as pl

from ..state import made_anew
from .ingestion import undamaged


class Batches(Protocol):
    """`count` batches."""

    @property
    def count(self) -> int: ...

    def before(self, number: int) -> int:
        """Return how many rows come before a batch."""
        ...

    def batch(self, number: int, columns: Sequence[str]) -> pl.DataFrame:
        """Return the columns named, one at least, of a batch."""
        ...


def row_numbers(rows: int) -> npt.NDArray[Any]:
    """Return the numbers of so many rows, in four bytes each where they fit: of long tables, they are most of what is in memory."""
    return np.arange(rows, dtype=np.uint32 if rows < 1 << 32 else np.int64)


@dataclass(frozen=True)
class Held:
    """A table in memory."""

    frame: pl.DataFrame
    count: int = 1

    def before(self, number: int) -> int:
        """Return 0 for the only batch."""
        return number * len(self.frame)

    def batch(self, number: int, columns: Sequence[str]) -> pl.DataFrame:
        """Return columns of all rows."""
        return self.frame.select(columns)


@dataclass(frozen=True)
class Sized:
    """A table in a file, of which `size` rows are read at a time."""

    rows: int
    size: int

    @property
    def count(self) -> int:
        return max(1, -(-self.rows // self.size))

    def before(self, number: int) -> int:
        """Return how many rows come before a batch: all but the last are of one size."""
        return number * self.size


@dataclass(frozen=True)
class Stored(Sized):
    """A Parquet file that an earlier step wrote.

    `path`, beneath `root`, is shown where it is gone or damaged (MLA608), and `at`, its place in the architecture.
    """

    root: Path
    path: str
    at: str

    def batch(self, number: int, columns: Sequence[str]) -> pl.DataFrame:
        """Return columns of some rows, read from the file."""
        file = self.root / self.path
        with made_anew(file), undamaged(self.path, self.at):
            return pl.scan_parquet(file).select(columns).slice(self.before(number), self.size).collect()


@dataclass(frozen=True)
class Some:
    """Those rows of a table that are wanted; `wanted` says so of each."""

    table: Batches
    wanted: npt.NDArray[np.bool_]

    @property
    def count(self) -> int:
        return self.table.count

    @cached_property
    def _before(self) -> list[int]:
        begun = [self.table.before(number) for number in range(self.count + 1)]
        kept = (int(np.count_nonzero(self.wanted[low:high])) for low, high in pairwise(begun))
        return [0, *accumulate(kept)]

    def before(self, number: int) -> int:
        """Return how many wanted rows come before a batch."""
        return self._before[number]

    def batch(self, number: int, columns: Sequence[str]) -> pl.DataFrame:
        """Return columns of the wanted rows of a batch."""
        rows = self.table.batch(number, columns)
        begun = self.table.before(number)
        wanted = self.wanted[begun : begun + len(rows)]
        return rows if wanted.all() else rows.filter(wanted)
