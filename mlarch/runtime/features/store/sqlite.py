"""Reading the online store in SQLite, in the event loop itself: a look-up takes microseconds, and handing it to a thread takes more."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

from ....architecture.feature_views import field_of
from .layout import WRITTEN, table_name
from .reading import AT_ONCE, Reason, Unanswered, Wanted

#: While somebody writes, reading is tried again after so many seconds.
AGAIN = 0.001


class SqliteReader:
    """Reads a file that Feast writes, now or later. It writes nothing, and waits for no lock: that would hold every other request up."""

    def __init__(self, path: Path, project: str, views: Iterable[str], deadline: float) -> None:
        self._path = path
        self._project = project
        self._deadline = deadline
        self._select = {
            view: f"SELECT CAST(value AS BLOB) FROM {table_name(project, view)} WHERE entity_key = ? AND feature_name = '{field_of(view)}'"
            for view in views
        }
        self._open: sqlite3.Connection | None = None
        self._file: tuple[int, int] | None = None
        self._whole: set[str] = set()

    async def read(self, wanted: Sequence[Wanted]) -> list[bytes | None]:
        """Return what is kept of each entity. Raises Unanswered."""
        found: list[bytes | None] = []
        for first in range(0, len(wanted), AT_ONCE):
            if first:
                await asyncio.sleep(0)  # other requests have their turn
            found += await self._some(wanted[first : first + AT_ONCE])
        return found

    async def unwritten(self) -> list[str]:
        """Return the views that the file does not say were written; all where there is none. Raises Unanswered where it is no database."""
        if not self._path.exists():
            return [*self._select]
        try:
            return self._unsaid(self._select)
        except sqlite3.Error as problem:
            raise Unanswered(Reason.UNREACHABLE, f"{self._path.name}: {problem}") from None

    def close(self) -> None:
        """Close the file."""
        if self._open is not None:
            self._open.close()
            self._open = None
            self._whole.clear()

    async def _some(self, wanted: Sequence[Wanted]) -> list[bytes | None]:
        until = None
        while True:
            try:
                return self._now(wanted)
            except (OSError, sqlite3.Error) as problem:
                if getattr(problem, "sqlite_errorcode", None) not in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                    self.close()
                    raise Unanswered(Reason.UNREACHABLE, f"{self._path.name}: {problem}") from None
            now = asyncio.get_running_loop().time()
            until = until or now + self._deadline
            if now >= until:
                raise Unanswered(Reason.DEADLINE, f"{self._path.name} is being written")
            await asyncio.sleep(AGAIN)

    def _now(self, wanted: Sequence[Wanted]) -> list[bytes | None]:
        ask, found = self._connection().execute, []
        missing = self._unsaid({view for view, _ in wanted} - self._whole)
        if missing:  # that it has nothing of an entity says nothing of the entity
            raise Unanswered(Reason.FORGOTTEN, f"{self._path.name} holds nothing of {', '.join(sorted(missing))}")
        for view, key in wanted:
            row = ask(self._select[view], (key,)).fetchone()
            found.append(None if row is None else row[0])
        return found

    def _unsaid(self, views: Collection[str]) -> list[str]:
        """Return those of some views that the file does not say were written; what it has once said is not asked again."""
        if not views:
            return []
        ask = self._connection().execute
        there = ask("SELECT 1 FROM sqlite_master WHERE name = ?", (WRITTEN,)).fetchone()
        self._whole |= {name for (name,) in ask(f"SELECT view FROM {WRITTEN}")} if there else set()
        return [view for view in views if view not in self._whole]

    def _connection(self) -> sqlite3.Connection:
        """Return a connection to the file that is there now: one that took the place of the former is opened anew."""
        there = self._path.stat()
        if self._open is None or self._file != (there.st_dev, there.st_ino):
            self.close()
            uri = f"{self._path.absolute().as_uri()}?mode=ro"
            self._open = sqlite3.connect(uri, uri=True, timeout=0, isolation_level=None, check_same_thread=False)
            self._file = (there.st_dev, there.st_ino)
        return self._open
