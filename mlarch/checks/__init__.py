"""Semantic checks: everything that can be known before data is read."""

from __future__ import annotations

from ..language.reuse import remembering_meanwhile
from .aims import AimsAreInOrder
from .alarms import AlarmsGoOffInTime
from .alike import ColumnsDiffer, FeaturesDiffer
from .amounts import AmountsArePossible
from .base import Context, Pass
from .bounds import ExpectationsSaySomething, GatesSaySomething
from .champions import ChampionsAreNear
from .cleaning import RepairsFit
from .clusters import ClustersShare
from .columns import ColumnsAreReal
from .deployments import DeploymentsFit, SchedulesFire, TrainingHasOneOwner
from .encoding import LabelsHaveOneMean
from .expressions import FeaturesAreTyped, FeaturesDoNotSeeTheLabel, SourcesAreConsistent
from .freshness import RowsAreFresh
from .gates import GatesAreOpen, GatesCanBeDecided
from .histories import DeploymentsReadNoHistories, HistoriesCanBeRead
from .lists import ListsNameOnce, OneIsUsed
from .live import LiveConditionsCanHold, LiveMetricsAreEmitted
from .missing import MissingValuesAreTaken
from .models import FamiliesFit, LabelsFit, SplitsArePossible
from .modes import KeysFitTheMode
from .moves import MovesHaveHappened
from .operations import ActionsAreBound, RetrainingsEnd
from .past import EntitiesAreKnown, IdentifiersAreNoFeatures, OutcomesAreKnownInTime
from .people import OwnersAndVersionsAreReadable
from .placement import EverythingFits, HardwareIsPossible
from .places import AddressesFit, PathsTravel
from .problems import other_problem, tell_problem
from .protection import ProtectedColumnsAreWatched
from .references import BlocksAreUsed, ReferencesResolve
from .releases import ReleasesGrow
from .requests import RequestsFit
from .rows import RowsStandAlone
from .searches import SearchesFit
from .secrets import SecretsAreNotWritten
from .sense import ConstantsArePossible, ExpressionsVary
from .slices import SlicesAreReal
from .soundness import OF_THE_PROBLEM, sound_part
from .support import EverythingIsLowered
from .times import NothingIsKnownTooEarly
from .timing import TimesAgree
from .tuning import OriginsAreWhole, SearchesEnd, SettingsAgree, ThresholdsDivide
from .units import UnitsFit

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
    RowsAreFresh(),
    ProtectedColumnsAreWatched(),
    MovesHaveHappened(),
    BlocksAreUsed(),
    HistoriesCanBeRead(),
    DeploymentsReadNoHistories(),
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
