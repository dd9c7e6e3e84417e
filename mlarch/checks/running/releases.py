"""Releases can be carried out: shares of the traffic that are shares, and that grow."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from ...architecture.architecture import Architecture
from ...architecture.blocks.deployment import AbTest, Canary
from ..base import Context

CODE = "MLA447"


@dataclass(frozen=True)
class ReleasesGrow:
    """The steps of a canary rise between 0% and 100%, and of two models that are compared each answers somebody."""

    name: str = "releases"
    of_the_whole: bool = False

    def run(self, context: Context) -> None:
        for at, strategy in _strategies(context.architecture):
            if isinstance(strategy, Canary):
                self._canary(context, strategy, at)
            elif isinstance(strategy, AbTest) and not 0 < strategy.share.value < 1:
                told = f"with {strategy.share.text} for one of the two, nothing is compared"
                context.error(CODE, told, at, "a share lies between 0% and 100%", help="for example `ab_test(10%, 1d)`")

    def _canary(self, context: Context, canary: Canary, at: str) -> None:
        help = "for example `canary(steps=[5%, 25%, 50%], hold=10min)`; all of the traffic follows the last step"
        beyond = next((step for step in canary.steps if not 0 < step.value <= 1), None)
        falling = next(((one, other) for one, other in pairwise(canary.steps) if one.value >= other.value), None)
        if not canary.steps:
            context.error(CODE, "a canary without steps releases nothing", at, "no steps", help=help)
        elif beyond is not None:
            context.error(CODE, f"{beyond.text} is no share of the traffic", at, "above 0% and at most 100%", help=help)
        elif falling is not None:
            told = f"the step {falling[1].text} is not above {falling[0].text} before it"
            context.error(CODE, told, at, "steps rise", help=help)
        elif canary.steps[0].value == 1:
            context.warn(CODE, "all of the traffic in the first step is no canary", at, "nothing is tried first", help=help)


def _strategies(architecture: Architecture) -> Iterator[tuple[str, object]]:
    for name, deployment in architecture.deployment.items():
        if deployment.release is not None:
            yield f"deployment.{name}.release.strategy", deployment.release.strategy
    for name, retraining in architecture.retraining.items():
        if retraining.compare is not None:
            yield f"retraining.{name}.compare", retraining.compare
