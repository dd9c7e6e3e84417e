"""`model`: what is predicted, from which features, by which family."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, ClassVar

import msgspec

from ..expressions import Expression
from ..quantities import Dimension, Quantity
from ..vocabulary import DOCUMENTED, PLANNED, Block, Condition, NamedBlock, Reference, Variant, about


class Output(StrEnum):
    """What a prediction is."""

    PROBABILITY = "probability"
    CLASS = "class"
    VALUE = "value"
    RANKING = "ranking"


class Mlflow(Variant, frozen=True, tag="mlflow"):
    """A model that was trained elsewhere."""

    uri: Annotated[str, about("`models:/name/3`.")]


Setting = float | int | str | bool | None


class Hyperparameters(Block, frozen=True, kw_only=True):
    """Settings of the family; which ones exist is said by the family (`mlarch.architecture.families`)."""

    values: Annotated[dict[str, Setting], about("`name = value`.", bare=True)] = {}


class Scheduler(StrEnum):
    ASHA = "asha"
    NONE = "none"


class Search(Block, frozen=True, kw_only=True):
    """Which hyperparameters are searched, how long, and for what."""

    space: Annotated[tuple[Condition, ...], about("`name in [a, b]`, `name in loguniform(low, high)`.", PLANNED, bare=True)] = ()
    trials: Annotated[int, about("How many points are tried.", PLANNED)] = 20
    scheduler: Annotated[Scheduler, about("How trials are stopped early.", PLANNED)] = Scheduler.NONE
    maximize: Annotated[str | None, about("The metric to maximise.", PLANNED, word="metric")] = None
    minimize: Annotated[str | None, about("The metric to minimise.", PLANNED, word="metric")] = None
    hardware: Annotated[Reference | None, about("Where trials run.", PLANNED, refers="hardware")] = None


class Model(NamedBlock, frozen=True, kw_only=True):
    """One predictor."""

    kind: ClassVar[str] = "model"

    family: Annotated[str | None, about("The kind of estimator; `mlarch check` lists them when the name is wrong.", word="family")] = None
    origin: Annotated[Mlflow | None, about("A model trained elsewhere, instead of `family`.", PLANNED)] = msgspec.field(
        name="from", default=None
    )
    framework: Annotated[str | None, about("The library, where a family has several.", PLANNED, word="library")] = None
    version: Annotated[str | None, about("The version that the author gives it.", DOCUMENTED)] = None
    observations: Annotated[
        Reference | None, about("The source whose rows are predicted; the label's source if absent.", refers="source")
    ] = None
    as_of: Annotated[
        Expression | None, about("The moment when the prediction is asked for; the timestamp of the observations if absent.")
    ] = None
    label: Annotated[Expression | None, about('What is predicted: an expression over columns, `nuclei.diagnosis == "malignant"`.')] = None
    features: Annotated[tuple[Reference, ...], about("The feature blocks that the model reads.", refers="features")] = ()
    output: Annotated[
        Output | None, about("What a prediction is; `probability` for classification, `value` for regression.", planned=("ranking",))
    ] = None
    threshold: Annotated[
        Quantity,
        about(
            "From which probability on the answer is yes; every thresholded metric uses it.", dimension=(Dimension.NUMBER, Dimension.RATIO)
        ),
    ] = Quantity("0.5", Dimension.NUMBER)
    hyperparameters: Annotated[Hyperparameters, about("Settings of the family.")] = Hyperparameters()
    search: Annotated[Search | None, about("A search over hyperparameters.", PLANNED)] = None
