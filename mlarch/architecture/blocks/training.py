"""`training`, `hardware`, `tracking`, `registry`: how, where and under whose eyes a model is made."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, ClassVar

from ..quantities import Dimension, Quantity
from ..vocabulary import DOCUMENTED, PLANNED, Block, NamedBlock, Reference, Secret, Variant, about


class Ray(Variant, frozen=True, tag="ray"):
    """A Ray cluster."""

    address: Annotated[str, about("The address, or `auto`.")]


class Hardware(NamedBlock, frozen=True, kw_only=True):
    """What a step may use. Without `cluster` it is this machine."""

    kind: ClassVar[str] = "hardware"

    cpu: Annotated[int, about("Cores; the estimator's threads and the replicas' CPUs follow it.")] = 1
    memory: Annotated[
        Quantity | None, about("Memory of a node; the replicas of a deployment share it evenly.", dimension=Dimension.SIZE)
    ] = None
    gpu: Annotated[int, about("GPUs of a node.", PLANNED)] = 0
    accelerator: Annotated[str | None, about("The GPU's type.", PLANNED)] = None
    nodes: Annotated[
        tuple[int, int] | None,
        about("How many nodes, `1..8`: fewer do not start, more are not kept busy; `0..8` where they come when asked for."),
    ] = None
    cluster: Annotated[Ray | None, about("The Ray cluster on which features are built and models fitted.")] = None
    price: Annotated[Quantity | None, about("What a node costs.", DOCUMENTED, dimension=Dimension.MONEY)] = None


class SplitBy(StrEnum):
    """How rows are divided."""

    STRATIFIED = "stratified"
    RANDOM = "random"
    TIME = "time"
    GROUP = "group"


RATIO = (Dimension.NUMBER, Dimension.RATIO)


class Split(Block, frozen=True, kw_only=True):
    """How rows are divided into training, validation and test."""

    by: Annotated[SplitBy | None, about("`stratified` for classification and `random` otherwise, if absent.", planned=("group",))] = None
    validation: Annotated[Quantity, about("Share of rows for early stopping and tuning.", dimension=RATIO)] = Quantity(
        "0%", Dimension.RATIO
    )
    test: Annotated[Quantity, about("Share of rows that only evaluation sees.", dimension=RATIO)] = Quantity("20%", Dimension.RATIO)
    seed: Annotated[int, about("Seed of the division and of the estimator.")] = 0


class Checkpoint(Block, frozen=True, kw_only=True):
    """How often training state is saved."""

    every: Annotated[int, about("Rounds or epochs between checkpoints.", PLANNED)] = 50
    keep: Annotated[int, about("How many are kept.", PLANNED)] = 2


class Cron(Variant, frozen=True, tag="cron"):
    """A time table, in UTC."""

    example: ClassVar[str] = 'cron("0 2 * * 1")'

    expression: Annotated[str, about("Five fields: minute, hour, day of month, month, day of week.")]


class Training(NamedBlock, frozen=True, kw_only=True):
    """One way to train one model."""

    kind: ClassVar[str] = "training"

    model: Annotated[Reference, about("The model.", refers="model")]
    hardware: Annotated[Reference | None, about("Where it runs; this machine if absent.", refers="hardware")] = None
    split: Annotated[Split, about("How rows are divided.")] = Split()
    schedule: Annotated[Cron | None, about("When it runs by itself.")] = None
    max_duration: Annotated[Quantity | None, about("After how long it stops, checkpointed.", PLANNED, dimension=Dimension.DURATION)] = None
    checkpoint: Annotated[Checkpoint | None, about("How often its state is saved.", PLANNED)] = None


class TrackingBackend(StrEnum):
    MLFLOW = "mlflow"
    WANDB = "wandb"
    NEPTUNE = "neptune"


class Tracking(NamedBlock, frozen=True, kw_only=True):
    """Where runs are recorded. Without one: MLflow, in a SQLite file under `.mlarch/`."""

    kind: ClassVar[str] = "tracking"

    backend: Annotated[TrackingBackend, about("The system.", planned=("wandb", "neptune"))] = TrackingBackend.MLFLOW
    uri: Annotated[str | None, about("The tracking server; a SQLite file under `.mlarch/` if absent.")] = None
    username: Annotated[Secret | None, about("User name for the server.")] = None
    password: Annotated[Secret | None, about("Password for the server.")] = None
    token: Annotated[Secret | None, about("Bearer token for the server.")] = None
    experiment: Annotated[str | None, about("The experiment's name; the system's name if absent.")] = None


class RegistryBackend(StrEnum):
    MLFLOW = "mlflow"


class Stage(StrEnum):
    DEVELOPMENT = "development"
    STAGING = "staging"
    PRODUCTION = "production"


class Registry(NamedBlock, frozen=True, kw_only=True):
    """Where registered models are kept, and the stages that they go through."""

    kind: ClassVar[str] = "registry"

    backend: Annotated[RegistryBackend, about("The system.")] = RegistryBackend.MLFLOW
    stages: Annotated[tuple[Stage, ...], about("The stages in order; a model that passes its gate goes through all of them.")] = (
        Stage.DEVELOPMENT,
        Stage.STAGING,
        Stage.PRODUCTION,
    )
