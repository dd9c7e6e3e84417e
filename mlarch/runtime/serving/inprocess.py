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
from .answering import answer_completed, answer_rows
from .decoding import Decoder, Refused
from .histories import Unavailable
from .online_store import histories_of, require_written
from .openapi import describe


def predict(lock: Lock, rows: Sequence[Mapping[str, object]], model: str | None = None) -> list[dict[str, Any]]:
    """Return one answer a row, by the production version of a model; where there is only one, it need not be named.

    Raises ArchitectureError: MLA606 when nothing is in production, MLA704 when a row is refused, MLA706 when the feature store is silent.
    """
    asked = Offline(lock, model)
    try:
        found: list[dict[str, Any]] = asked.predict(rows)["predictions"]
    except Refused as refused:
        wrong = [f"row {each.row}: {f'`{each.field}` ' if each.field else ''}{each.problem}" for each in refused.problems]
        raise ArchitectureError("MLA704", refused.message, at=f"model.{asked.model}", help="; ".join(wrong) or None) from None
    return found


class Offline:
    """The version of a model that a deployment would serve, loaded into this process. It answers as the server does.

    What it takes of histories it reads from the feature store, too. Raises ArchitectureError: MLA606 when nothing is in the stage, MLA704
    when no such model exists, MLA906 when the feature store was never filled.
    """

    def __init__(self, lock: Lock, model: str | None = None) -> None:
        self.model = _model(lock, model)
        self.version = fetch_champion(lock, self.model, _stage(lock, self.model), State(lock.root))
        self.bundle = Bundle.load(Path(self.version.folder))
        require_written(lock, self.bundle.program)
        self._histories = histories_of(lock, self.bundle.program)
        self._decoder = Decoder(self.bundle.program.inputs)

    def columns(self) -> dict[str, dict[str, Any]]:
        """Return what a request says of each column, by name."""
        found: dict[str, dict[str, Any]] = describe(self.bundle, self.version.version)["components"]["schemas"]["Row"]["properties"]
        return found

    def predict(self, rows: Sequence[Mapping[str, object]]) -> dict[str, Any]:
        """Answer for rows. Raises Refused as the server does, and ArchitectureError (MLA706) where the store is needed and silent."""
        decoded = self._decoder.decode(msgspec.json.encode(list(rows)))
        if self._histories is None:
            answers = answer_rows(self.bundle, decoded)
        else:
            try:
                answers = answer_completed(self.bundle, self._histories.complete_now(decoded))
            except Unavailable as problem:
                raise ArchitectureError("MLA706", problem.message, at=f"model.{self.model}") from None
        return {"model": self.model, "version": self.version.version, "predictions": answers}


def _model(lock: Lock, name: str | None) -> str:
    models = list(lock.architecture.model)
    if name is None and len(models) == 1:
        return models[0]
    if name is not None and name in models:
        return name
    raise ArchitectureError(
        "MLA704", "which model is asked?" if name is None else f"there is no model `{name}`", help=f"there are {names(models)}"
    )


def _stage(lock: Lock, model: str) -> Stage:
    """The stage that the model's deployment serves, production where it has none."""
    return next((each.stage for each in lock.architecture.deployment.values() if each.model.name == model), Stage.PRODUCTION)
