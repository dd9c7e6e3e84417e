"""Profiles: how the values of each column are distributed, in the one pass that measures the rules, and how far they have moved.

How far: the population stability index, the sum of (a - b) ln(a / b) over the shares of the bins (Siddiqi, 2006). Below 0.1 little has
changed; above 0.25 much has.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import polars as pl

from ...architecture.blocks.source import Source
from ...architecture.types import Column, ColumnType, ValueKind
from ..artifacts import Drift, Profile

BINS = 16
BARS = "▁▂▃▄▅▆▇█"
#: A share of nothing is taken as this one, so that the index stays finite.
LEAST = 1e-4
OTHER = "other"

Ends = Mapping[str, tuple[float, float]]


@dataclass(frozen=True)
class Binned:
    """The bins of one column: `edges` between them for numbers, `labels` for categories and booleans."""

    column: Column
    edges: tuple[float, ...] = ()
    labels: tuple[str, ...] = ()

    def counts(self) -> list[pl.Expr]:
        """Return how many values are in each bin; the outer ones of numbers are open, missing values are in none."""
        held = pl.col(self.column.name)
        if self.labels:
            known = [held == (label == "true" if self.column.type is ColumnType.BOOL else label) for label in self.labels if label != OTHER]
            other = [~held.is_in([label for label in self.labels if label != OTHER])] if OTHER in self.labels else []
            return [each.sum() for each in (*known, *other)]
        number = held.cast(pl.Float64)
        # Each is counted from its lower edge on; a bin is what is left without those above it.
        above = [held.is_not_null().sum(), *((number >= edge).sum() for edge in self.edges)]
        return [one.cast(pl.Int64) - other.cast(pl.Int64) for one, other in pairwise(above)] + [above[-1]]


def bins_of(block: Source, ends: Ends) -> list[Binned]:
    """Return the bins of each column that has any: numbers between the least and the largest value, categories, booleans."""
    found = []
    for column in block.schema.columns:
        if column.type is ColumnType.BOOL:
            found.append(Binned(column, labels=("false", "true")))
        elif column.categories:
            found.append(Binned(column, labels=(*column.categories, OTHER)))
        elif column.kind is ValueKind.NUMBER and column.name in ends:
            low, high = ends[column.name]
            found.append(Binned(column, edges=tuple(low + (high - low) * place / BINS for place in range(1, BINS)) if high > low else ()))
    return found


def bins_again(block: Source, before: Sequence[Profile]) -> list[Binned]:
    """Return the bins of an earlier profile, for the columns that are still of its kind."""
    columns = {column.name: column for column in block.schema.columns}
    made = [(columns.get(each.column), each) for each in before]
    return [
        Binned(column, each.edges, each.labels)
        for column, each in made
        if column is not None
        and bool(each.labels) == bool(column.categories or column.type is ColumnType.BOOL)
        and (each.labels or column.kind is ValueKind.NUMBER)
    ]


def profile(binned: Binned, counts: Sequence[int], missing: int, ends: Ends) -> Profile:
    """Return what is known of a column."""
    low, high = ends.get(binned.column.name, (None, None))
    return Profile(
        column=binned.column.name,
        missing=missing,
        low=low,
        high=high,
        edges=binned.edges,
        labels=binned.labels,
        counts=tuple(counts),
        bars=bars(counts),
    )


def drifts(before: Sequence[Profile], counts: Mapping[str, Sequence[int]], missing: Mapping[str, int]) -> Iterator[Drift]:
    """Yield how far each column has moved from an earlier profile; what is missing is a bin of its own."""
    for each in before:
        if each.column in counts:
            yield Drift(column=each.column, psi=psi((*each.counts, each.missing), (*counts[each.column], missing[each.column])))


def psi(before: Sequence[int], after: Sequence[int]) -> float:
    """Return the population stability index of two histograms over the same bins."""
    was, now = (max(1, sum(each)) for each in (before, after))
    shares = [(max(a / was, LEAST), max(b / now, LEAST)) for a, b in zip(before, after, strict=True)]
    return sum((b - a) * math.log(b / a) for a, b in shares)


def bars(counts: Sequence[int]) -> str:
    """Return a histogram as one line of text."""
    most = max(counts, default=0)
    return "".join(BARS[min(len(BARS) - 1, math.ceil(count / most * len(BARS)) - 1)] if count else " " for count in counts) if most else ""
