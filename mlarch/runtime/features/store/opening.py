"""Opening the online store that a system declares, to write into it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ....architecture.blocks.features import Redis
from ....architecture.errors import ArchitectureError
from ....architecture.feature_views import store_of
from ....architecture.lock import Lock
from ...secrets import hidden
from ...state import State
from .address import Address, declared_address
from .online import Online, RedisStore, SqliteStore

CODE = "MLA612"


def database(state: State) -> Path:
    """Return the file of the embedded store."""
    return state.path("feast", "online.db")


def told_place(lock: Lock) -> str:
    """Return where the online store is, in a few words without secrets."""
    store = store_of(lock.architecture)
    return f"Redis at {declared_address(store)}" if isinstance(store.online, Redis) else "SQLite"


@contextmanager
def opened(lock: Lock, state: State, *, dry: bool = False) -> Iterator[Online]:
    """Open the online store; where it is to be read only and there is none yet, an empty one.

    Raises ArchitectureError (MLA612) when it is out of reach, now or while it is used.
    """
    store, project = store_of(lock.architecture), lock.architecture.system.name
    at = f"feature_store.{store.name}.online" if store.name in lock.architecture.feature_store else None
    if isinstance(store.online, Redis):
        with _redis(declared_address(store), project, at) as redis:
            yield redis
        return
    path = database(state)
    try:
        connection = sqlite3.connect(":memory:" if dry and not path.exists() else path, timeout=60)
        try:
            connection.execute("PRAGMA journal_mode=WAL")  # requests read while it is written, and neither waits
            yield SqliteStore(connection, project)
            connection.execute("PRAGMA wal_checkpoint(PASSIVE)")  # Feast closes its connection at some time, and not now
        finally:
            connection.close()
    except sqlite3.DatabaseError as problem:
        if getattr(problem, "sqlite_errorname", "") == "SQLITE_FULL":
            raise
        help = "is it the file of a feature store, and may it be written? Without it, it is made anew"
        raise ArchitectureError(CODE, f"{path} cannot be used: {problem}", at=at, help=help) from None


def holds(lock: Lock, state: State, token: str) -> bool:
    """Tell whether the store that is declared is the one with a token; one that is out of reach is not."""
    try:
        with opened(lock, state, dry=True) as online:
            return online.token() == token
    except ArchitectureError:
        return False


@contextmanager
def _redis(address: Address, project: str, at: str | None) -> Iterator[RedisStore]:
    try:
        import redis
        from redis.backoff import NoBackoff
        from redis.retry import Retry
    except ImportError as problem:
        raise ArchitectureError(
            "MLA602", f"Redis needs its client, which is not installed ({problem})", at=at, help="pip install 'mlarch[feast]'"
        ) from None
    client = redis.Redis(
        host=address.host,
        port=address.port,
        db=address.database,
        username=address.user,
        password=address.password,
        ssl=address.tls,
        socket_connect_timeout=10,
        retry=Retry(NoBackoff(), 1),  # a server that is not there is told at once
    )
    try:
        client.ping()
        yield RedisStore(client, project)
    except redis.RedisError as problem:
        said = hidden(f"the feature store at {address} cannot be used: {problem}", address.password or "")
        raise ArchitectureError(CODE, said, at=at, help="is the server running, and is the address right?") from None
    finally:
        client.close()
