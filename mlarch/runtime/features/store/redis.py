"""Reading the online store in Redis: one connection, on which the commands of all requests follow one another without waiting.

Redis' own client takes a connection a request and gives it up with a request that is cut short; this one keeps both costs away: an
answer that comes too late is dropped, and the connection goes on.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections import deque
from collections.abc import Iterable, Sequence
from typing import Any, cast

import hiredis

from ....architecture.feature_views import field_of
from .address import Address
from .layout import TOKEN, hash_field, hash_name, store_name
from .reading import AT_ONCE, Reason, Unanswered, Wanted

#: How long a connection may take to be made, beyond the deadline of the request that begins it.
CONNECT_SECONDS = 2.0
#: How long after a failure nothing is tried; doubled with each further failure.
FIRST_PAUSE, LONGEST_PAUSE = 0.05, 2.0
#: So many commands wait for answers at most; a request beyond them is turned away.
MOST_WAITING = 10_000
#: A connection on which the oldest command has waited so long is given up.
STALLED_SECONDS = 1.0
_log = logging.getLogger(__name__)


class RedisReader:
    """Reads a Redis server that Feast writes. After a failure it connects again by itself, less and less often."""

    def __init__(self, address: Address, project: str, views: Iterable[str], deadline: float) -> None:
        self._address = address
        self._project = project
        self._deadline = deadline
        self._fields = {view: hash_field(view, field_of(view)) for view in views}
        self._written = command(b"HMGET", store_name(project), TOKEN, *(view.encode() for view in self._fields))
        self._link: _Link | None = None
        self._connecting: asyncio.Task[_Link | None] | None = None
        self._pause = FIRST_PAUSE
        self._not_before = 0.0
        self._why = ""

    async def read(self, wanted: Sequence[Wanted]) -> list[bytes | None]:
        """Return what is kept of each entity. Raises Unanswered."""
        found: list[bytes | None] = []
        for first in range(0, len(wanted), AT_ONCE):
            found += await self._some(wanted[first : first + AT_ONCE])
        return found

    def close(self) -> None:
        """Close the connection."""
        if self._link is not None:
            self._link.give_up("closed")
            self._link = None

    async def unwritten(self) -> list[str]:
        """Return the views that the server does not say were written. Raises Unanswered."""
        (said,) = await self._ask(self._written, 1)
        return self._unsaid(said)

    async def _some(self, wanted: Sequence[Wanted]) -> list[bytes | None]:
        commands = [command(b"HGET", hash_name(self._project, key), self._fields[view]) for view, key in wanted]
        said, *found = await self._ask(b"".join((self._written, *commands)), len(wanted) + 1)
        # One that was started anew, or emptied, or is not filled yet: that it has nothing of an entity says nothing of the entity.
        missing = {*self._unsaid(said)}.intersection(view for view, _ in wanted)
        if missing:
            raise Unanswered(Reason.FORGOTTEN, f"{self._address} holds nothing of {', '.join(sorted(missing))}")
        return found

    def _unsaid(self, said: Any) -> list[str]:
        token, *written = said
        return [view for view, each in zip(self._fields, written, strict=True) if token is None or each is None]

    async def _ask(self, commands: bytes, count: int) -> list[Any]:
        try:
            async with asyncio.timeout(self._deadline):
                link = self._link
                if link is None or not link.is_open or link.loop is not asyncio.get_running_loop():
                    link = await self._connected()
                return [_given(reply) for reply in await link.ask(commands, count)]
        except TimeoutError:
            raise Unanswered(Reason.DEADLINE, f"{self._address} did not answer in {self._deadline * 1000:g} ms") from None
        except ConnectionError as problem:
            raise Unanswered(Reason.UNREACHABLE, f"{self._address}: {problem}") from None
        except hiredis.HiredisError as problem:  # such as LOADING, while it reads its file
            raise Unanswered(Reason.UNREACHABLE, f"{self._address}: {problem}") from None

    async def _connected(self) -> _Link:
        """Return an open connection. It is made once for all who wait; a request that waits no longer leaves it to the others."""
        loop = asyncio.get_running_loop()
        if self._connecting is None or self._connecting.done() or self._connecting.get_loop() is not loop:
            if loop.time() < self._not_before:
                raise ConnectionError(self._why)
            self._connecting = loop.create_task(self._connect())
        link = await asyncio.shield(self._connecting)
        if link is None:
            raise ConnectionError(self._why)
        return link

    async def _connect(self) -> _Link | None:
        loop, address, link = asyncio.get_running_loop(), self._address, None
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                secure = ssl.create_default_context() if address.tls else None
                _, link = await loop.create_connection(_Link, address.host, address.port, ssl=secure)
                for greeting in _greetings(address):
                    _given((await link.ask(greeting, 1))[0])
        except (OSError, hiredis.HiredisError) as problem:  # a timeout is an OSError
            self._why = str(problem) or "it does not answer"
            if link is not None:
                link.give_up(self._why)
            if self._pause == FIRST_PAUSE:
                _log.warning("the feature store at %s cannot be reached: %s", address, self._why)
            self._not_before, self._pause = loop.time() + self._pause, min(self._pause * 2, LONGEST_PAUSE)
            return None
        if self._pause != FIRST_PAUSE:
            _log.warning("the feature store at %s answers again", address)
        self._link, self._pause = link, FIRST_PAUSE
        return link


def command(*parts: bytes) -> bytes:
    """Return a command as Redis reads it."""
    return b"*%d\r\n" % len(parts) + b"".join([b"$%d\r\n%b\r\n" % (len(part), part) for part in parts])


def _greetings(address: Address) -> list[bytes]:
    """The commands that a connection begins with. The last one always gets an answer: a server that has none is none."""
    login = [part.encode() for part in (address.user, address.password) if part is not None]
    return [*([command(b"AUTH", *login)] if login else []), command(b"SELECT", b"%d" % address.database)]


def _given(reply: Any) -> Any:
    """Return a reply. Raises what Redis said in its place."""
    if isinstance(reply, hiredis.HiredisError):
        raise reply
    return reply


class _Link(asyncio.Protocol):
    """One connection. Redis answers in the order in which it is asked."""

    def __init__(self) -> None:
        self.is_open = False
        self._waiting: deque[_Asked] = deque()
        self._commands = 0
        self._replies = hiredis.Reader()
        self.loop = asyncio.get_running_loop()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's transports have the methods, not the class
        self.is_open = True

    def data_received(self, data: bytes) -> None:
        try:
            self._replies.feed(data)
            while (reply := self._replies.gets()) is not False:
                asked = self._waiting[0]
                asked.replies.append(reply)
                if len(asked.replies) == asked.count:
                    self._waiting.popleft()
                    self._commands -= asked.count
                    if not asked.future.done():  # nobody waits for it any more
                        asked.future.set_result(asked.replies)
        except (hiredis.ProtocolError, IndexError):
            self.give_up("what answers is no Redis server")

    def connection_lost(self, problem: Exception | None) -> None:
        self.give_up(str(problem or "the connection was closed"))

    def give_up(self, why: str) -> None:
        """Close the connection; whoever waits is told why."""
        self.is_open = False
        if not self.loop.is_closed():
            self._transport.abort()
        for asked in self._waiting:
            if not asked.future.done():
                asked.future.set_exception(ConnectionError(why))
        self._waiting.clear()

    def ask(self, commands: bytes, count: int) -> asyncio.Future[list[Any]]:
        """Send commands; what is returned gets the reply to each.

        Raises Unanswered where too many are waiting, ConnectionError where the server has stopped answering.
        """
        now = self.loop.time()
        if self._waiting and now - self._waiting[0].at > STALLED_SECONDS:
            self.give_up("it has stopped answering")
            raise ConnectionError("it has stopped answering")
        if self._commands + count > MOST_WAITING:
            raise Unanswered(Reason.BUSY, f"{self._commands} reads are waiting already")
        asked = _Asked(self.loop.create_future(), count, now)
        self._waiting.append(asked)
        self._commands += count
        self._transport.write(commands)
        return asked.future


class _Asked:
    """A request that waits: for how many replies, those that have come, and since when."""

    __slots__ = ("at", "count", "future", "replies")

    def __init__(self, future: asyncio.Future[list[Any]], count: int, at: float) -> None:
        self.future = future
        self.count = count
        self.at = at
        self.replies: list[Any] = []
