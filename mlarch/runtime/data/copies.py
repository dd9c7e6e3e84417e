"""Copies: of rows that are equal in the columns of `dedupe` the first is kept, of a table that need not fit into memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
import numpy.typing as npt
import polars as pl

from ...architecture.blocks.source import Source
from ...architecture.expressions import word
from ..artifacts import Repair
from ..state import temporary_for
from .connectors.rows import of_frame
from .writing import write_batches

#: The keys of so many rows are compared at a time.
COMPARED = 10_000_000


def is_copy(keys: Sequence[str]) -> pl.Expr:
    """Tell of each row whether an earlier one has the same keys; a row that lacks one of them is no copy."""
    return pl.all_horizontal(pl.col(keys).is_not_null()) & ~pl.struct(keys).is_first_distinct()


class Copies:
    """Leaves copies out; a context, in whose folder the rows wait while their keys are compared."""

    def __init__(self, block: Source, folder: Path) -> None:
        self.keys = list(block.clean.dedupe) if block.clean else []
        self.at = f"source.{block.name}.clean.dedupe"
        self.found = 0
        self._waiting = temporary_for(folder / "typed.parquet")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        self._waiting.unlink(missing_ok=True)

    def left_out(self, schema: pl.Schema, batches: Iterator[pl.DataFrame]) -> Iterator[pl.DataFrame]:
        """Return the rows without copies; a row that lacks one of the keys is no copy."""
        if not self.keys:
            return batches
        write_batches(self._waiting, schema, batches)
        kept = np.ones(pl.scan_parquet(self._waiting).select(pl.len()).collect().item(), dtype=np.bool_)
        for numbers in self._numbers(len(kept)):
            kept[numbers.to_numpy()] = False
        self.found = len(kept) - int(kept.sum())
        return self._without(schema, kept)

    def _numbers(self, rows: int) -> Iterator[pl.Series]:
        """Yield the numbers of rows that are copies: equal keys have equal hashes, and so come together in one part of the rows."""
        parts = 1 + rows // COMPARED
        keys = pl.scan_parquet(self._waiting, row_index_name="_row").select("_row", *self.keys).drop_nulls(self.keys)
        for part in range(parts):
            mine = keys.filter(pl.struct(self.keys).hash(0) % parts == part) if parts > 1 else keys
            yield mine.filter(is_copy(self.keys)).select("_row").collect()["_row"]

    def _without(self, schema: pl.Schema, kept: npt.NDArray[np.bool_]) -> Iterator[pl.DataFrame]:
        row = 0
        for batch in of_frame(pl.scan_parquet(self._waiting)).batches(list(schema)):
            yield batch.filter(pl.Series(kept[row : row + len(batch)]))
            row += len(batch)

    def repairs(self) -> tuple[Repair, ...]:
        """Return how many copies were left out."""
        return (Repair(rule=f"dedupe {', '.join(map(word, self.keys))}", at=self.at, rows=self.found),) if self.keys else ()
