"""What one model needs from data to registry, every default filled in: the one place where defaults are decided."""

from __future__ import annotations

import msgspec

from .architecture import Architecture
from .blocks.evaluation import Evaluation
from .blocks.model import Model, Output
from .blocks.source import Source
from .blocks.system import Metric, Problem
from .blocks.training import Hardware, Registry, Split, SplitBy, Tracking, Training
from .expressions import Expression, Follow, Name, rewrite, walk
from .program import FeatureProgram, ProgramFeature
from .typing import kind_of
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


def observations_of(architecture: Architecture, model: Model) -> Source | None:
    """Return the source whose rows are predicted: the declared one, else the label's, else the only one there is."""
    if model.observations is not None:
        return architecture.source.get(model.observations.name)
    if model.label is not None:
        for part in walk(model.label):
            if isinstance(part, Name) and len(part.parts) == 2 and part.parts[0] in architecture.source:
                return architecture.source[part.parts[0]]
    return next(iter(architecture.source.values())) if len(architecture.source) == 1 else None


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


def program_of(architecture: Architecture, model: Model) -> FeatureProgram:
    """Return the feature program of a model: its features in order, others that they name put in place."""
    observations = observations_of(architecture, model)
    assert observations is not None, "checks come before pipelines"
    features: list[ProgramFeature] = []
    read: set[str] = set()
    for reference in model.features:
        group = architecture.features[reference.name]
        source = architecture.source[group.source.name]
        joined = (
            source.name != observations.name
        )  # what comes by a join is not in the request; `compile` refuses joins until they are carried out
        columns = {column.name: column for each in (observations, source) for column in each.schema.columns}
        for name, definition in group.feature.items():
            expression = inlined(architecture, definition.expression, source.name)
            features.append(ProgramFeature(f"{group.name}.{name}", expression, kind_of(expression, columns), definition.doc))
            read |= set() if joined else set(columns_in(expression))
    return FeatureProgram(tuple(column for column in observations.schema.columns if column.name in read), tuple(features))


def inlined(architecture: Architecture, expression: Expression, source: str, follow: Follow | None = None) -> Expression:
    """Return the expression with named features replaced by their own expressions and `source.column` by the column."""

    def place(node: Expression) -> Expression:
        if isinstance(node, Name) and len(node.parts) == 2:
            group = architecture.features.get(node.parts[0])
            if group is not None and node.parts[1] in group.feature:
                return inlined(architecture, group.feature[node.parts[1]].expression, source, follow)
        return node

    return over_columns(rewrite(expression, place, follow), source, follow)


def over_columns(expression: Expression, source: str, follow: Follow | None = None) -> Expression:
    """Return the expression with `nuclei.diagnosis` (or `source.nuclei.diagnosis`) shortened to the column `diagnosis`."""

    def shorten(node: Expression) -> Expression:
        if isinstance(node, Name) and node.parts[:-1] in ((source,), ("source", source)):
            return Name(node.parts[-1:])
        return node

    return rewrite(expression, shorten, follow)


def columns_in(expression: Expression) -> tuple[str, ...]:
    """Return the columns that a resolved expression reads, in order of appearance."""
    return tuple(dict.fromkeys(part.parts[0] for part in walk(expression) if isinstance(part, Name)))
