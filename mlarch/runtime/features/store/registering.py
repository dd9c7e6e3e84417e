"""Registering a repository with Feast, when it says something else than what was registered last."""

from __future__ import annotations

from pathlib import Path

import msgspec

from ....architecture.nodes import digest
from ...state import State, read_value
from . import feast


class Registration(msgspec.Struct, frozen=True):
    """What was registered: the digest of a repository's files, and the token of the store in which there is room for its views."""

    repository: str
    store: str


def registered(repository: Path, state: State, token: str) -> None:
    """Register a repository unless that was done before. Raises ArchitectureError (MLA602) when Feast is not installed."""
    texts = [(repository / name).read_text(encoding="utf-8") for name in ("feature_store.yaml", "features.py")]
    wanted, file = Registration(digest(texts), token), state.path("feast", "registered.json")
    if read_value(file, Registration) == wanted and state.path(feast.REGISTRY).exists():
        return
    feast.register(repository, state)
    state.write_value(file, wanted, "store.registered")
