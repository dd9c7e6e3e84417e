"""The online store that a system declares, opened for requests."""

from __future__ import annotations

import asyncio
from pathlib import Path

from ...architecture.blocks.features import Redis
from ...architecture.errors import ArchitectureError
from ...architecture.feature_views import store_of, view_of
from ...architecture.lock import Lock
from ...architecture.program import FeatureProgram, History
from ...architecture.served_views import covers, lacking
from ...language.suggest import names
from ..artifacts import Materialized
from ..features.store.address import declared_address
from ..features.store.opening import holds
from ..features.store.reading import Reader, Unanswered
from ..features.store.sqlite import SqliteReader
from ..state import State, read_value
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

    Raises ArchitectureError (MLA906) where it was never materialized, or with less than the program reads.
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
    lacks = {view_of(history): [*lacking(lock.architecture, history)] for history in program.histories}
    if unwritten:
        told = f"the feature store holds nothing of {names(unwritten)}, which the model reads at each request"
        raise ArchitectureError("MLA906", told, help=_help([each for view in unwritten for each in lacks[view]]))
    narrow = [view_of(history) for history in program.histories if not _wide(lock, history)]
    if narrow:
        told = f"the feature store keeps less of {names(narrow)} than the model reads at each request"
        raise ArchitectureError("MLA906", told, help=_help([each for view in narrow for each in lacks[view]]))
    return None


def _help(lacks: list[str]) -> str:
    if not lacks:
        return "`mlarch features materialize` fills it"
    told = f"this version was trained by an earlier file, and {', '.join(dict.fromkeys(lacks))} of it is no more in this one"
    return f"{told}: `mlarch run` trains one by this file"


def _wide(lock: Lock, history: History) -> bool:
    """Tell whether a view was written with all that a history reads; where somebody else has written it, that is not known here."""
    state = State(lock.root)
    value = read_value(state.folder / "values" / view_of(history) / "materialized.json", Materialized)
    if value is None or value.kept is None or covers(value.kept, history):
        return True
    return not holds(lock, state, Path(value.path).parent.name)


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
