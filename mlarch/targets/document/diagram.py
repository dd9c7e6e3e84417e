"""The system as one picture: a Mermaid flowchart of its blocks, and the table of steps that make a model."""

from __future__ import annotations

from collections.abc import Iterator

from ...architecture.architecture import Architecture
from ...architecture.blocks.training import Registry
from ...architecture.pipeline import evaluation_of, observations_of, training_of
from ...architecture.vocabulary import Reference
from .markdown import code, table

#: How a block kind is drawn: stores as cylinders, work as boxes, decisions as diamonds, what runs as rounded boxes.
_SHAPES = {
    "source": '[("{}")]',
    "feature_store": '[("{}")]',
    "registry": '[("{}")]',
    "model": '{{{{"{}"}}}}',
    "evaluation": '{{"{}"}}',
    "deployment": '(["{}"])',
    "monitor": '(["{}"])',
    "alert": '>"{}"]',
}
_BOX = '["{}"]'


def pipeline(architecture: Architecture) -> list[str]:
    """Return the diagram and the steps."""
    picture = f"```mermaid\n{flowchart(architecture)}\n```"
    return [picture, "Each step is an asset; one whose inputs and whose own text are unchanged is not run again.", _steps(architecture)]


def flowchart(architecture: Architecture) -> str:
    """Return the Mermaid text: source → features → model → training → evaluation → registry → deployment → monitor → alert."""
    edges = list(_edges(architecture))
    nodes: dict[str, str] = {}
    for start, _, end in edges:
        for path in (start, end):
            nodes.setdefault(path, f"n{len(nodes)}")
    lines = ["flowchart LR"]
    for path, key in nodes.items():
        shape = _SHAPES.get(path.partition(".")[0], _BOX)
        lines.append(f"  {key}{shape.format(_label(path))}")
    for start, said, end in edges:
        arrow = f'-->|"{_label(said)}"|' if said else "-->"
        lines.append(f"  {nodes[start]} {arrow} {nodes[end]}")
    return "\n".join(lines)


def _label(text: str) -> str:
    """Mermaid's own escapes, so that no name ends the label early."""
    return "".join(mark if mark.isalnum() or mark in " ._-/" else f"#{ord(mark)};" for mark in text)


def _edges(architecture: Architecture) -> Iterator[tuple[str, str, str]]:
    for block in architecture.features.values():
        yield f"source.{block.source.name}", "", f"features.{block.name}"
    for name in architecture.model:
        yield from _making(architecture, name)
    for deployment in architecture.deployment.values():
        yield _registry(architecture), deployment.stage.value, f"deployment.{deployment.name}"
    yield from _operating(architecture)


def _making(architecture: Architecture, name: str) -> Iterator[tuple[str, str, str]]:
    model, path = architecture.model[name], f"model.{name}"
    observations = observations_of(architecture, model)
    if observations is not None:
        yield f"source.{observations.name}", "label", path
    store = next((f"feature_store.{each}" for each in architecture.feature_store), None)
    for reference in model.features:
        if store:
            yield str(reference), "", store
        else:
            yield str(reference), "", path
    if store:
        yield store, "", path
    declared = training_of(architecture, name)
    training = f"training.{declared.name}" if declared else f"training of {name}"
    gate = evaluation_of(architecture, name)
    evaluation = f"evaluation.{gate.name}" if gate else f"evaluation.{name} beats its baseline"
    yield path, "", training
    yield training, "", evaluation
    yield evaluation, "passed" if gate is None or gate.gate else "reported only", _registry(architecture)


def _registry(architecture: Architecture) -> str:
    block = next(iter(architecture.registry.values()), Registry(name=""))
    return f"registry.{block.name or block.backend.value}"


def _operating(architecture: Architecture) -> Iterator[tuple[str, str, str]]:
    for monitor in architecture.monitor.values():
        yield str(monitor.deployment), "", f"monitor.{monitor.name}"
        for alert in architecture.alert.values():
            yield f"monitor.{monitor.name}", "", f"alert.{alert.name}"
    for retraining in architecture.retraining.values():
        for trigger in retraining.triggers:
            if isinstance(trigger, Reference):
                yield str(trigger), "starts", f"retraining.{retraining.name}"
        yield f"retraining.{retraining.name}", "", str(retraining.training)


#: What each step of a source and of a model gives.
_OF_SOURCE = {
    "ingested": "a Parquet file with the schema's columns and types",
    "validated": "a report of every rule of the schema and every expectation; a broken one stops what follows",
}
_OF_MODEL = {
    "features": "the split, and the feature program fitted on the training rows",
    "trained": "the model bundle and its tracking run",
    "evaluated": "metrics on the test rows, and the gate's decision",
    "registered": "a version in the registry, if the gate lets it through",
}


def _steps(architecture: Architecture) -> str:
    rows = []
    for name in architecture.source:
        before = f"source.{name}"
        for step, gives in _OF_SOURCE.items():
            rows.append((code(f"{name}/{step}"), code(before), gives))
            before = f"{name}/{step}"
    for name, model in architecture.model.items():
        observations = observations_of(architecture, model)
        before = f"{observations.name}/validated" if observations else f"model.{name}"
        for step, gives in _OF_MODEL.items():
            rows.append((code(f"{name}/{step}"), code(before), gives))
            before = f"{name}/{step}"
    return table(("Step", "Comes after", "Gives"), rows)
