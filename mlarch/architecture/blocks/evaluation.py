"""`evaluation` and `governance`: what a model must show before it is registered, and what is kept of it."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, ClassVar

from ..vocabulary import PLANNED, Block, Condition, NamedBlock, Reference, about


class Fairness(Block, frozen=True, kw_only=True):
    """Bounds on differences between groups."""

    attribute: Annotated[str, about("The column whose values are compared.", PLANNED, word="column")]
    conditions: Annotated[tuple[Condition, ...], about("`equal_opportunity_difference <= 25%`.", PLANNED, bare=True)] = ()


class Explainer(StrEnum):
    SHAP = "shap"
    LIME = "lime"


class Explain(Block, frozen=True, kw_only=True):
    """Which explanations are computed."""

    method: Annotated[Explainer, about("The method.", PLANNED)] = Explainer.SHAP
    rows: Annotated[int, about("How many rows are explained.", PLANNED)] = 500


class Evaluation(NamedBlock, frozen=True, kw_only=True):
    """The gate: what must hold on the test rows. Without one it is "beats the baseline of every metric that declares one"."""

    kind: ClassVar[str] = "evaluation"

    training: Annotated[Reference | None, about("The training that is judged.", refers="training")] = None
    model: Annotated[Reference | None, about("The model that is judged, where no training block is declared.", refers="model")] = None
    gate: Annotated[bool, about("`false` turns the gate off, by name: the conditions are then reported only.")] = True
    require: Annotated[tuple[Condition, ...], about("`require roc_auc >= 0.68`, `require roc_auc >= champion.roc_auc - 0.5%`.")] = ()
    fairness: Annotated[Fairness | None, about("Bounds on differences between groups.", PLANNED)] = None
    explain: Annotated[Explain | None, about("Explanations to compute.", PLANNED)] = None


class Governance(NamedBlock, frozen=True, kw_only=True):
    """What is recorded for those who answer for the system."""

    kind: ClassVar[str] = "governance"

    model_card: Annotated[bool, about("Write a model card for every version.", PLANNED)] = False
    protected: Annotated[tuple[str, ...], about("Columns that describe protected groups.", PLANNED, word="column")] = ()
    audit: Annotated[bool, about("Keep an audit log.", PLANNED)] = False
