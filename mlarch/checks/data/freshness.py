"""Rows arrive as often as their source is refreshed: a shorter window sees none, and what starts more often finds nothing new."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ...architecture.architecture import Architecture
from ...architecture.blocks.source import Refresh, Source
from ...architecture.blocks.training import Cron
from ...architecture.expressions import Window, walk
from ...architecture.observations import observations_of
from ...planning.schedules import ScheduleProblem, check_cron, gaps
from ..base import Context

CODE = "MLA457"
#: How long it takes at least from one refresh to the next, in seconds.
_PERIODS = {Refresh.HOURLY: 3600.0, Refresh.DAILY: 86400.0, Refresh.WEEKLY: 604800.0, Refresh.MONTHLY: 28 * 86400.0}


@dataclass(frozen=True)
class RowsAreFresh:
    """A window is longer than it takes until rows arrive, and nothing starts twice on the same rows."""

    name: str = "freshness"
    of_the_whole: bool = False

    def run(self, context: Context) -> None:
        for group in context.architecture.features.values():
            source = context.architecture.source.get(group.source.name)
            period = _PERIODS.get(source.refresh) if source is not None and source.refresh is not None else None
            if source is None or period is None:
                continue
            for name, definition in group.feature.items():
                for node in walk(definition.expression):
                    if isinstance(node, Window) and 0 < node.duration.value < period:
                        told = f"rows of `source.{source.name}` arrive {source.refresh}, hardly ever within {node.duration.text}"
                        at, help = f"features.{group.name}.feature.{name}", "take a longer window"
                        context.findings.warning(CODE, told, context.where(node, at), "nearly always empty", help=help)
        for at, schedule, source in _started(context.architecture):
            period = _PERIODS.get(source.refresh) if source.refresh is not None else None
            if period is not None and _longest(schedule) * 2 <= period:
                told = f"`{schedule.expression}` starts again on the same rows: `source.{source.name}` gets new ones {source.refresh}"
                context.warn(CODE, told, at, "nothing new", help="start it less often, or say a more frequent `refresh`")


def _started(architecture: Architecture) -> Iterator[tuple[str, Cron, Source]]:
    """Yield each time table with its path, and the source whose rows it is for."""
    for name, training in architecture.training.items():
        model = architecture.model.get(training.model.name)
        source = observations_of(architecture, model) if model is not None else None
        if training.schedule is not None and source is not None:
            yield f"training.{name}.schedule", training.schedule, source
    for name, deployment in architecture.deployment.items():
        source = architecture.source.get(deployment.input.name) if deployment.input is not None else None
        if deployment.schedule is not None and source is not None:
            yield f"deployment.{name}.schedule", deployment.schedule, source


def _longest(schedule: Cron) -> float:
    """The longest time from one start to the next, in seconds; endless where the time table is wrong, which is said elsewhere."""
    try:
        check_cron(schedule.expression)
    except ScheduleProblem:
        return float("inf")
    return gaps(schedule.expression)[1]
