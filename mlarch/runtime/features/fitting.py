"""Fitting: what is learnt from the training rows becomes constants in plain expressions, and nothing else is left to fit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
import polars as pl

from ...architecture.expressions import Apply, Expression, Literal, Lookup, rewrite
from ...architecture.functions import FUNCTIONS, Role
from ...architecture.program import FeatureProgram, ProgramFeature
from ...architecture.types import Column, ValueKind
from .tables import lower


def fit(program: FeatureProgram, rows: pl.DataFrame) -> FeatureProgram:
    """Return the program with every fitted function replaced by expressions with constants learnt from `rows`.

    Nested functions are fitted from the inside out. `one_hot` gives one feature for each value: `shape.colour=red`.
    """
    features: list[ProgramFeature] = []
    for feature in program.features:
        features += _fit_feature(feature, rows, program.columns)
    return msgspec.structs.replace(program, features=tuple(features))


def _fit_feature(feature: ProgramFeature, rows: pl.DataFrame, columns: Mapping[str, Column]) -> list[ProgramFeature]:
    expression = feature.expression
    if isinstance(expression, Apply) and expression.function == "one_hot":
        inner = _fit_expression(expression.arguments[0], rows, columns)
        values = _values(inner, rows, columns).drop_nulls().unique().sort()
        return [
            ProgramFeature(
                f"{feature.name}={value}",
                Apply("if", (Apply("==", (inner, Literal(value))), Literal(1), Literal(0))),
                ValueKind.NUMBER,
                feature.doc,
            )
            for value in values
        ]
    return [ProgramFeature(feature.name, _fit_expression(expression, rows, columns), feature.kind, feature.doc)]


def _fit_expression(expression: Expression, rows: pl.DataFrame, columns: Mapping[str, Column]) -> Expression:
    def replace(node: Expression) -> Expression:
        if isinstance(node, Apply) and node.function in FUNCTIONS and FUNCTIONS[node.function].role is Role.FITTED:
            (inner,) = node.arguments
            return FITTED[node.function](inner, _values(inner, rows, columns))
        return node

    return rewrite(expression, replace)


def _values(expression: Expression, rows: pl.DataFrame, columns: Mapping[str, Column]) -> pl.Series:
    return rows.select(lower(expression, columns).alias("value"))["value"]


Fitting = Callable[[Expression, pl.Series], Expression]


def _number(value: Any) -> float:
    """A statistic of no values at all is 0: the feature is then missing everywhere anyway."""
    return 0.0 if value is None else float(value)


def _scaled(inner: Expression, low: float, width: float) -> Expression:
    shifted = Apply("-", (inner, Literal(low)))
    return Apply("/", (shifted, Literal(width))) if width > 0 else Apply("*", (shifted, Literal(0.0)))


def _standardize(inner: Expression, values: pl.Series) -> Expression:
    return _scaled(inner, _number(values.mean()), _number(values.std(ddof=0)))


def _min_max(inner: Expression, values: pl.Series) -> Expression:
    low, high = _number(values.min()), _number(values.max())
    return _scaled(inner, low, high - low)


def _impute(statistic: str) -> Fitting:
    def fitted(inner: Expression, values: pl.Series) -> Expression:
        return Apply("coalesce", (inner, Literal(_number(getattr(values, statistic)()))))

    return fitted


def _impute_mode(inner: Expression, values: pl.Series) -> Expression:
    counts = values.drop_nulls().value_counts()
    name = values.name
    ordered = counts.sort("count", name, descending=[True, False])
    return Apply("coalesce", (inner, Literal(ordered[name][0] if len(ordered) else "")))


def _ordinal(inner: Expression, values: pl.Series) -> Expression:
    table = {value: float(number) for number, value in enumerate(values.drop_nulls().unique().sort())}
    return Lookup(inner, table, -1.0)


def _quantile_bin(inner: Expression, values: pl.Series) -> Expression:
    edges = [_number(values.quantile(tenth / 10, interpolation="linear")) for tenth in range(1, 10)]
    steps: list[Expression] = [Apply("if", (Apply(">", (inner, Literal(edge))), Literal(1), Literal(0))) for edge in edges]
    total = steps[0]
    for step in steps[1:]:
        total = Apply("+", (total, step))
    return Apply("if", (Apply("is_missing", (inner,)), Literal(None), total))


def _one_hot_inside(inner: Expression, values: pl.Series) -> Expression:
    raise TypeError("`one_hot` gives several columns: it stands outermost")


#: One line for each fitted function that is lowered.
FITTED: dict[str, Fitting] = {
    "standardize": _standardize,
    "min_max": _min_max,
    "impute_mean": _impute("mean"),
    "impute_median": _impute("median"),
    "impute_mode": _impute_mode,
    "ordinal": _ordinal,
    "quantile_bin": _quantile_bin,
    "one_hot": _one_hot_inside,
}
