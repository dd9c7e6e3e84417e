"""Semantic checks: everything that can be known before data is read."""

from __future__ import annotations

from ..language.reuse import remembering_meanwhile
from .base import Context, Pass
from .cleaning import RepairsFit
from .columns import ColumnsAreReal
from .deployments import DeploymentsFit, SchedulesFire, TrainingHasOneOwner
from .expressions import FeaturesAreTyped, FeaturesDoNotSeeTheLabel, SourcesAreConsistent
from .gates import GatesAreOpen, GatesCanBeDecided
from .live import LiveConditionsCanHold, LiveMetricsAreEmitted
from .models import FamiliesFit, LabelsFit, SplitsArePossible
from .modes import KeysFitTheMode
from .moves import MovesHaveHappened
from .operations import ActionsAreBound, RetrainingsEnd
from .placement import EverythingFits, HardwareIsPossible
from .references import BlocksAreUsed, ReferencesResolve
from .requests import RequestsFit
from .searches import SearchesFit
from .slices import SlicesAreReal
from .soundness import sound_part
from .support import EverythingIsLowered
from .times import NothingIsKnownTooEarly
from .units import UnitsFit

#: Every pass, in the order in which they run.
PASSES: tuple[Pass, ...] = (
    ReferencesResolve(),
    SourcesAreConsistent(),
    FeaturesAreTyped(),
    FeaturesDoNotSeeTheLabel(),
    NothingIsKnownTooEarly(),
    UnitsFit(),
    FamiliesFit(),
    SearchesFit(),
    LabelsFit(),
    SplitsArePossible(),
    ColumnsAreReal(),
    RepairsFit(),
    SlicesAreReal(),
    RequestsFit(),
    GatesCanBeDecided(),
    GatesAreOpen(),
    HardwareIsPossible(),
    DeploymentsFit(),
    KeysFitTheMode(),
    EverythingFits(),
    SchedulesFire(),
    TrainingHasOneOwner(),
    LiveConditionsCanHold(),
    LiveMetricsAreEmitted(),
    ActionsAreBound(),
    RetrainingsEnd(),
    MovesHaveHappened(),
    BlocksAreUsed(),
    EverythingIsLowered(),
)


@remembering_meanwhile()
def check(context: Context) -> None:
    """Run every pass; on what is sound alone, where there are errors already.

    Dangling references come first: what hangs on one is not sound either.
    """
    first, *others = PASSES
    sound = _sound(context)
    if sound is None:
        return
    first.run(sound)
    sound = _sound(context)
    whole = not context.findings.failed
    for each in others:
        if sound is not None and (whole or not each.of_the_whole):
            each.run(sound)


def _sound(context: Context) -> Context | None:
    return sound_part(context) if context.findings.failed else context


__all__ = ["PASSES", "Context", "Pass", "check"]
