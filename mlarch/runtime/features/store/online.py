"""The online store itself, beside what Feast writes into it: which store it is, which views are whole, and entities taken out.

Feast has no word for either. The layout is Feast's.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator, Sequence
from typing import Any, Protocol

from .layout import TOKEN, WRITTEN, hash_field, hash_name, key_in, store_name, table_name

#: So many entities are taken out at once.
AT_ONCE = 5_000


class Online(Protocol):
    """A store that is open."""

    def token(self) -> str | None:
        """Return what tells this store from another one, or from itself before it was emptied; None where nothing does."""
        ...

    def name(self, token: str) -> None:
        """Give the store a token."""
        ...

    def written(self, view: str) -> None:
        """Say of a view that it was written whole: from now on who is not in it has no history."""
        ...

    def whole(self) -> set[str]:
        """Return the views that were written whole."""
        ...

    def only(self, views: Collection[str]) -> None:
        """Say of all other views that they were never written."""
        ...

    def entities(self, view: str, fields: Sequence[str]) -> Iterator[bytes]:
        """Yield the keys of the entities that a view has, whoever wrote them."""
        ...

    def remove(self, view: str, fields: Sequence[str], keys: Sequence[bytes]) -> None:
        """Take entities, by their keys as Feast writes them, out of a view."""
        ...


class SqliteStore:
    """A SQLite file."""

    def __init__(self, connection: sqlite3.Connection, project: str) -> None:
        self.connection, self.project = connection, project

    def token(self) -> str | None:
        """Return the token in the table beside Feast's."""
        known = self.connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'mlarch'").fetchone()
        found = self.connection.execute("SELECT token FROM mlarch").fetchone() if known else None
        return str(found[0]) if found else None

    def name(self, token: str) -> None:
        """Write the token into a table of its own."""
        with self.connection:
            self.connection.execute("CREATE TABLE IF NOT EXISTS mlarch (token TEXT)")
            self.connection.execute("DELETE FROM mlarch")
            self.connection.execute("INSERT INTO mlarch VALUES (?)", (token,))

    def written(self, view: str) -> None:
        """Add a view to the table of those that were written."""
        with self.connection:
            self.connection.execute(f"CREATE TABLE IF NOT EXISTS {WRITTEN} (view TEXT PRIMARY KEY)")
            self.connection.execute(f"INSERT OR IGNORE INTO {WRITTEN} VALUES (?)", (view,))

    def whole(self) -> set[str]:
        """Return the views in that table."""
        there = self.connection.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (WRITTEN,)).fetchone()
        return {view for (view,) in self.connection.execute(f"SELECT view FROM {WRITTEN}")} if there else set()

    def only(self, views: Collection[str]) -> None:
        """Take other views out of the table."""
        if others := self.whole().difference(views):
            with self.connection:
                self.connection.executemany(f"DELETE FROM {WRITTEN} WHERE view = ?", [(view,) for view in others])

    def entities(self, view: str, fields: Sequence[str]) -> Iterator[bytes]:
        """Yield the keys in the table of a view."""
        for (key,) in self.connection.execute(f"SELECT DISTINCT entity_key FROM {table_name(self.project, view)}"):
            yield key

    def remove(self, view: str, fields: Sequence[str], keys: Sequence[bytes]) -> None:
        """Delete the rows of entities."""
        with self.connection:
            self.connection.executemany(f"DELETE FROM {table_name(self.project, view)} WHERE entity_key = ?", [(key,) for key in keys])


class RedisStore:
    """A Redis server."""

    def __init__(self, client: Any, project: str) -> None:
        self.client, self.project = client, project

    def token(self) -> str | None:
        """Return the token, which is lost with all else when the server forgets."""
        found = self.client.hget(store_name(self.project), TOKEN)
        return found.decode() if found else None

    def name(self, token: str) -> None:
        """Write the token."""
        self.client.hset(store_name(self.project), TOKEN, token)

    def written(self, view: str) -> None:
        """Write the name of a view beside the token."""
        self.client.hset(store_name(self.project), view, "written")

    def whole(self) -> set[str]:
        """Return the names of views beside the token."""
        return {name.decode() for name in self.client.hkeys(store_name(self.project)) if name != TOKEN}

    def only(self, views: Collection[str]) -> None:
        """Delete the names of other views."""
        if others := self.whole().difference(views):
            self.client.hdel(store_name(self.project), *others)

    def entities(self, view: str, fields: Sequence[str]) -> Iterator[bytes]:
        """Yield the keys of the hashes that have a field of a view: the server is looked through from end to end."""
        waiting: list[bytes] = []
        for name in self.client.scan_iter(count=AT_ONCE, _type="hash"):
            key = key_in(name, self.project)
            waiting += [] if key is None else [key]
            if len(waiting) >= AT_ONCE:
                yield from self._having(view, fields, waiting)
                waiting = []
        yield from self._having(view, fields, waiting)

    def _having(self, view: str, fields: Sequence[str], keys: Sequence[bytes]) -> Iterator[bytes]:
        with self.client.pipeline(transaction=False) as pipe:
            for key in keys:
                pipe.hmget(hash_name(self.project, key), [hash_field(view, field) for field in fields])
            for key, held in zip(keys, pipe.execute(), strict=True):
                if any(each is not None for each in held):
                    yield key

    def remove(self, view: str, fields: Sequence[str], keys: Sequence[bytes]) -> None:
        """Delete the fields of a view from the hashes of entities; a hash without fields is gone."""
        names = [*(hash_field(view, field) for field in fields), f"_ts:{view}".encode()]
        with self.client.pipeline(transaction=False) as pipe:
            for key in keys:
                pipe.hdel(hash_name(self.project, key), *names)
            pipe.execute()
