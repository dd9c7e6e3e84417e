"""`monitor`, `alert`, `retraining`: what is watched in production, who is told, and what happens then."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, ClassVar

import msgspec

from ..expressions import Expression
from ..quantities import Dimension, Quantity
from ..vocabulary import PLANNED, Limit, NamedBlock, Reference, Variant, about
from .deployment import AbTest, Shadow
from .training import Cron


class Monitor(NamedBlock, frozen=True, kw_only=True):
    """What is measured of a deployment's inputs and outputs."""

    kind: ClassVar[str] = "monitor"

    deployment: Annotated[Reference, about("What is watched.", PLANNED, refers="deployment")]
    window: Annotated[Quantity | None, about("Over how long a time drift is measured.", PLANNED, dimension=Dimension.DURATION)] = None
    reference: Annotated[Reference | None, about("Whose data drift is measured against.", PLANNED, refers="training")] = None
    false_alarms: Annotated[
        Limit | None, about("How many false alarms are tolerated.", PLANNED, operators=("<", "<="), dimension=Dimension.RATE)
    ] = None


class Windows(Variant, frozen=True, tag="windows"):
    """In at least `k` of the last `of` windows."""

    k: Annotated[int, about("How many windows.")]
    of: Annotated[int, about("Out of how many.")]


class Action(StrEnum):
    """What an alert does."""

    INVESTIGATE = "investigate"
    SCALE_UP = "scale_up"
    RETRAIN = "retrain"
    ROLLBACK = "rollback"


class Alert(NamedBlock, frozen=True, kw_only=True):
    """A condition on live metrics, how long it must hold, and what follows."""

    kind: ClassVar[str] = "alert"

    when: Annotated[Expression, about("The condition.", PLANNED)]
    hold: Annotated[Quantity | Windows | None, about("How long it must hold.", PLANNED, dimension=Dimension.DURATION)] = msgspec.field(
        name="for", default=None
    )
    then: Annotated[Action, about("What follows.", PLANNED)] = Action.INVESTIGATE


class Promotion(StrEnum):
    AUTOMATIC = "automatic"
    MANUAL = "manual"


class Retraining(NamedBlock, frozen=True, kw_only=True):
    """When a model is trained again, and how the new one replaces the old."""

    kind: ClassVar[str] = "retraining"

    training: Annotated[Reference, about("What is run.", PLANNED, refers="training")]
    triggers: Annotated[tuple[Cron | Reference, ...], about("Time tables and alerts.", PLANNED, refers="alert")] = msgspec.field(
        name="on", default=()
    )
    compare: Annotated[Shadow | AbTest | None, about("How champion and challenger are compared live.", PLANNED)] = None
    promote: Annotated[Promotion, about("Who decides.", PLANNED)] = Promotion.MANUAL
    cooldown: Annotated[Quantity | None, about("The shortest time between two retrainings.", PLANNED, dimension=Dimension.DURATION)] = None
