"""Amounts that are of the right unit and still impossible: times that do not pass, and counts of nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ...architecture.architecture import Architecture
from ...architecture.blocks.deployment import AbTest, Canary, Shadow
from ...architecture.quantities import Dimension, Quantity
from ..base import Context

#: The largest seed that every library takes.
_LARGEST_SEED = 2**32 - 1


@dataclass(frozen=True)
class AmountsArePossible:
    """Times last longer than nothing, counts are 1 or more, seeds are what libraries take, and a source has a size."""

    name: str = "amounts"
    of_the_whole: bool = False

    def run(self, context: Context) -> None:
        architecture = context.architecture
        for at, what, time in _times(architecture):
            if time is not None and time.value <= 0:
                context.error("MLA446", f"{what} of {time.text} is none", at, "no time passes", help="write how long: `10min`, `1h`, `7d`")
        for at, what, count, least in _counts(architecture):
            if count < least:
                context.error("MLA446", f"{count} {what} are impossible", at, f"at least {least}")
        for name, training in architecture.training.items():
            if not 0 <= training.split.seed <= _LARGEST_SEED:
                told = f"a seed is a whole number from 0 to {_LARGEST_SEED}"
                context.error("MLA446", told, f"training.{name}.split.seed", "out of range")
        for name, source in architecture.source.items():
            if source.volume is not None and source.volume.dimension is Dimension.SIZE and source.volume.value <= 0:
                context.error("MLA446", f"a source of {source.volume.text} has no rows", f"source.{name}.volume", "above 0")


def _times(architecture: Architecture) -> Iterator[tuple[str, str, Quantity | None]]:
    """Yield path, name and length of everything that lasts."""
    for name, store in architecture.feature_store.items():
        yield f"feature_store.{name}.deadline", "a deadline", store.deadline
        yield f"feature_store.{name}.keep", "a time", store.keep
    for name, monitor in architecture.monitor.items():
        yield f"monitor.{name}.window", "a window", monitor.window
    for name, alert in architecture.alert.items():
        if isinstance(alert.hold, Quantity):
            yield f"alert.{name}.for", "a time", alert.hold
    for name, training in architecture.training.items():
        yield f"training.{name}.max_duration", "a training", training.max_duration
    for name, retraining in architecture.retraining.items():
        if isinstance(retraining.compare, (Shadow, AbTest)):
            yield f"retraining.{name}.compare", "a comparison", retraining.compare.hold
    for name, deployment in architecture.deployment.items():
        strategy = deployment.release.strategy if deployment.release is not None else None
        if isinstance(strategy, (Canary, Shadow, AbTest)):
            yield f"deployment.{name}.release.strategy", "a step", strategy.hold
        if deployment.circuit_breaker is not None:
            yield f"deployment.{name}.circuit_breaker.retry_after", "a wait", deployment.circuit_breaker.retry_after


def _counts(architecture: Architecture) -> Iterator[tuple[str, str, int, int]]:
    """Yield path, name, number and least number of everything that is counted."""
    for name, training in architecture.training.items():
        if training.checkpoint is not None:
            yield f"training.{name}.checkpoint.every", "rounds between checkpoints", training.checkpoint.every, 1
            yield f"training.{name}.checkpoint.keep", "checkpoints kept", training.checkpoint.keep, 1
    for name, evaluation in architecture.evaluation.items():
        if evaluation.explain is not None:
            yield f"evaluation.{name}.explain.rows", "explained rows", evaluation.explain.rows, 1
