"""Registering a repository with Feast, when it says something else than what was registered last, or the registry is another one."""

from __future__ import annotations

import hashlib
from pathlib import Path

import msgspec

from ....architecture.nodes import digest
from ...state import State, read_value
from . import feast


class Registration(msgspec.Struct, frozen=True):
    """What was registered: digests of a repository's files and of Feast's registry, and the token of the store with room for the views."""

    repository: str
    registry: str
    store: str


def registered(repository: Path, state: State, token: str) -> None:
    """Register a repository unless it is registered already. Raises ArchitectureError (MLA602) when Feast is not installed."""
    texts = [(repository / name).read_text(encoding="utf-8") for name in ("feature_store.yaml", "features.py")]
    file, registry = state.path("feast", "registered.json"), state.path(feast.REGISTRY)

    def now() -> Registration:
        return Registration(digest(texts), hashlib.sha256(registry.read_bytes()).hexdigest(), token)

    if registry.exists() and read_value(file, Registration) == now():
        return
    feast.register(repository, state)
    state.write_value(file, now(), "store.registered")
