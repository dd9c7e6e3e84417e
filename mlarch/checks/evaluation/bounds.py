"""Bounds that are right each by itself: whether they say something, and whether they can hold together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from math import inf

from ...architecture.blocks.evaluation import Evaluation
from ...architecture.blocks.source import Source
from ...architecture.blocks.system import Metric
from ...architecture.expressions import Amount, Apply, Expression, Literal, Name, render, walk
from ...architecture.metrics import FAIRNESS, MetricKind, metrics_for
from ...architecture.observations import columns_of
from ...architecture.quantities import Dimension
from ...architecture.types import Column
from ...language.diagnostics import Severity
from ..base import Context
from ..features.ranges import Named, Range, decided
from .conditions import bound_of, contradictions, superfluous

CODE = "MLA420"


def _within(known: Mapping[str, MetricKind]) -> Named:
    """What a metric lies between; the champion's as well."""

    def named(name: Name) -> Range | None:
        metric = known.get(name.parts[-1])
        return Range(*_ends(metric)) if metric is not None else None

    return named


def _ends(metric: MetricKind) -> tuple[float, float]:
    return metric.low if metric.low is not None else -inf, metric.high if metric.high is not None else inf


def _said(context: Context, node: Expression, at: str) -> bool:
    """Tell whether something was said of the condition already."""
    span = context.where(node, at)
    inside = [span, context.positions.paths.get(at), *(context.where(part, at) for part in walk(node))]
    return any(item.span in inside for item in context.findings if item.code != "MLA801")


def _decide(context: Context, node: Expression, named: Named, at: str, caption: str, severity: Severity = Severity.ERROR) -> bool:
    """Report a condition whose outcome is known beforehand; tell whether it was one."""
    always = decided(node, named)
    if always is None or _said(context, node, at):
        return False
    told = f"`{render(node)}` is {'always' if always else 'never'} true"
    context.findings.error(CODE, told, context.where(node, at), caption, severity=severity)
    return True


def together(context: Context, conditions: list[tuple[Expression, str]], severity: Severity = Severity.ERROR) -> None:
    """Report conditions that exclude one another, and those that another one makes superfluous."""
    places = {id(node): at for node, at in conditions}
    nodes = [node for node, at in conditions if not _said(context, node, at)]
    told: set[int] = set()
    for one, other in contradictions(nodes):
        if id(other.node) not in told:
            told.add(id(other.node))
            span = context.where(other.node, places[id(other.node)])
            message = f"`{render(other.node)}` and `{render(one.node)}` never hold together"
            help = "keep the one that is meant"
            context.findings.error("MLA463", message, span, "contradicts the other", help=help, severity=severity)
    for stronger, weaker in superfluous(nodes):
        apart = any(context.overlaid(context.where(each.node, ""), places[id(weaker.node)]) for each in (stronger, weaker))
        if not apart and not {id(stronger.node), id(weaker.node)} & told:  # an overlay may be stricter
            told.add(id(weaker.node))
            span = context.where(weaker.node, places[id(weaker.node)])
            message = f"`{render(weaker.node)}` says nothing beside `{render(stronger.node)}`"
            context.findings.warning("MLA465", message, span, "superfluous", help="keep the stricter one")


@dataclass(frozen=True)
class GatesSaySomething:
    """A gate may be passed and may be failed, it is about the new model, and no model must be perfect."""

    name: str = "thresholds"
    of_the_whole: bool = False

    def run(self, context: Context) -> None:
        system = context.architecture.system
        known = metrics_for(system.problem)
        for name, metric in system.metric.items():
            if name in known:
                self._metric(context, metric, known[name], f"system.{system.name}.metric.{name}")
        evaluations = context.architecture.evaluation.values()
        parts = ((f"evaluation.{each.name}", (each, system.problem), partial(self._evaluation, each, known)) for each in evaluations)
        context.apart("thresholds", parts)

    def _evaluation(self, evaluation: Evaluation, known: Mapping[str, MetricKind], context: Context) -> None:
        at = f"evaluation.{evaluation.name}.require"
        conditions = [(each.expression, f"{at}.{number}") for number, each in enumerate(evaluation.require)]
        for node, place in conditions:
            self._condition(context, node, known, place)
        together(context, conditions)
        self._fairness(context, evaluation)

    def _metric(self, context: Context, metric: Metric, kind: MetricKind, at: str) -> None:
        target, baseline, (low, high) = metric.target, metric.baseline, _ends(kind)
        if target is not None and low <= target.bound.value <= high:
            name, bound = Name((kind.name,)), Amount(target.bound)
            _decide(
                context, Apply(target.operator, (name, bound)), _within({kind.name: kind}), f"{at}.target", f"`{kind.name}` {_span(kind)}"
            )
        best = high if kind.greater_is_better else low
        if baseline is not None and baseline.value == best:
            context.error(CODE, f"no model beats a `{kind.name}` of {baseline.text}", f"{at}.baseline", f"`{kind.name}` {_span(kind)}")
        elif baseline is not None and target is not None and not context.wrong(at) and _worse(target.bound.value, baseline.value, kind):
            told = f"the target {target.bound.text} is worse than the baseline {baseline.text}, which was reached already"
            context.warn("MLA465", told, f"{at}.target", "aims below what there is", help="are the two exchanged?")

    def _condition(self, context: Context, node: Expression, known: Mapping[str, MetricKind], at: str) -> None:
        read = [part for part in walk(node) if isinstance(part, Name)]
        metrics = [part for part in read if part.parts[-1] in known]
        if not metrics or _said(context, node, at):
            return
        kind = known[metrics[0].parts[-1]]
        if _decide(context, node, _within(known), at, f"`{kind.name}` {_span(kind)}"):
            return
        if all(part.parts[0] == "champion" for part in metrics):
            help = f"write `{kind.name} …`: the champion is the model in production"
            context.error(
                "MLA418", "the gate is about the champion alone: it says nothing of the new model", at, "not of the new model", help=help
            )
            return
        if not isinstance(node, Apply) or len(node.arguments) != 2:
            return
        left, right = node.arguments
        if node.function in ("==", "!="):
            outcome = "true" if node.function == "==" else "false"
            told = f"`{render(node)}` is hardly ever {outcome}: a metric is measured, and never the same twice"
            context.warn(CODE, told, at, "an exact value", help=f"write `{kind.name} {'>=' if kind.greater_is_better else '<='} …`")
        elif {part.text for part in metrics} > {metrics[0].text} and all(part.parts[0] != "champion" for part in metrics):
            told = f"`{metrics[0].text}` and `{metrics[1].text}` are compared, which are on two scales"
            context.warn(
                "MLA442", told, at, "two metrics", help=f"compare with a number or the champion: `{kind.name} >= champion.{kind.name}`"
            )
        elif (
            node.function in (("<", "<=") if kind.greater_is_better else (">", ">="))
            and isinstance(left, (Name, Apply))
            and metrics[0].parts[0] != "champion"
        ):
            better, turned = ("more", ">=") if kind.greater_is_better else ("less", "<=")
            context.warn(
                "MLA441",
                f"of `{kind.name}`, {better} is better",
                at,
                "the wrong way round",
                help=f"write `{render(left)} {turned} {render(right)}`",
            )
        else:
            self._perfect(context, node, kind, at)

    def _perfect(self, context: Context, node: Expression, kind: MetricKind, at: str) -> None:
        bound, best = bound_of(node), kind.high if kind.greater_is_better else kind.low
        if bound is not None and best is not None and best in (bound.low, bound.high):
            told = f"`{render(node)}` is only true of a model that is never wrong"
            context.warn(CODE, told, at, "hardly ever true", help="ask for what a good model reaches; a perfect one has seen the label")

    def _fairness(self, context: Context, evaluation: Evaluation) -> None:
        fairness, at = evaluation.fairness, f"evaluation.{evaluation.name}.fairness"
        if fairness is None:
            return
        if not fairness.conditions:
            help = f"for example `equal_opportunity_difference <= 10%`; there are {', '.join(f'`{each}`' for each in FAIRNESS)}"
            context.error("MLA416", "`fairness` bounds nothing", at, "no condition", help=help)
        conditions = [(each.expression, f"{at}.conditions.{number}") for number, each in enumerate(fairness.conditions)]
        for node, place in conditions:
            self._difference(context, node, place)
        together(context, conditions)
        if not metrics_for(context.architecture.system.problem).keys() & {"recall"}:
            told = f"{context.architecture.system.problem} has no classes, so that no fairness metric is measured"
            if not any(item.span == context.positions.at(at) for item in context.findings):
                context.error("MLA419", told, at, "of a classification")

    def _difference(self, context: Context, node: Expression, at: str) -> None:
        kind = next((FAIRNESS[part.text] for part in walk(node) if isinstance(part, Name) and part.text in FAIRNESS), None)
        if kind is None or _said(context, node, at):
            return
        for part in walk(node):
            wrong = isinstance(part, Literal) and (isinstance(part.value, bool) or not isinstance(part.value, (int, float)))
            if wrong or (isinstance(part, Amount) and part.quantity.dimension is not Dimension.RATIO):
                told = f"`{kind.name}` is compared with a ratio, not with `{render(part)}`"
                context.findings.error("MLA208", told, context.where(part, at), "no ratio", help=f"for example `{kind.name} <= 10%`")
                return
        if _decide(context, node, _within(FAIRNESS), at, f"`{kind.name}` {_span(kind)}"):
            return
        if isinstance(node, Apply) and node.function in (("<", "<=") if kind.greater_is_better else (">", ">=")):
            better, turned = ("more", ">=") if kind.greater_is_better else ("less", "<=")
            told = f"of `{kind.name}`, {better} is fairer: this asks for unlike groups"
            span, help = context.where(node, at), f"write `{kind.name} {turned} …`"
            context.findings.warning("MLA441", told, span, "the wrong way round", help=help)


def _worse(one: float, other: float, kind: MetricKind) -> bool:
    return one < other if kind.greater_is_better else one > other


def _span(kind: MetricKind) -> str:
    low, high = _ends(kind)
    return f"lies between {low:g} and {high:g}".replace("inf", "∞")


@dataclass(frozen=True)
class ExpectationsSaySomething:
    """An expectation of a table may hold and may fail, beside what the schema says already."""

    name: str = "expectations"
    of_the_whole: bool = False

    def run(self, context: Context) -> None:
        expecting = (each for each in context.architecture.source.values() if each.expect is not None)
        context.apart("expectations", ((f"source.{each.name}", (each,), partial(self._source, each)) for each in expecting))

    def _source(self, source: Source, context: Context) -> None:
        at, columns = f"source.{source.name}.expect", columns_of(source)

        def in_schema(name: Name) -> Range | None:
            column = columns.get(name.text)
            return _rows(name) or (Range(*_column(column)) if column is not None else None)

        conditions = [(each.expression, f"{at}.{number}") for number, each in enumerate(source.expect.conditions if source.expect else ())]
        for node, place in conditions:
            asked = next((part for part in walk(node) if isinstance(part, Apply) and part.function == "null_ratio"), None)
            column = columns.get(render(asked.arguments[0])) if asked is not None and asked.arguments else None
            if any(isinstance(part, Amount) and render(other) in ("rows", "rows()", "count()") for part, other in _compared(node)):
                context.findings.error(
                    "MLA208", "a number of rows has no unit", context.where(node, place), "per cent of what?", help="write `rows >= 1000`"
                )
            elif decided(node, in_schema) is False:
                _decide(context, node, in_schema, place, "no table of this schema is so", Severity.WARNING)
            elif decided(node, _rows) is True:
                _decide(context, node, _rows, place, "says nothing", Severity.WARNING)
            elif (
                column is not None
                and not column.nullable
                and not context.wrong(f"source.{source.name}.schema")
                and not _said(context, node, place)
            ):
                told = f"`{column.name}` is never missing: its type has no `?`"
                help = f"say that it may be missing, `{column.name} : {column.type}?`, or take the line away"
                context.findings.warning("MLA311", told, context.where(node, place), "does nothing", help=help)
        together(context, conditions, Severity.WARNING)  # a run tells which of the two it is


def _rows(name: Name) -> Range | None:
    return Range(0) if name.text == "rows" else None


def _column(column: Column) -> tuple[float, float]:
    return column.low if column.low is not None else -inf, column.high if column.high is not None else inf


def _compared(node: Expression) -> list[tuple[Expression, Expression]]:
    if isinstance(node, Apply) and len(node.arguments) == 2:
        left, right = node.arguments
        return [(left, right), (right, left)]
    return []
