"""How far from the champion a gate asks a model to be: per cent and percentage points are easily confused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ...architecture.expressions import Amount, Apply, Expression, Literal, Name, render, walk
from ...architecture.metrics import MetricKind, metrics_for
from ..base import Context

CODE = "MLA420"
#: A smaller share of the champion's, or a larger distance to it, is hardly ever meant.
LEAST_SHARE, FARTHEST = 0.5, 0.2


@dataclass(frozen=True)
class ChampionsAreNear:
    """A gate asks for most of what the champion reaches, and for a few percentage points more or less."""

    name: str = "champions"
    of_the_whole: bool = False

    def run(self, context: Context) -> None:
        known = metrics_for(context.architecture.system.problem)
        for evaluation in context.architecture.evaluation.values():
            for number, condition in enumerate(evaluation.require):
                at = f"evaluation.{evaluation.name}.require.{number}"
                if not context.wrong(at):
                    self._condition(context, condition.expression, known, at)

    def _condition(self, context: Context, expression: Expression, known: Mapping[str, MetricKind], at: str) -> None:
        for node in walk(expression):
            found = _apart(node, known)
            if found is None:
                continue
            name, value, text = found
            share = node.function == "*" if isinstance(node, Apply) else False
            if share and 0 < value <= LEAST_SHARE:
                told, caption = f"`{render(node)}` is {text} of what the champion reaches", "next to nothing"
                help = f"percentage points are taken away: `{name} - {text}`"
            elif not share and value >= FARTHEST:
                told, caption = f"`{render(node)}` is {100 * value:g} percentage points from the champion", "very far"
                help = f"half a point is `0.5%`; a share of the champion's is `{name} * 0.95`"
            else:
                continue
            context.findings.warning(CODE, told, context.where(node, at), caption, help=help)


def _apart(node: Expression, known: Mapping[str, MetricKind]) -> tuple[str, float, str] | None:
    """Return the champion's ratio in a sum or a product, the number beside it and its text, or None."""
    match node:
        case Apply("+" | "-" | "*", (Name(parts) as champion, beside)) | Apply("+" | "*", (beside, Name(parts) as champion)):
            metric = known.get(parts[-1]) if parts[0] == "champion" else None
            value = beside.quantity.value if isinstance(beside, Amount) else beside.value if isinstance(beside, Literal) else None
            if metric is not None and metric.high is not None and isinstance(value, (int, float)) and not isinstance(value, bool):
                return champion.text, abs(value), render(beside)
    return None
