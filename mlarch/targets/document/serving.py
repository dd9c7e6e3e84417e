"""Where predictions are given: deployments, the way of a request, and what callers are promised."""

from __future__ import annotations

from ...architecture.architecture import Architecture
from ...architecture.blocks.deployment import Deployment, Mode, Slo
from ...architecture.blocks.model import Model, Output
from ...architecture.blocks.system import Problem
from ...architecture.histories import columns_asked
from ...architecture.nodes import abouts
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
    """Return the observation columns that a request has; what comes from histories is not among them."""
    groups = [architecture.features[each.name] for each in model.features if each.name in architecture.features]
    return columns_asked(architecture, model, [(group, name) for group in groups for name in group.feature])


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
