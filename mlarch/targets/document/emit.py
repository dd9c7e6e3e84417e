"""ARCHITECTURE.md of a build: every section of an ML Architecture Document, with declared figures only."""

from __future__ import annotations

from collections.abc import Callable

from ...architecture.architecture import Architecture
from .. import Emission
from . import data, diagram, features, making, models, operations, overview, serving
from .markdown import code, link, prose
from .wording import PLANNED, SILENT

FILE = "ARCHITECTURE.md"

#: A section's title, and what gives its Markdown blocks.
Section = tuple[str, Callable[[Architecture], list[str]]]

#: The document, in the order in which it is read.
SECTIONS: tuple[Section, ...] = (
    ("Overview", overview.overview),
    ("Problem and metrics", overview.problem),
    ("Data sources", data.sources),
    ("Pipeline", diagram.pipeline),
    ("Feature store", features.store),
    ("Key features", features.key_features),
    ("Model and configuration", models.models),
    ("Training infrastructure", making.training),
    ("Evaluation", making.evaluation),
    ("Experiment tracking", making.tracking),
    ("Model registry", making.registry),
    ("Deployment", serving.deployments),
    ("Inference architecture", serving.inference),
    ("Performance requirements", serving.promises),
    ("Monitoring", operations.monitoring),
    ("Alerts", operations.alerts),
    ("Retraining", operations.retraining),
    ("Governance", operations.governance),
)


def emit(architecture: Architecture, emission: Emission) -> dict[str, str]:
    """Return `ARCHITECTURE.md`."""
    return {FILE: document(architecture, emission)}


def document(architecture: Architecture, emission: Emission, more: tuple[Section, ...] = ()) -> str:
    """Return the text of the document; `more` are sections after the declared ones."""
    title = prose(architecture.system.title or architecture.system.name)
    origin = link(emission.source, (emission.root / emission.source).as_posix())
    blocks = [
        f"# {title}: ML architecture",
        f"Written by mlarch from {origin} (architecture {code(emission.hash)}), and not to be edited. It says what the file says, "
        f"“{SILENT}” where the file is silent, and {PLANNED} beside what this version does not carry out yet.",
    ]
    for number, (heading, section) in enumerate((*SECTIONS, *more), 1):
        blocks += [f"## {number}. {heading}", *section(architecture)]
    return "\n\n".join(blocks) + "\n"
