"""The online store that a system declares, opened for requests."""

from __future__ import annotations

import asyncio
from pathlib import Path

from ...architecture.blocks.features import Redis
from ...architecture.errors import ArchitectureError
from ...architecture.feature_views import store_of, view_of, views_of
from ...architecture.lock import Lock
from ...architecture.program import FeatureProgram
from ...language.suggest import names
from ..features.store.address import declared_address
from ..features.store.reading import Reader, Unanswered
from ..features.store.sqlite import SqliteReader
from ..state import State
from .histories import Histories

#: How long a command waits for a store before it says that nothing answers; requests wait for the declared deadline.
PATIENCE = 2.0


def histories_of(lock: Lock, program: FeatureProgram) -> Histories | None:
    """Return what completes the rows of requests, or None where a row is all that the program reads. Nothing is opened yet.

    Raises ArchitectureError (MLA602) where the store is in Redis and its client is not installed.
    """
    if not program.histories:
        return None
    store = store_of(lock.architecture)
    return Histories(program, _reader(lock, program, store.deadline.value), store.fallback)


def require_written(lock: Lock, program: FeatureProgram) -> str | None:
    """See that the store has what a program reads; return why that cannot be told where the store does not answer.

    Raises ArchitectureError (MLA906) where it was never materialized.
    """
    if not program.histories:
        return None
    reader = _reader(lock, program, PATIENCE)
    try:
        unwritten = asyncio.run(reader.unwritten())
    except Unanswered as why:
        return str(why)
    finally:
        reader.close()
    if unwritten:
        known = all(view in views_of(lock.architecture) for view in unwritten)
        raise ArchitectureError(
            "MLA906",
            f"the feature store holds nothing of {names(unwritten)}, which the model reads at each request",
            help="`mlarch features materialize` fills it"
            if known
            else "this version was trained by an earlier file, whose store is kept no more: `mlarch run` trains one by this file",
        )
    return None


def _reader(lock: Lock, program: FeatureProgram, deadline: float) -> Reader:
    project, views = lock.architecture.system.name, [view_of(history) for history in program.histories]
    store = store_of(lock.architecture)
    if not isinstance(store.online, Redis):
        return SqliteReader(database(lock.root), project, views, deadline)
    try:
        from ..features.store.redis import RedisReader
    except ModuleNotFoundError as problem:
        told = f"reading the store in Redis takes hiredis, which is not installed ({problem})"
        raise ArchitectureError("MLA602", told, at=f"feature_store.{store.name}.online", help="pip install 'mlarch[redis]'") from None
    return RedisReader(declared_address(store), project, views, deadline)


def database(root: Path) -> Path:
    """Return the file of the embedded store."""
    return State(root).folder / "feast" / "online.db"
