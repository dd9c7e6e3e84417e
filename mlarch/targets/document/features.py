"""What the models see: the feature store and the features with their expressions."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from ...architecture.architecture import Architecture
from ...architecture.blocks.features import Features
from ...architecture.blocks.model import Model
from ...architecture.feature_views import FeatureView, store_of, views_of
from ...architecture.histories import LONGEST, reads_history
from ...architecture.observations import observations_of
from ...architecture.quantities import DURATIONS
from .markdown import code, prose, table
from .wording import SILENT, properties, shown


def store(architecture: Architecture) -> list[str]:
    """Return where features are kept between training and serving, and what is kept for requests."""
    views, block = views_of(architecture), store_of(architecture)
    if architecture.feature_store:
        head = [f"### Feature store {code(block.name)}", *([prose(block.doc)] if block.doc else [])]
    else:
        head = [
            f"Feature store: {SILENT}{'; this one is meant' if views else ''}.",
            f"Features are computed from {_read(architecture)}, by one program that is stored with the model: "
            "training and serving cannot differ.",
        ]
    return [*head, *([properties(block)] if architecture.feature_store or views else []), *_kept(views.values())]


def _kept(views: Iterable[FeatureView]) -> list[str]:
    """The views of the online store: from their events a request computes what training computed."""
    rows = [
        (
            code(view.name),
            f"{code(f'source.{view.source}')} by {', '.join(map(code, view.entity))}",
            _reach(view),
            ", ".join(code(column.name) for column in view.columns) or "none",
            ", ".join(code(f"deployment.{name}") for name in view.deployments),
        )
        for view in views
    ]
    told = "What requests look back on is kept event by event, so that it is computed as of the moment of each request."
    return [told, table(("View", "Events of", "As far back as", "Columns", "Read by"), rows)] if rows else []


def _reach(view: FeatureView) -> str:
    """Say how far back a view reaches: its longest window, in the largest unit that it is whole in, and its latest rows."""
    seconds = Decimal(view.window) / 1_000_000
    unit = next(unit for unit in ("d", "h", "min", "s", "ms", "us") if seconds % DURATIONS[unit] == 0)
    window = "everything" if view.window >= LONGEST else f"{int(seconds / DURATIONS[unit])}{unit}"
    rows = f"{view.rank} latest row{'s' * (view.rank > 1)}"
    return " and ".join([window] * bool(view.window) + [rows] * bool(view.rank))


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
