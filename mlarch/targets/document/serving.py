"""Where predictions are given: deployments, the way of a request, and what callers are promised."""

from __future__ import annotations

from collections.abc import Iterator

from ...architecture.architecture import Architecture
from ...architecture.blocks.deployment import Deployment, Mode, Slo
from ...architecture.blocks.model import Model, Output
from ...architecture.blocks.system import Problem
from ...architecture.expressions import Expression, Name, Window, children
from ...architecture.nodes import abouts
from ...architecture.pipeline import inlined, observations_of
from ...architecture.types import Column
from .data import columns
from .making import headed
from .markdown import code, prose, table
from .wording import SILENT, shown


def deployments(architecture: Architecture) -> list[str]:
    """Return each deployment; what it promises stands under performance requirements."""
    parts = [part for block in architecture.deployment.values() for part in headed("Deployment", block, without=("slo",))]
    return parts or [f"Deployment: {SILENT}."]


def inference(architecture: Architecture) -> list[str]:
    """Return the way from a request to its answer, for each online deployment."""
    online = [block for block in architecture.deployment.values() if block.mode is Mode.ONLINE and block.model.name in architecture.model]
    return [part for block in online for part in _path(architecture, block)] or [f"Online inference: {SILENT}."]


def _path(architecture: Architecture, block: Deployment) -> list[str]:
    model = architecture.model[block.model.name]
    asked = request_columns(architecture, model)
    steps = (
        f"`POST http://{block.host}:{block.port}/predict` takes one row, or a list of rows, as JSON with named columns.",
        "Every column is checked against the schema; a wrong, missing or unknown one is answered with 422 and said by name.",
        f"The feature program computes {_count(architecture, model)}: the program that was fitted on the training rows.",
        f"The version of {code(f'model.{model.name}')} in stage {code(block.stage.value)} answers.",
        _answer(architecture, model),
        "`/healthz`, `/readyz`, `/metrics` (Prometheus) and `/openapi.json` stand beside it.",
    )
    return [
        f"### Requests to {code(f'deployment.{block.name}')}",
        "\n".join(f"{number}. {step}" for number, step in enumerate(steps, 1)),
        *(["What a request holds:", columns(asked)] if asked else [f"What a request holds: {SILENT}."]),
    ]


def _count(architecture: Architecture, model: Model) -> str:
    number = sum(len(architecture.features[each.name].feature) for each in model.features if each.name in architecture.features)
    return f"{number} feature" + "s" * (number != 1)


def _answer(architecture: Architecture, model: Model) -> str:
    if architecture.system.problem is Problem.REGRESSION:
        return "The answer has `value`, the predicted number."
    label = f"of two classes the positive one from a probability of {shown(model.threshold)} on, of several the most probable one"
    if model.output is Output.CLASS:
        return f"The answer has `label`: {label}."
    return f"The answer has `probability` (`probabilities` of several classes) and `label`: {label}."


def request_columns(architecture: Architecture, model: Model) -> tuple[Column, ...]:
    """Return the observation columns that the model's features read of the row itself; windows come from a feature store."""
    observations = observations_of(architecture, model)
    if observations is None:
        return ()
    read: set[str] = set()
    for reference in model.features:
        group = architecture.features.get(reference.name)
        if group is not None and group.source.name == observations.name:
            for definition in group.feature.values():
                read.update(_read(inlined(architecture, definition.expression, observations.name)))
    return tuple(column for column in observations.schema.columns if column.name in read)


def _read(expression: Expression) -> Iterator[str]:
    if isinstance(expression, Name):
        yield expression.parts[-1]
    if not isinstance(expression, Window):
        for part in children(expression):
            yield from _read(part)


def promises(architecture: Architecture) -> list[str]:
    """Return the table of what callers are promised."""
    rows = []
    for block in architecture.deployment.values():
        for key, (attribute, _, about) in abouts(Slo).items():
            bound = getattr(block.slo, attribute) if block.slo else None
            rows.append((code(f"deployment.{block.name}"), code(key), shown(bound), prose(about.doc)))
    if not rows:
        return [f"Performance requirements: {SILENT}."]
    return [table(("Deployment", "Measure", "Promise", "Meaning"), rows), "Measured figures are added by `mlarch document --run`."]
