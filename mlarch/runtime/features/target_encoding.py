"""Target encoding: a category becomes the mean label of its training rows, drawn towards the mean of all.

The mean of n labels is weighed as n rows, the prior (the mean of all labels) as m more of them: (sum + m * prior) / (n + m), the
m-estimate in D. Micci-Barreca, "A preprocessing scheme for high-cardinality categorical attributes in classification and prediction
problems", SIGKDD Explorations 3 (1), 2001.

A training row that found its own label in its feature would teach the model to read it there. So training rows are encoded out of
fold: by the labels of the other folds alone, the prior too. All other rows are encoded by every training row.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ...architecture.expressions import Apply, Expression, Literal, Lookup
from ..data.batches import row_numbers

#: As many rows as these are of the mean of all: a category of fewer rows is nearer to it than to its own mean.
SMOOTHING = 10.0
#: Each training row is encoded by four fifths of them: near to what all of them will say of new rows, at five passes over the labels.
FOLDS = 5

Floats = NDArray[np.float64]
Integers = NDArray[Any]


@dataclass(frozen=True)
class Labelled:
    """The labels of the training rows, as numbers, and the fold of each: made when they are first asked for, as few programs do."""

    given: pl.Series
    seed: int

    @cached_property
    def label(self) -> Floats:
        """The label of each row."""
        return self.given.cast(pl.Float64).to_numpy()

    @cached_property
    def fold(self) -> Integers:
        """The fold of each row: by chance and not by labels, else a label would decide how others are encoded."""
        return (np.random.default_rng(self.seed).permutation(row_numbers(len(self.given))) % FOLDS).astype(np.int8)


def target_encode(inner: Expression, values: pl.Series, labelled: Labelled) -> tuple[Lookup, Expression, pl.Series]:
    """Return the table of every training row, the encoding around it, and what stands in the table's place in the training rows."""
    known = values.drop_nulls().unique().sort()
    place = pl.Series(range(len(known)), dtype=pl.Int64)
    codes = values.replace_strict(known, place, default=None, return_dtype=pl.Int64).fill_null(len(known)).to_numpy()
    encoded, prior = _encoded(codes, labelled.label, len(known))
    table = Lookup(inner, dict(zip(known, encoded.tolist(), strict=True)), prior)
    out_of_fold = np.empty(len(codes))
    for fold in range(FOLDS):
        others, own = labelled.fold != fold, labelled.fold == fold
        means, mean = _encoded(codes[others], labelled.label[others], len(known))
        out_of_fold[own] = np.append(means, mean)[codes[own]]
    return table, Apply("coalesce", (table, Literal(prior))), pl.Series(out_of_fold)


def _encoded(codes: Integers, label: Floats, count: int) -> tuple[Floats, float]:
    """Return the smoothed mean of each category, and the mean of all. The code after the last is that of missing values."""
    prior = float(label.mean()) if len(label) else 0.0
    rows = np.bincount(codes, minlength=count + 1)[:count]
    sums = np.bincount(codes, weights=label, minlength=count + 1)[:count]
    return (sums + SMOOTHING * prior) / (rows + SMOOTHING), prior
