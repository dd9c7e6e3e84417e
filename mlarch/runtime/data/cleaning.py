"""Cleaning: the repairs that a source asks for, made on the typed rows before validation, each with the number of rows that it touched."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

import polars as pl

from ...architecture.blocks.source import Clean, Source
from ...architecture.cleaning import Bounds, bounds_of, column_of
from ...architecture.expressions import Expression, Literal, render, word
from ...architecture.types import Column
from ..artifacts import Repair
from ..features.tables import POLARS_TYPES, lower


@dataclass(frozen=True)
class _Step:
    """One repair: `hit` is true for each row that it touches. A row that is touched gets `made` in `column`, or is left out."""

    rule: str
    at: str
    hit: pl.Expr
    column: str | None = None
    made: pl.Expr | None = None


@dataclass
class Cleaning:
    """The row by row repairs of a source, made on one batch after another; what they touched is counted over all of them."""

    block: Source
    counts: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.steps = list(_steps(self.block))

    def __call__(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Return the rows of a batch, repaired."""
        for step in self.steps:
            hit = rows.select(step.hit.fill_null(False).alias("hit"))["hit"]
            touched = int(hit.sum())
            self.counts[step.rule] = self.counts.get(step.rule, 0) + touched
            if not touched:
                continue
            if step.column is None or step.made is None:
                rows = rows.filter(~hit)
            else:
                rows = rows.with_columns(pl.when(hit).then(step.made).otherwise(pl.col(step.column)).alias(step.column))
        return rows

    def repairs(self) -> tuple[Repair, ...]:
        """Return what was done so far, rule by rule."""
        return tuple(Repair(rule=step.rule, at=step.at, rows=self.counts.get(step.rule, 0)) for step in self.steps)


def _steps(block: Source) -> Iterator[_Step]:
    """Yield the repairs in the order in which they are made."""
    clean, columns = block.clean or Clean(), {column.name: column for column in block.schema.columns}
    at = f"source.{block.name}.clean"
    for condition in clean.null_if:
        name = column_of(condition)
        hit = lower(condition, columns) & pl.col(name).is_not_null()
        yield _Step(f"null_if {render(condition)}", f"{at}.null_if", hit, name, pl.lit(None, POLARS_TYPES[columns[name].type]))
    for number, bound in enumerate(clean.clip.bounds if clean.clip else ()):
        found = bounds_of(bound.expression)
        assert found is not None, "checked"
        yield _clip(bound.expression, found, columns[found.column], f"{at}.clip.{number}")
    for name, value in clean.fill.values.items() if clean.fill else ():
        made = pl.lit(value, POLARS_TYPES[columns[name].type])
        yield _Step(f"fill {word(name)} = {render(Literal(value))}", f"{at}.fill.{name}", pl.col(name).is_null(), name, made)
    if clean.where is not None:
        yield _Step(f"where {render(clean.where)}", f"{at}.where", ~lower(clean.where, columns).fill_null(False))


def _clip(expression: Expression, bounds: Bounds, column: Column, at: str) -> _Step:
    """A whole number is brought to the nearest whole number within the bounds."""
    kind, held = POLARS_TYPES[column.type], pl.col(column.name)
    hit, made = pl.lit(False), held
    if bounds.low is not None:
        low = math.ceil(bounds.low) if kind.is_integer() else bounds.low
        hit, made = hit | (held < bounds.low), pl.when(held < bounds.low).then(pl.lit(low, kind)).otherwise(made)
    if bounds.high is not None:
        high = math.floor(bounds.high) if kind.is_integer() else bounds.high
        hit, made = hit | (held > bounds.high), pl.when(held > bounds.high).then(pl.lit(high, kind)).otherwise(made)
    return _Step(f"clip {render(expression)}", at, hit, column.name, made)
