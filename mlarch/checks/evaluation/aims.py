"""What a system aims at, what was reached before, and what its gates ask for, side by side."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite

from ...architecture.blocks.evaluation import Evaluation
from ...architecture.expressions import render
from ...architecture.metrics import MetricKind, metrics_for
from ..base import Context
from ..support import CODE as NOT_LOWERED
from .conditions import bound_of

CODE = "MLA465"


@dataclass(frozen=True)
class AimsAreInOrder:
    """A gate is no weaker than the baseline, and the target no weaker than the gate."""

    name: str = "aims"
    of_the_whole: bool = False

    def run(self, context: Context) -> None:
        for evaluation in context.architecture.evaluation.values():
            self._evaluation(context, evaluation)

    def _evaluation(self, context: Context, evaluation: Evaluation) -> None:
        system = context.architecture.system
        known = metrics_for(system.problem)
        for number, condition in enumerate(evaluation.require):
            at, bound = f"evaluation.{evaluation.name}.require.{number}", bound_of(condition.expression)
            metric, kind = (system.metric.get(bound.subject), known.get(bound.subject)) if bound is not None else (None, None)
            stated = f"system.{system.name}.metric.{bound.subject if bound is not None else ''}"
            if bound is None or metric is None or kind is None or context.wrong(at) or _told(context, stated):
                continue
            asked = bound.low if kind.greater_is_better else bound.high
            if not isfinite(asked) or asked in (kind.low, kind.high):
                continue
            if metric.baseline is not None and _worse(asked, metric.baseline.value, kind):
                told = f"a model passes that is worse than the baseline of {metric.baseline.text}"
                help = f"write `{kind.name} {'>=' if kind.greater_is_better else '<='} {metric.baseline.text}`, or correct the baseline"
                context.warn(CODE, told, at, "weaker than what there is", help=help)
            elif metric.target is not None and _worse(metric.target.bound.value, asked, kind):
                told = f"every model that passes `{render(condition.expression)}` reaches the target of {metric.target.bound.text}"
                context.warn(CODE, told, f"{stated}.target", "weaker than the gate")


def _told(context: Context, stated: str) -> bool:
    """Tell whether something was said of the target or of the baseline by itself."""
    places = [
        span
        for key in ("target", "baseline")
        for span in (context.positions.at(f"{stated}.{key}"), context.positions.value(f"{stated}.{key}"))
    ]
    return any(item.span is not None and item.span in places for item in context.findings if item.code != NOT_LOWERED)


def _worse(one: float, other: float, kind: MetricKind) -> bool:
    return one < other if kind.greater_is_better else one > other
