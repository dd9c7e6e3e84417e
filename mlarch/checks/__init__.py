"""Semantic checks: everything that can be known before data is read."""

from __future__ import annotations

from ..language.reuse import remembering_meanwhile
from .base import Context, Pass
from .data.cleaning import RepairsFit
from .data.columns import ColumnsAreReal
from .data.freshness import RowsAreFresh
from .data.places import AddressesFit, PathsTravel
from .data.rows import RowsStandAlone
from .evaluation.aims import AimsAreInOrder
from .evaluation.bounds import ExpectationsSaySomething, GatesSaySomething
from .evaluation.champions import ChampionsAreNear
from .evaluation.gates import GatesAreOpen, GatesCanBeDecided
from .evaluation.protection import ProtectedColumnsAreWatched
from .evaluation.slices import SlicesAreReal
from .features.alike import ColumnsDiffer, FeaturesDiffer
from .features.expressions import FeaturesAreTyped, FeaturesDoNotSeeTheLabel, SourcesAreConsistent
from .features.histories import HistoriesCanBeRead
from .features.past import EntitiesAreKnown, IdentifiersAreNoFeatures, OutcomesAreKnownInTime
from .features.sense import ConstantsArePossible, ExpressionsVary
from .features.times import NothingIsKnownTooEarly
from .features.units import UnitsFit
from .lists import ListsNameOnce, OneIsUsed
from .moves import MovesHaveHappened
from .people import OwnersAndVersionsAreReadable
from .problems import other_problem, tell_problem
from .references import BlocksAreUsed, ReferencesResolve
from .running.alarms import AlarmsGoOffInTime
from .running.amounts import AmountsArePossible
from .running.clusters import ClustersShare
from .running.deployments import DeploymentsFit, SchedulesFire, TrainingHasOneOwner
from .running.live import LiveConditionsCanHold, LiveMetricsAreEmitted
from .running.modes import KeysFitTheMode
from .running.operations import ActionsAreBound, RetrainingsEnd
from .running.placement import EverythingFits, HardwareIsPossible
from .running.releases import ReleasesGrow
from .running.requests import RequestsFit
from .running.stores import StoresAnswerInTime
from .running.timing import TimesAgree
from .secrets import SecretsAreNotWritten
from .soundness import OF_THE_PROBLEM, sound_part
from .support import EverythingIsLowered
from .training.encoding import LabelsHaveOneMean
from .training.missing import MissingValuesAreTaken
from .training.models import FamiliesFit, LabelsFit, SplitsArePossible
from .training.searches import SearchesFit
from .training.tuning import OriginsAreWhole, SearchesEnd, SettingsAgree, ThresholdsDivide

#: Every pass, in the order in which they run.
PASSES: tuple[Pass, ...] = (
    ReferencesResolve(),
    ListsNameOnce(),
    OneIsUsed(),
    OwnersAndVersionsAreReadable(),
    SecretsAreNotWritten(),
    AddressesFit(),
    PathsTravel(),
    AmountsArePossible(),
    SourcesAreConsistent(),
    ColumnsDiffer(),
    FeaturesAreTyped(),
    FeaturesDiffer(),
    FeaturesDoNotSeeTheLabel(),
    NothingIsKnownTooEarly(),
    IdentifiersAreNoFeatures(),
    EntitiesAreKnown(),
    OutcomesAreKnownInTime(),
    RowsStandAlone(),
    ConstantsArePossible(),
    ExpressionsVary(),
    UnitsFit(),
    ExpectationsSaySomething(),
    FamiliesFit(),
    MissingValuesAreTaken(),
    SearchesFit(),
    SearchesEnd(),
    SettingsAgree(),
    ThresholdsDivide(),
    OriginsAreWhole(),
    LabelsFit(),
    LabelsHaveOneMean(),
    SplitsArePossible(),
    ColumnsAreReal(),
    RepairsFit(),
    SlicesAreReal(),
    RequestsFit(),
    GatesCanBeDecided(),
    GatesSaySomething(),
    ChampionsAreNear(),
    AimsAreInOrder(),
    GatesAreOpen(),
    HardwareIsPossible(),
    DeploymentsFit(),
    KeysFitTheMode(),
    ReleasesGrow(),
    EverythingFits(),
    ClustersShare(),
    SchedulesFire(),
    TrainingHasOneOwner(),
    LiveConditionsCanHold(),
    LiveMetricsAreEmitted(),
    AlarmsGoOffInTime(),
    ActionsAreBound(),
    RetrainingsEnd(),
    TimesAgree(),
    StoresAnswerInTime(),
    RowsAreFresh(),
    ProtectedColumnsAreWatched(),
    MovesHaveHappened(),
    BlocksAreUsed(),
    HistoriesCanBeRead(),
    EverythingIsLowered(),
)


@remembering_meanwhile()
def check(context: Context) -> None:
    """Run every pass; on what is sound alone, where there are errors already.

    Dangling references come first: what hangs on one is not sound either.
    """
    first, *others = PASSES
    first.run(sound_part(context, mended=False) if context.findings.failed else context)
    whole = not context.findings.failed
    sound = context if whole else sound_part(context, mended=True)
    for each in others:
        if whole or not each.of_the_whole:
            each.run(sound)
    other = other_problem(sound)
    if other is not None or context.positions.lacks(f"system.{context.architecture.system.name}", "problem"):
        context.findings.items = [item for item in context.findings if item.code not in OF_THE_PROBLEM]
    if other is not None:
        tell_problem(context, other)


__all__ = ["PASSES", "Context", "Pass", "check"]
