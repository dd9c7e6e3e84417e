"""What the models see: the feature store and the features with their expressions."""

from __future__ import annotations

from ...architecture.architecture import Architecture
from ...architecture.blocks.features import Features
from ...architecture.blocks.model import Model
from ...architecture.histories import reads_history
from ...architecture.observations import observations_of
from .markdown import code, prose, table
from .wording import SILENT, properties, shown


def store(architecture: Architecture) -> list[str]:
    """Return where features are kept between training and serving."""
    if not architecture.feature_store:
        return [
            f"Feature store: {SILENT}.",
            f"Features are computed from {_read(architecture)}, by one program that is stored with the model: "
            "training and serving cannot differ.",
        ]
    parts = []
    for block in architecture.feature_store.values():
        parts += [f"### Feature store {code(block.name)}", *([prose(block.doc)] if block.doc else []), properties(block)]
    return parts


def _read(architecture: Architecture) -> str:
    """Say what the features of the models read."""
    for model in architecture.model.values():
        observations = observations_of(architecture, model)
        groups = (architecture.features[each.name] for each in model.features if each.name in architecture.features)
        if observations is not None and any(reads_history(group, observations.name) for group in groups):
            return "the row itself and what was visible of its entity before"
    return "the row itself"


def key_features(architecture: Architecture) -> list[str]:
    """Return every feature with its expression and its doc comment."""
    return [part for block in architecture.features.values() for part in _group(architecture, block)] or [f"Features: {SILENT}."]


def _group(architecture: Architecture, block: Features) -> list[str]:
    readers = [
        _reader(architecture, model, block)
        for model in architecture.model.values()
        if any(each.name == block.name for each in model.features)
    ]
    rows = [
        (code(f"{block.name}.{name}"), shown(definition), prose(definition.doc) if definition.doc else "")
        for name, definition in block.feature.items()
    ]
    entity = f", about {', '.join(map(code, block.entity))}" if block.entity else ""
    return [
        f"### Features {code(block.name)}",
        *([prose(block.doc)] if block.doc else []),
        f"Over {shown(block.source)}{entity}; read by {', '.join(readers) if readers else 'no model'}.",
        table(("Feature", "Expression", "Description"), rows),
    ]


def _reader(architecture: Architecture, model: Model, block: Features) -> str:
    """A model that reads the block, by a join where its observations are another source's."""
    observations = observations_of(architecture, model)
    joined = observations is not None and observations.name != block.source.name
    return code(f"model.{model.name}") + (" by a join in time" if joined else "")
