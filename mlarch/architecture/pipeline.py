"""What one model needs from data to registry, every default filled in: the one place where defaults are decided."""

from __future__ import annotations

import msgspec

from .architecture import Architecture
from .blocks.evaluation import Evaluation
from .blocks.model import Model, Output
from .blocks.source import Source
from .blocks.system import Metric, Problem
from .blocks.training import Hardware, Registry, Split, SplitBy, Tracking, Training
from .expressions import Expression
from .histories import program_of
from .observations import columns_in, observations_of, over_columns
from .program import FeatureProgram
from .vocabulary import Reference


class Pipeline(msgspec.Struct, frozen=True, kw_only=True):
    """One model with everything that it is made by and from.

    `program` is not fitted yet and is over the observation columns; `label` is over them as well; `training_declared` tells a written
    training block from the default one.
    """

    system: str
    name: str
    model: Model
    problem: Problem
    observations: Source
    training: Training
    training_declared: bool
    split_by: SplitBy
    evaluation: Evaluation | None
    hardware: Hardware
    tracking: Tracking
    registry: Registry
    output: Output
    threshold: float
    program: FeatureProgram
    label: Expression
    label_columns: tuple[str, ...]
    metrics: dict[str, Metric]
    experiment: str

    @property
    def histories(self) -> tuple[str, ...]:
        """The sources whose rows are read as histories, in the order of the program; the observations' own may be one."""
        return tuple(dict.fromkeys(history.source for history in self.program.histories))

    @property
    def sources(self) -> tuple[str, ...]:
        """The sources whose rows are read, the observations' first."""
        return tuple(dict.fromkeys((self.observations.name, *self.histories)))


def pipeline_of(architecture: Architecture, model: str) -> Pipeline:
    """Return the pipeline of a model of a checked architecture."""
    declared = architecture.model[model]
    observations = observations_of(architecture, declared)
    assert observations is not None and declared.label is not None, "checks come before pipelines"
    training = training_of(architecture, model)
    tracking = next(iter(architecture.tracking.values()), Tracking(name="default"))
    classification = architecture.system.problem is Problem.CLASSIFICATION
    label = over_columns(declared.label, observations.name)
    split = training.split if training else Split()
    return Pipeline(
        system=architecture.system.name,
        name=model,
        model=declared,
        problem=architecture.system.problem,
        observations=observations,
        training=training or Training(name="default", model=Reference("model", model)),
        training_declared=training is not None,
        split_by=split.by or (SplitBy.STRATIFIED if classification else SplitBy.RANDOM),
        evaluation=evaluation_of(architecture, model),
        hardware=_hardware(architecture, training.hardware if training else None),
        tracking=tracking,
        registry=next(iter(architecture.registry.values()), Registry(name="default")),
        output=declared.output or (Output.PROBABILITY if classification else Output.VALUE),
        threshold=declared.threshold.value,
        program=program_of(architecture, declared),
        label=label,
        label_columns=columns_in(label),
        metrics=architecture.system.metric,
        experiment=tracking.experiment or architecture.system.name,
    )


def training_of(architecture: Architecture, model: str) -> Training | None:
    """Return the declared training of a model, if there is one."""
    return next((block for block in architecture.training.values() if block.model.name == model), None)


def evaluation_of(architecture: Architecture, model: str) -> Evaluation | None:
    """Return the declared evaluation of a model, named directly or through its training, or the only one of the only model."""
    for block in architecture.evaluation.values():
        if block.model is not None and block.model.name == model:
            return block
        if block.training is not None and architecture.training[block.training.name].model.name == model:
            return block
        if block.model is None and block.training is None and len(architecture.model) == 1:
            return block
    return None


def _hardware(architecture: Architecture, reference: Reference | None) -> Hardware:
    return architecture.hardware[reference.name] if reference else Hardware(name="default")
