"""Semantic checks: everything that can be known before data is read."""

from __future__ import annotations

from .base import Context, Pass
from .deployments import DeploymentsFit, SchedulesFire, TrainingHasOneOwner
from .expressions import FeaturesAreTyped, FeaturesDoNotSeeTheLabel, SourcesAreConsistent
from .models import FamiliesFit, GatesCanBeDecided, LabelsFit, SplitsArePossible
from .references import BlocksAreUsed, ReferencesResolve
from .support import EverythingIsLowered

#: Every pass, in the order in which they run. The first must hold before the others make sense.
PASSES: tuple[Pass, ...] = (
    ReferencesResolve(),
    SourcesAreConsistent(),
    FeaturesAreTyped(),
    FeaturesDoNotSeeTheLabel(),
    FamiliesFit(),
    LabelsFit(),
    SplitsArePossible(),
    GatesCanBeDecided(),
    DeploymentsFit(),
    SchedulesFire(),
    TrainingHasOneOwner(),
    BlocksAreUsed(),
    EverythingIsLowered(),
)


def check(context: Context) -> None:
    """Run every pass; the first alone when references dangle, since the others would only repeat it."""
    first, *others = PASSES
    first.run(context)
    if not context.findings.failed:
        for each in others:
            each.run(context)


__all__ = ["PASSES", "Context", "Pass", "check"]
