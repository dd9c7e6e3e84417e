"""The rows of requests, completed with what the online store knows of their entities."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from msgspec.structs import replace

from ...architecture.blocks.features import Fallback
from ...architecture.observations import columns_in
from ...architecture.program import FeatureProgram
from ..features.store.answering import to_store_completion
from ..features.store.events import AskedTooEarly, EntityHistory, UnreadableEvents, decode
from ..features.store.layout import bytes_in, keys_of
from ..features.store.reading import Reader, Reason, Unanswered, Wanted
from .decoding import Problem, Refused, Row
from .measures import StoreMeasures

#: The events of an entity, None where the store has none, or why it did not say.
Known = EntityHistory | Reason | None
#: When a caller may ask again where the store does not answer, in seconds.
RETRY_SECONDS = 1
_now = time.perf_counter
_log = logging.getLogger(__name__)


class Unavailable(Exception):
    """A request that cannot be answered now, by no fault of the caller's. `message` says why."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class Completed:
    """Rows with the values of their histories; `fallback` names, for each row, the views that gave no answer."""

    __slots__ = ("fallback", "rows")

    def __init__(self, rows: list[Mapping[str, Any]], fallback: list[list[str]]) -> None:
        self.rows = rows
        self.fallback = fallback


class Histories:
    """Reads what a program takes of histories. `state` says in a word how the store was at the last read."""

    def __init__(self, program: FeatureProgram, reader: Reader, fallback: Fallback) -> None:
        self.reader = reader
        self.state = "not asked yet"
        self._fallback = fallback
        # One for each history: where one gives no answer, the others keep theirs.
        self._completions = [to_store_completion(replace(program, histories=(history,))) for history in program.histories]
        self._views = [each.views[0] for each in self._completions]
        self._keys = [keys_of(history.entity) for history in program.histories]
        self.measures = StoreMeasures(self._views, Reason)
        self._moment = columns_in(program.as_of)[0] if program.as_of is not None and columns_in(program.as_of) else None
        self._told: set[tuple[str, Reason]] = set()

    async def complete(self, rows: Sequence[Row]) -> Completed:
        """Complete the rows of one request, with one look into the store for all of them.

        Where the store gives no answer the values of the history are missing, or the request is refused, as is declared.
        Raises Unavailable, or Refused (422) where a row asks about a moment of which the store keeps nothing any more.
        """
        asked = [self._asked(row) for row in rows]
        known = await self._known([*dict.fromkeys(each for one in asked for each in one if each is not None)])
        made, fallback = [], []
        for number, (row, wanted) in enumerate(zip(rows, asked, strict=True)):
            failed: dict[str, Reason] = {}
            made.append(self._completed(row, [None if each is None else known[each] for each in wanted], failed))
            fallback.append([*failed])
            for view, reason in failed.items():
                self._fall_back(number, view, reason)
        return Completed(made, fallback)

    def complete_now(self, rows: Sequence[Row]) -> Completed:
        """Complete rows and wait for it, whether or not an event loop runs in this thread."""
        with ThreadPoolExecutor(1) as aside:
            return aside.submit(lambda: asyncio.run(self.complete(rows))).result()

    def _asked(self, row: Row) -> list[Wanted | None]:
        found = [each.keys(row)[0] for each in self._completions]
        return [None if entity is None else (view, key(entity)) for view, key, entity in zip(self._views, self._keys, found, strict=True)]

    async def _known(self, wanted: list[Wanted]) -> Mapping[Wanted, Known]:
        if not wanted:
            return {}
        started = _now()
        try:
            values = await self.reader.read(wanted)
        except Unanswered as why:
            self.state = "does not answer"
            for view in self._views:
                self._tell(view, why.reason, str(why))
            return dict.fromkeys(wanted, why.reason)
        finally:
            self.measures.seconds.observe(_now() - started)
        if self.state != "answers":
            self.state = "answers"
            self._told.clear()
        return {each: self._decoded(each[0], value) for each, value in zip(wanted, values, strict=True)}

    def _decoded(self, view: str, value: bytes | None) -> Known:
        try:
            blob = None if value is None else bytes_in(value)
            history = None if blob is None else decode(blob)
        except (ValueError, UnreadableEvents) as problem:
            self._tell(view, Reason.UNREADABLE, str(problem))
            return Reason.UNREADABLE
        if history is not None and history.count:
            self.measures.seen(view, history.visible[-1])
        return history

    def _completed(self, row: Mapping[str, Any], known: list[Known], failed: dict[str, Reason]) -> Mapping[str, Any]:
        """Return a row with its values; the views that gave none are added to `failed`."""
        for completion, view, history in zip(self._completions, self._views, known, strict=True):
            if isinstance(history, Reason):
                row, failed[view] = completion.unanswered(row), history
                continue
            try:
                row = completion.complete(row, [history])
            except AskedTooEarly:
                row, failed[view] = completion.unanswered(row), Reason.TOO_OLD
            except UnreadableEvents as problem:
                self._tell(view, Reason.UNREADABLE, str(problem))
                row, failed[view] = completion.unanswered(row), Reason.UNREADABLE
        return row

    def _fall_back(self, number: int, view: str, reason: Reason) -> None:
        self.measures.fell_back(view, reason)
        if self._fallback is Fallback.MISSING:
            return
        if reason is Reason.TOO_OLD:
            told = f"of `{view}` nothing is kept any more for that moment"
            raise Refused(422, f"no answer for row {number}: {told}", [Problem(self._moment, told, number)])
        raise Unavailable(f"the feature store gives no answer of `{view}`: {reason}")

    def _tell(self, view: str, reason: Reason, why: str) -> None:
        """Log what went wrong, once until the store answers again: a log that grows with every request helps nobody."""
        if (view, reason) not in self._told:
            self._told.add((view, reason))
            _log.warning("no answer of %s: %s", view, why)
