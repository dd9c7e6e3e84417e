"""The problem that a system says, where everything else in the file is of another one: that is said once, at `problem`."""

from __future__ import annotations

from collections.abc import Iterator

from ..architecture.architecture import Architecture
from ..architecture.blocks.system import Problem
from ..architecture.expressions import Name, walk
from ..architecture.metrics import METRICS, metrics_for
from ..language.diagnostics import Fix
from ..language.suggest import names
from .base import Context

#: Says that the kind of a label is none of the problem's.
LABEL = "MLA409"


def other_problem(context: Context) -> Problem | None:
    """Return the problem of which every metric is, where the system says one that has other labels, or no metrics yet; or None."""
    metrics = [METRICS[name] for name in _metrics(context.architecture) if name in METRICS]
    stated = context.architecture.system.problem
    fits = any(stated in each.problems for each in metrics) or (
        metrics_for(stated) and all(item.code != LABEL for item in context.findings)
    )
    if not metrics or fits:
        return None
    return next((each for each in Problem if all(each in metric.problems for metric in metrics)), None)


def tell_problem(context: Context, other: Problem) -> None:
    """Say that the file is about another problem."""
    system = context.architecture.system
    at = f"system.{system.name}.problem"
    span = context.positions.value(at)
    known = metrics_for(system.problem)
    fixes = (Fix(f"write `{other}`", span, str(other)),) if known and span is not None else ()
    told = f"the {'label and the metrics' if known else 'metrics'} are of a {other}, and the system says {system.problem}"
    help = f"a {system.problem} has the metrics {names(known)}" if known else None
    context.findings.error(LABEL, told, span, f"write `{other}`", help=help, fixes=fixes)


def _metrics(architecture: Architecture) -> Iterator[str]:
    yield from architecture.system.metric
    for evaluation in architecture.evaluation.values():
        for condition in evaluation.require:
            yield from (node.parts[-1] for node in walk(condition.expression) if isinstance(node, Name))
