"""The models: what each predicts, from what, by which family, and every setting of it."""

from __future__ import annotations

import typing
from collections.abc import Iterator
from typing import Any

from ...architecture.architecture import Architecture
from ...architecture.blocks.model import Model, Search
from ...architecture.families import FAMILIES, Bounds, Family, family_named
from ...architecture.observations import observations_of
from .markdown import code, prose, table
from .wording import SILENT, properties, shown


def models(architecture: Architecture) -> list[str]:
    """Return each model with its configuration, its hyperparameters and its search."""
    return [part for model in architecture.model.values() for part in _model(architecture, model)] or [f"Models: {SILENT}."]


def _model(architecture: Architecture, model: Model) -> list[str]:
    rows = observations_of(architecture, model)
    predicted = f"One prediction for each row of {code(f'source.{rows.name}')}." if rows else f"The rows that are predicted: {SILENT}."
    return [
        f"### Model {code(model.name)}",
        *([prose(model.doc)] if model.doc else []),
        predicted,
        properties(model, without=("hyperparameters", "search")),
        *_settings(model),
        *_search(model.search),
    ]


def _settings(model: Model) -> list[str]:
    given = model.hyperparameters.values
    if model.family not in FAMILIES:
        rows = [(code(name), shown(value) if value is not None else code("null"), "declared", "", "") for name, value in given.items()]
        return [f"Hyperparameters: {SILENT}."] if not rows else ["Hyperparameters:", table(_HEAD, rows)]
    family = family_named(model.family)
    note = f"Family {code(family.name)}: {prose(family.doc)} Library: {family.library}."
    return [note, table(_HEAD, _setting_rows(family, given))]


_HEAD = ("Hyperparameter", "Value", "Said by", "Range", "Meaning")


def _setting_rows(family: Family, given: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    described = bounds_of(family)
    for name, value in family.settings(given).items():
        text = code("null") if value is None else shown(value)
        yield code(name), text, "declared" if name in given else "default", allowed(described[name]), prose(described[name].doc)


def bounds_of(family: Family) -> dict[str, Bounds]:
    """Return what a family says of each hyperparameter."""
    hints = typing.get_type_hints(family.hyperparameters, include_extras=True)
    return {name: hint.__metadata__[0] for name, hint in hints.items()}


def allowed(bounds: Bounds) -> str:
    """Return the values that a hyperparameter may take."""
    if bounds.choices:
        return ", ".join(code(choice) for choice in bounds.choices)
    low = "" if bounds.low is None else f"{'above' if bounds.exclusive else 'from'} {bounds.low:g}"
    high = "" if bounds.high is None else f"to {bounds.high:g}"
    return " ".join(filter(None, (low, high))) or "any"


def _search(search: Search | None) -> list[str]:
    if search is None:
        return [f"Hyperparameter search: {SILENT}."]
    return ["Hyperparameter search:", properties(search)]
