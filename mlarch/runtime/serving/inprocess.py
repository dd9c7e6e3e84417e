"""Predictions without a server: the version that a deployment would serve, in this process."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from ...architecture.blocks.training import Stage
from ...architecture.errors import ArchitectureError
from ...architecture.lock import Lock
from ...language.suggest import names
from ..models.bundle import Bundle
from ..registry.champion import fetch_champion
from ..state import State
from .answering import answer_rows
from .decoding import Decoder, Refused


def predict(lock: Lock, rows: Sequence[Mapping[str, object]], model: str | None = None) -> list[dict[str, Any]]:
    """Return one answer a row, by the production version of a model; where there is only one, it need not be named.

    Raises ArchitectureError: MLA606 when nothing is in production, MLA704 when a row is refused.
    """
    models = list(lock.architecture.model)
    if model is None and len(models) == 1:
        model = models[0]
    if model not in lock.architecture.model:
        raise ArchitectureError(
            "MLA704", "which model is asked?" if model is None else f"there is no model `{model}`", help=f"there are {names(models)}"
        )
    champion = fetch_champion(lock, model, _stage(lock, model), State(lock.root))
    bundle = Bundle.load(Path(champion.folder))
    try:
        return answer_rows(bundle, Decoder(bundle.program.inputs).decode(msgspec.json.encode(list(rows))))
    except Refused as refused:
        raise ArchitectureError("MLA704", refused.message, at=f"model.{model}") from None


def _stage(lock: Lock, model: str) -> Stage:
    """The stage that the model's deployment serves, production where it has none."""
    return next((each.stage for each in lock.architecture.deployment.values() if each.model.name == model), Stage.PRODUCTION)
