"""The system as one picture: a Mermaid flowchart of its blocks, and the table of steps that make a model."""

from __future__ import annotations

from ...architecture.architecture import Architecture
from ...architecture.observations import observations_of
from ..graph.mermaid import mermaid
from ..graph.model import graph_of
from .markdown import code, table


def pipeline(architecture: Architecture) -> list[str]:
    """Return the diagram and the steps."""
    picture = f"```mermaid\n{mermaid(graph_of(architecture))}```"
    return [picture, "Each step is an asset; one whose inputs and whose own text are unchanged is not run again.", _steps(architecture)]


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
