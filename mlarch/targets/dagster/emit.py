"""`definitions.py` of a build: a few lines that load the lock file into Dagster."""

from __future__ import annotations

from ...architecture.architecture import Architecture
from ...architecture.lock import LOCK_NAME
from .. import Emission

_TEXT = '''"""Dagster definitions of `{name}`, compiled from {source} (architecture {hash}). Not to be edited: compile again."""

from pathlib import Path

from mlarch.dagster import from_lock

defs = from_lock(Path(__file__).with_name("{lock}"))
'''


def emit(architecture: Architecture, emission: Emission) -> dict[str, str]:
    """Return `definitions.py`."""
    return {"definitions.py": _TEXT.format(name=architecture.system.name, source=emission.source, hash=emission.hash, lock=LOCK_NAME)}
