"""Slices and fairness: metrics of groups of rows, where the groups are real and the metrics are known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ...architecture.blocks.evaluation import Evaluation
from ...architecture.expressions import Amount, Apply, Expression, Literal, Name, walk
from ...architecture.metrics import FAIRNESS, MetricKind, metrics_for
from ...architecture.observations import columns_of, observations_of
from ...architecture.types import Column, ColumnType
from ...language.suggest import correction, names, nearest
from ..base import Context
from ..data.columns import column_named, model_judged

#: What a gate may make of the groups of a slice.
SLICES = ("worst",)
#: Types whose values are shared by many rows.
GROUPS = (ColumnType.CATEGORY, ColumnType.STRING, ColumnType.BOOL, ColumnType.INT)


@dataclass(frozen=True)
class SlicesAreReal:
    """`worst(recall, by=origin)` and `fairness` name a metric and a column of the observations that has groups."""

    name: str = "slices"
    of_the_whole: bool = False

    def run(self, context: Context) -> None:
        for evaluation in context.architecture.evaluation.values():
            model = model_judged(context, evaluation)
            observations = observations_of(context.architecture, model) if model is not None else None
            columns = columns_of(observations) if observations is not None else None
            self._fairness(context, evaluation, columns)
            for number, condition in enumerate(evaluation.require):
                for node in walk(condition.expression):
                    if isinstance(node, Apply) and node.function.isidentifier() and node.function not in ("neg", "and", "or", "not", "in"):
                        self._slice(context, node, columns, f"evaluation.{evaluation.name}.require.{number}")

    def _fairness(self, context: Context, evaluation: Evaluation, columns: Mapping[str, Column] | None) -> None:
        if evaluation.fairness is None:
            return
        at = f"evaluation.{evaluation.name}.fairness"
        if columns is not None:
            column = column_named(context, evaluation.fairness.attribute, columns, f"{at}.attribute", "what the model observes")
            if column is not None and column.type not in GROUPS:
                context.error("MLA430", _no_groups(column), f"{at}.attribute", f"of type {column.type}", help=_HELP)
        known = FAIRNESS
        for number, condition in enumerate(evaluation.fairness.conditions):
            self._difference(context, condition.expression, known, f"{at}.conditions.{number}")

    def _difference(self, context: Context, condition: Expression, known: Mapping[str, MetricKind], at: str) -> None:
        for node in walk(condition):
            if isinstance(node, Name) and node.text not in known:
                _unknown(context, node, known, at)
        bound = next((_value(node) for node in walk(condition) if isinstance(node, (Literal, Amount))), None)
        metric = next((known[node.text] for node in walk(condition) if isinstance(node, Name) and node.text in known), None)
        if bound is not None and metric is not None and not 0 <= bound[0] <= 1:
            context.findings.error(
                "MLA420", f"`{metric.name}` never reaches {bound[1]}", context.where(condition, at), "it lies between 0 and 1"
            )

    def _slice(self, context: Context, node: Apply, columns: Mapping[str, Column] | None, at: str) -> None:
        if node.function not in SLICES:
            context.findings.error(
                "MLA303",
                f"there is no function `{node.function}` in a gate",
                context.where(node, at),
                f"did you mean `{nearest(node.function, SLICES)}`?" if nearest(node.function, SLICES) else "unknown function",
                help="the worst group of a slice is `worst(recall, by=origin)`",
                fixes=correction(node.function, SLICES, context.where(node, at)),
            )
            return
        if len(node.arguments) != 1 or set(node.keywords) != {"by"}:
            context.findings.error(
                "MLA304",
                f"`{node.function}` takes a metric and `by`, the column of the groups",
                context.where(node, at),
                "wrong arguments",
                help=f"`{node.function}(recall, by=origin)`",
            )
            return
        known, (metric,), by = metrics_for(context.architecture.system.problem), node.arguments, node.keywords["by"]
        if not isinstance(metric, Name) or metric.text not in known:
            _unknown(context, metric, known, at)
        if columns is not None:
            self._by(context, by, columns, at)

    def _by(self, context: Context, by: Expression, columns: Mapping[str, Column], at: str) -> None:
        span = context.where(by, at)
        if not isinstance(by, Name) or by.text not in columns:
            text = by.text if isinstance(by, Name) else str(by.value) if isinstance(by, Literal) else ""
            guess = nearest(text, columns)
            context.findings.error(
                "MLA301",
                f"what the model observes has no column `{text}`"
                if isinstance(by, Name)
                else "the groups of a slice are a column's values",
                span,
                f"did you mean `{guess}`?" if guess else "unknown column",
                help=f"the columns are {names(columns)}",
                fixes=correction(text, columns, span) if isinstance(by, Name) else (),
            )
        elif columns[by.text].type not in GROUPS:
            column = columns[by.text]
            context.findings.error("MLA430", _no_groups(column), span, f"of type {column.type}", help=_HELP)


_HELP = f"a slice is over a column of type {names(GROUPS)}"


def _no_groups(column: Column) -> str:
    return f"hardly two rows have the same `{column.name}`, so that it divides them into no groups"


def _unknown(context: Context, node: Expression, known: Mapping[str, MetricKind], at: str) -> None:
    text, span = node.text if isinstance(node, Name) else "", context.where(node, at)
    guess = nearest(text, known)
    context.findings.error(
        "MLA419",
        f"nothing emits the metric `{text}`" if text else "a slice is of a metric",
        span,
        f"did you mean `{guess}`?" if guess else "unknown metric",
        help=f"there are {names(known, 20)}",
        fixes=correction(text, known, span),
    )


def _value(node: Literal | Amount) -> tuple[float, str] | None:
    if isinstance(node, Amount):
        return node.quantity.value, node.quantity.text
    return (float(node.value), repr(node.value)) if isinstance(node.value, (int, float)) and not isinstance(node.value, bool) else None
