"""Splitting rows into training, validation and test: the same seed, the same rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from ...architecture.blocks.training import Split, SplitBy
from ..data.batches import row_numbers

Rows = npt.NDArray[Any]
PARTS = ("train", "validation", "test")


def split_rows(by: SplitBy, split: Split, label: pl.Series, time: pl.Series | None) -> dict[str, Rows]:
    """Return row numbers for each part, in ascending order.

    By time, the earliest rows train and the latest test; stratified, every class is divided by itself.
    """
    rows = len(label)
    shares = (split.validation.value, split.test.value)
    if by is SplitBy.TIME:
        assert time is not None, "checks demand a timestamp"
        return _sorted(_cut(time.arg_sort().to_numpy(), *shares))
    generator = np.random.default_rng(split.seed)
    if by is SplitBy.RANDOM:
        return _sorted(_cut(generator.permutation(row_numbers(rows)), *shares))
    values, numbers = label.to_numpy(), row_numbers(rows)
    pieces = [_cut(generator.permutation(numbers[values == each]), *shares) for each in label.unique().sort()]
    return _sorted({part: np.concatenate([piece[part] for piece in pieces]) for part in PARTS})


def _cut(order: Rows, validation: float, test: float) -> dict[str, Rows]:
    """Cut an order of rows: the first train, the last test."""
    testing = round(len(order) * test)
    validating = round(len(order) * validation)
    training = len(order) - testing - validating
    return {"train": order[:training], "validation": order[training : training + validating], "test": order[training + validating :]}


def _sorted(parts: dict[str, Rows]) -> dict[str, Rows]:
    return {part: np.sort(rows) for part, rows in parts.items()}
