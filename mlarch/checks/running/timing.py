"""Schedules, trainings and pauses agree: what starts has ended before it starts again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ...architecture.architecture import Architecture
from ...architecture.blocks.deployment import Canary
from ...architecture.blocks.operations import Retraining
from ...architecture.blocks.training import Cron
from ...planning.schedules import ScheduleProblem, check_cron, gaps
from ..base import Context

CODE = "MLA457"


@dataclass(frozen=True)
class TimesAgree:
    """A training ends before its next start, a pause is longer than a training, and no time table fires in vain."""

    name: str = "timing"
    of_the_whole: bool = False

    def run(self, context: Context) -> None:
        for at, schedule, longest in _starts(context.architecture):
            if not _right(schedule):
                continue
            minute, hour, *_ = schedule.expression.split()
            shortest, _ = gaps(schedule.expression)
            if minute == "*" and hour != "*":
                told, help = f"`{schedule.expression}` fires every minute of its hour", f"once an hour is `0 {hour} …`"
                context.warn(CODE, told, at, "60 times", help=help)
            elif longest is not None and shortest < longest:
                told = f"`{schedule.expression}` may start the training again while it still runs"
                context.warn(CODE, told, at, "too often", help="start it less often, or set a shorter `max_duration`")
        for retraining in context.architecture.retraining.values():
            self._pause(context, retraining)

    def _pause(self, context: Context, retraining: Retraining) -> None:
        training, cooldown = context.architecture.training.get(retraining.training.name), retraining.cooldown
        if cooldown is None or cooldown.value <= 0:
            return
        at = f"retraining.{retraining.name}"
        if training is not None and training.max_duration is not None and cooldown.value < training.max_duration.value:
            told = f"the pause of {cooldown.text} is over before a training of {training.max_duration.text} is"
            context.warn(
                CODE, told, f"{at}.cooldown", "shorter than the training", help="set a longer `cooldown`, or a shorter `max_duration`"
            )
        for deployment in context.architecture.deployment.values():
            steps = deployment.release.strategy if deployment.release is not None else None
            served = training is not None and deployment.model == training.model
            if served and isinstance(steps, Canary) and cooldown.value < len(steps.steps) * steps.hold.value:
                whole = f"{len(steps.steps)} steps of {steps.hold.text}"
                told = f"the pause of {cooldown.text} is over before `deployment.{deployment.name}` has released a model in {whole}"
                context.warn(CODE, told, f"{at}.cooldown", "shorter than the release", help="set a longer `cooldown`, or shorter steps")
        if retraining.compare is not None and cooldown.value < retraining.compare.hold.value:
            told = f"the pause of {cooldown.text} is over before champion and challenger are compared for {retraining.compare.hold.text}"
            context.warn(CODE, told, f"{at}.cooldown", "shorter than the comparison", help="set a longer `cooldown`, or compare less long")
        for trigger in retraining.triggers:
            if isinstance(trigger, Cron) and _right(trigger) and gaps(trigger.expression)[1] < cooldown.value:
                told = f"`{trigger.expression}` fires again within every pause of {cooldown.text}: most of its starts do nothing"
                context.warn(
                    CODE, told, f"{at}.cooldown", "longer than the time table", help="fire less often, or set a shorter `cooldown`"
                )


def _starts(architecture: Architecture) -> Iterator[tuple[str, Cron, float | None]]:
    """Yield each time table with its path, and how long what it starts may last, in seconds."""
    for name, training in architecture.training.items():
        if training.schedule is not None:
            yield f"training.{name}.schedule", training.schedule, training.max_duration.value if training.max_duration is not None else None
    for name, deployment in architecture.deployment.items():
        if deployment.schedule is not None:
            yield f"deployment.{name}.schedule", deployment.schedule, None
    for name, retraining in architecture.retraining.items():
        started = architecture.training.get(retraining.training.name)
        longest = started.max_duration.value if started is not None and started.max_duration is not None else None
        for trigger in retraining.triggers:
            if isinstance(trigger, Cron):
                yield f"retraining.{name}.on", trigger, longest


def _right(schedule: Cron) -> bool:
    try:
        check_cron(schedule.expression)
    except ScheduleProblem:
        return False
    return True
