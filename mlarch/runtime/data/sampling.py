"""A sample of the rows: which ones is decided by their numbers alone, so that it is the same every time, in whatever batches they come."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl


@dataclass
class Sampling:
    """Keeps a share of the rows, 0 to 1, of one batch after another."""

    share: float
    rows: int = 0

    def __call__(self, batch: pl.DataFrame) -> pl.DataFrame:
        """Return the rows of a batch that are in the sample."""
        wanted = drawn(self.rows, len(batch), self.share)
        self.rows += len(batch)
        return batch.filter(pl.Series(wanted))


def drawn(first: int, count: int, share: float) -> npt.NDArray[np.bool_]:
    """Tell of each of so many rows, from a number on, whether it is in a sample of a share, 0 to 1."""
    return _scattered(np.arange(first, first + count, dtype=np.uint64)) < share


def _scattered(numbers: npt.NDArray[np.uint64]) -> npt.NDArray[np.float64]:
    """Return a number in [0, 1) for each whole number, without a pattern: SplitMix64 (Steele, Lea and Flood, 2014)."""
    with np.errstate(over="ignore"):
        mixed = (numbers + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        mixed ^= mixed >> np.uint64(31)
    return (mixed >> np.uint64(11)) / np.float64(1 << 53)
