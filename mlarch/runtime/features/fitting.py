"""Fitting: what is learnt from the training rows becomes constants in plain expressions, and nothing else is left to fit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import msgspec
import polars as pl

from ...architecture.expressions import Apply, Expression, Literal, Lookup, Name, Term, rewrite
from ...architecture.functions import FUNCTIONS, Role
from ...architecture.observations import columns_in
from ...architecture.program import FeatureProgram, ProgramFeature, Vocabulary
from ...architecture.types import Column, ColumnType, ValueKind
from .constants import constant
from .tables import apply, lower
from .target_encoding import Labelled, target_encode
from .tfidf import vocabulary

#: All rows, batch by batch, with the columns named at least.
Rows = Callable[[Sequence[str]], Iterable[pl.DataFrame]]
#: From some training rows, and how many come before them, to their features.
InTraining = Callable[[pl.DataFrame, int], pl.DataFrame]


def fit(program: FeatureProgram, rows: pl.DataFrame) -> FeatureProgram:
    """Return the program with every fitted function replaced by expressions with constants learnt from `rows`.

    Nested functions are fitted from the inside out. What gives several columns gives one feature for each: `shape.colour=red`. Nothing
    in the program may learn from a label; see `fit_transform`.
    """
    return _Fit(lambda names: (rows,), program).program()


def fit_transform(program: FeatureProgram, rows: pl.DataFrame, label: pl.Series, seed: int) -> tuple[FeatureProgram, pl.DataFrame]:
    """Return the fitted program and the features of the rows that it was fitted on: with `target_encode` they are not what it gives.

    `label` is a number for each row, `seed` divides them into folds.
    """
    fitted, transform = fit_batches(program, lambda names: (rows,), label, seed)
    return fitted, transform(rows, 0)


def fit_batches(program: FeatureProgram, rows: Rows, label: pl.Series, seed: int) -> tuple[FeatureProgram, InTraining]:
    """Return the fitted program, and what gives the features of the rows that it was fitted on.

    `rows` gives all training rows, batch by batch, each time anew. What is learnt is learnt value by value: in memory is one at a time, of
    all training rows, beside one column for each `target_encode`.
    """
    fitting = _Fit(rows, program, Labelled(label, seed))
    fitted = fitting.program()
    return fitted, fitting.transform(fitted)


class _Fit:
    """The training rows, and what was learnt from them so far.

    `encoded` are the tables of labels, each with the column that stands in its place in the training rows.
    """

    def __init__(self, rows: Rows, program: FeatureProgram, labelled: Labelled | None = None) -> None:
        self.rows = rows
        self.unfitted = program
        self.columns = dict(program.columns)
        self.labelled = labelled
        self.encoded: list[tuple[Lookup, pl.Series]] = []
        self.vocabularies: list[Vocabulary] = []

    def program(self) -> FeatureProgram:
        features = tuple(made for feature in self.unfitted.features for made in self._feature(feature))
        vocabularies = (*self.unfitted.vocabularies, *self.vocabularies)
        return msgspec.structs.replace(self.unfitted, features=features, vocabularies=vocabularies)

    def transform(self, fitted: FeatureProgram) -> InTraining:
        """Return what gives the features of training rows, once all is fitted."""
        features = tuple(msgspec.structs.replace(each, expression=self.in_training(each.expression)) for each in fitted.features)
        texts = tuple(msgspec.structs.replace(each, expression=self.in_training(each.expression)) for each in fitted.vocabularies)
        inputs = (*fitted.inputs, *(self.columns[column.name] for _, column in self.encoded))
        program = msgspec.structs.replace(fitted, inputs=inputs, features=features, vocabularies=texts)
        return lambda rows, before: apply(program, self._beside(rows, before))

    def _beside(self, rows: pl.DataFrame, before: int) -> pl.DataFrame:
        return rows.with_columns(column.slice(before, len(rows)) for _, column in self.encoded)

    def in_training(self, expression: Expression) -> Expression:
        """Return the expression as it is of a training row."""
        if not self.encoded:
            return expression
        return rewrite(expression, lambda node: self._column(node) if isinstance(node, Lookup) else node)

    def _column(self, node: Lookup) -> Expression:
        return next((Name((column.name,)) for lookup, column in self.encoded if lookup.table is node.table), node)

    def _feature(self, feature: ProgramFeature) -> Iterator[ProgramFeature]:
        expression = feature.expression
        if not isinstance(expression, Apply) or expression.function not in SPREAD:
            yield msgspec.structs.replace(feature, expression=self._expression(expression))
            return
        inner = self._expression(expression.arguments[0])
        given = [constant(argument) for argument in expression.arguments[1:]]
        for name, made in SPREAD[expression.function](self, feature.name, inner, *given):
            yield ProgramFeature(f"{feature.name}={name}", made, ValueKind.NUMBER, feature.doc)

    def one_hot(self, _: str, inner: Expression) -> Iterator[tuple[str, Expression]]:
        for value in self._values(inner).drop_nulls().unique().sort():
            yield value, Apply("if", (Apply("==", (inner, Literal(value))), Literal(1), Literal(0)))

    def tfidf(self, feature: str, inner: Expression, most: Any) -> Iterator[tuple[str, Expression]]:
        held = vocabulary(feature, inner, self._values(inner).drop_nulls(), int(most))
        if held.terms:  # of no word in any training row there is nothing to weigh
            self.vocabularies.append(held)
        yield from ((term, Term(held.column, number)) for number, term in enumerate(held.terms))

    def target_encode(self, inner: Expression) -> Expression:
        assert self.labelled is not None, "only `fit_transform` knows the labels"
        table, around, column = target_encode(inner, self._values(inner), self.labelled)
        name = f"target_encode {len(self.encoded)}"
        self.columns[name] = Column(name=name, type=ColumnType.FLOAT)
        self.encoded.append((table, column.alias(name)))
        return around

    def _expression(self, expression: Expression) -> Expression:
        def replace(node: Expression) -> Expression:
            if not isinstance(node, Apply) or node.function not in FUNCTIONS or FUNCTIONS[node.function].role is not Role.FITTED:
                return node
            (inner,) = node.arguments
            if node.function in SUPERVISED:
                return SUPERVISED[node.function](self, inner)
            return FITTED[node.function](inner, self._values(inner))

        return rewrite(expression, replace)

    def _values(self, expression: Expression) -> pl.Series:
        """Return the value of each training row, in one piece: in how many they came leaves no trace in a sum."""
        expression = self.in_training(expression)
        learnt = {column.name for _, column in self.encoded}
        read = [name for name in columns_in(expression) if name not in learnt]
        found, before = [], 0
        for rows in self.rows(read):
            found.append(self._beside(rows, before).select(lower(expression, self.columns).alias("value"))["value"])
            before += len(rows)
        return pl.concat(found).rechunk()


Fitting = Callable[[Expression, pl.Series], Expression]


def _number(value: Any) -> float:
    """A statistic of no values at all is 0: the feature is then missing everywhere anyway."""
    return 0.0 if value is None else float(value)


def _scaled(inner: Expression, low: float, width: float) -> Expression:
    shifted = Apply("-", (inner, Literal(low)))
    return Apply("/", (shifted, Literal(width))) if width > 0 else Apply("*", (shifted, Literal(0.0)))


def _standardize(inner: Expression, values: pl.Series) -> Expression:
    # of equal values the deviation is 0, and not what rounding has left of it
    deviation = _number(values.std(ddof=0)) if values.min() != values.max() else 0.0
    return _scaled(inner, _number(values.mean()), deviation)


def _min_max(inner: Expression, values: pl.Series) -> Expression:
    low, high = _number(values.min()), _number(values.max())
    return _scaled(inner, low, high - low)


def _robust_scale(inner: Expression, values: pl.Series) -> Expression:
    low, high = (_number(values.quantile(share, interpolation="linear")) for share in (0.25, 0.75))
    return _scaled(inner, _number(values.median()), high - low)


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


def _frequency_encode(inner: Expression, values: pl.Series) -> Expression:
    counts = values.drop_nulls().value_counts()
    table = {value: count / len(values) for value, count in sorted(counts.iter_rows())}
    return Lookup(inner, table, 0.0)


def _quantile_bin(inner: Expression, values: pl.Series) -> Expression:
    edges = [_number(values.quantile(tenth / 10, interpolation="linear")) for tenth in range(1, 10)]
    steps: list[Expression] = [Apply("if", (Apply(">", (inner, Literal(edge))), Literal(1), Literal(0))) for edge in edges]
    total = steps[0]
    for step in steps[1:]:
        total = Apply("+", (total, step))
    return Apply("if", (Apply("is_missing", (inner,)), Literal(None), total))


#: One line for each fitted function of one column.
FITTED: dict[str, Fitting] = {
    "standardize": _standardize,
    "min_max": _min_max,
    "robust_scale": _robust_scale,
    "impute_mean": _impute("mean"),
    "impute_median": _impute("median"),
    "impute_mode": _impute_mode,
    "ordinal": _ordinal,
    "frequency_encode": _frequency_encode,
    "quantile_bin": _quantile_bin,
}
#: Those that learn from labels.
SUPERVISED: dict[str, Callable[[_Fit, Expression], Expression]] = {"target_encode": _Fit.target_encode}
#: Those that give several columns: the name and the expression of each.
SPREAD: dict[str, Callable[..., Iterator[tuple[str, Expression]]]] = {"one_hot": _Fit.one_hot, "tfidf": _Fit.tfidf}
