"""Reading a Redis server that Feast writes: many at once, killed in the middle, slow, full, with a password, and what is no server."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from mlarch.runtime.features.store import redis as client
from mlarch.runtime.features.store.address import Address, address_of
from mlarch.runtime.features.store.layout import bytes_in, hash_name
from mlarch.runtime.features.store.reading import AT_ONCE, Reason, Unanswered, Wanted
from mlarch.runtime.features.store.redis import RedisReader, command

from ...redis import Server, Slow, server
from ...servers import free_port
from .writing import NAMES, PROJECT, VIEWS, every_key, said, write

pytestmark = pytest.mark.servers
DEADLINE = 0.1
EVERY = every_key()


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server into which Feast has written; no test changes it."""
    with server() as made:
        write(tmp_path_factory.mktemp("redis"), VIEWS, NAMES, made.address)
        yield made


def reader(address: str | Address, deadline: float = DEADLINE) -> RedisReader:
    """A reader of a server."""
    return RedisReader(address_of(address) if isinstance(address, str) else address, PROJECT, NAMES, deadline)


async def blobs(asked: RedisReader, wanted: list[Wanted]) -> list[bytes | None]:
    """What is kept of each entity."""
    return [bytes_in(each) if each is not None else None for each in await asked.read(wanted)]


async def outcome(asked: RedisReader) -> str:
    """Whether everything was read as it was written, or else why not; a wrong answer is no outcome."""
    try:
        assert await blobs(asked, [*EVERY]) == [*EVERY.values()]
    except Unanswered as refused:
        return refused.reason
    return "read"


def test_what_feast_wrote_is_read(redis: Server) -> None:
    """Every blob is found under its entity, in one round trip; of an entity that was not written there is nothing."""
    assert asyncio.run(blobs(reader(redis.address), [*EVERY, ("sales_by_shop", b"nobody")])) == [*EVERY.values(), None]


def test_many_are_read(redis: Server) -> None:
    """More than are asked for in one round trip are all answered, in order."""
    assert asyncio.run(blobs(reader(redis.address, deadline=5), [*EVERY] * (AT_ONCE // 2))) == [*EVERY.values()] * (AT_ONCE // 2)


def test_each_of_many_requests_gets_its_own_answer(redis: Server) -> None:
    """A thousand requests share one connection, some of them cut short at any time, and nobody gets what another has asked for."""

    async def one(asked: RedisReader, number: int) -> bool:
        wanted = [*EVERY][number % len(EVERY) :] + [*EVERY][: number % 3]
        try:
            async with asyncio.timeout(0.0001 * (number % 40) if number % 3 == 0 else 5):
                return await blobs(asked, wanted) == [EVERY[each] for each in wanted]
        except TimeoutError:
            return True

    async def together() -> list[bool]:
        asked = reader(redis.address, deadline=5)
        return await asyncio.gather(*(one(asked, number) for number in range(1000)))

    assert all(asyncio.run(together()))


def test_a_server_that_is_killed_is_found_again(tmp_path: Path) -> None:
    """Killed under load: requests get their answer or learn in time that there is none; started anew and written again, they are read."""
    with server() as made:
        write(tmp_path, VIEWS, NAMES, made.address)

        async def under_load() -> tuple[Counter[str], float]:
            asked, slowest = reader(made.address), 0.0
            found: Counter[str] = Counter()

            async def caller(until: float) -> None:
                nonlocal slowest
                while (began := time.monotonic()) < until:
                    found[await outcome(asked)] += 1
                    slowest = max(slowest, time.monotonic() - began)
                    await asyncio.sleep(0.001)

            callers = asyncio.gather(*(caller(time.monotonic() + 1.0) for _ in range(16)))
            await asyncio.sleep(0.3)
            made.kill()
            await callers
            assert await outcome(asked) == Reason.UNREACHABLE
            made.start()
            deadline = time.monotonic() + client.LONGEST_PAUSE + 1
            while time.monotonic() < deadline:
                if await outcome(asked) == Reason.FORGOTTEN:  # what it held is lost, which says nothing of the entities
                    write(tmp_path, VIEWS, NAMES, made.address)
                    assert await outcome(asked) == "read"
                    return found, slowest
                await asyncio.sleep(0.02)
            raise AssertionError("it was not found again")

        found, slowest = asyncio.run(under_load())
        assert set(found) <= {"read", Reason.UNREACHABLE, Reason.DEADLINE} and min(found["read"], found[Reason.UNREACHABLE]) > 50
        assert slowest < DEADLINE + 0.4  # the machine is shared


def test_after_a_failure_it_is_not_asked_for_a_while() -> None:
    """Where nothing listens, requests learn so at once: they neither wait nor try anew each."""
    tried = []

    class Counted(RedisReader):
        async def _connect(self) -> client._Link | None:
            tried.append(time.monotonic())
            return await super()._connect()

    async def asked_often() -> float:
        asked = Counted(Address("127.0.0.1", free_port()), PROJECT, NAMES, DEADLINE)
        began = time.monotonic()
        for _ in range(500):
            assert await outcome(asked) == Reason.UNREACHABLE
        return time.monotonic() - began

    assert asyncio.run(asked_often()) < 0.5
    assert 1 <= len(tried) <= 4


def test_a_slow_server_costs_the_deadline_and_no_more(redis: Server) -> None:
    """What comes after the deadline is dropped, the connection is kept, and once the server is quick again it is read."""
    with Slow(redis.port) as way:

        async def through() -> None:
            asked = reader(f"127.0.0.1:{way.port}")
            assert await outcome(asked) == "read"
            link, way.seconds = asked._link, 0.3
            began = time.monotonic()
            assert await asyncio.gather(*(outcome(asked) for _ in range(20))) == [Reason.DEADLINE] * 20
            assert DEADLINE <= time.monotonic() - began < DEADLINE + 0.15
            way.seconds = 0.0
            await asyncio.sleep(0.7)
            assert await outcome(asked) == "read" and asked._link is link

        asyncio.run(through())


def test_a_server_that_stops_answering_is_left(redis: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection on which nothing comes any more is given up, and another is made."""
    monkeypatch.setattr(client, "STALLED_SECONDS", 0.2)
    with Slow(redis.port) as way:

        async def through() -> None:
            asked = reader(f"127.0.0.1:{way.port}")
            assert await outcome(asked) == "read"
            way.seconds = 3600.0
            assert await outcome(asked) == Reason.DEADLINE
            way.seconds = 0.0  # for connections to come: the old one goes on waiting
            await asyncio.sleep(0.3)
            assert [await outcome(asked) for _ in range(2)] == [Reason.UNREACHABLE, "read"]

        asyncio.run(through())


def test_no_more_than_so_many_wait(redis: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests beyond the limit are turned away at once instead of waiting, and those within it are answered."""
    monkeypatch.setattr(client, "MOST_WAITING", 10 * (len(EVERY) + 1))

    async def together() -> Counter[str]:
        asked = reader(redis.address, deadline=2)
        assert await outcome(asked) == "read"
        return Counter(await asyncio.gather(*(outcome(asked) for _ in range(50))))

    assert asyncio.run(together()) == {"read": 10, Reason.BUSY: 40}


def test_a_login_is_given_and_its_failure_is_told_without_it() -> None:
    """With the password the server is read; without it, or with another, there is no answer, and the reason does not repeat it."""
    with server("--requirepass", "swordfish") as made:

        async def tried(password: str | None) -> str:
            asked = reader(Address("127.0.0.1", made.port, password=password))
            try:
                return str(await asked.read([("sales_by_shop", b"x")]))
            except Unanswered as refused:
                return str(refused)

        said(Path(), f":swordfish@{made.address}")
        assert asyncio.run(tried("swordfish")) == "[None]"
        assert "NOAUTH" in asyncio.run(tried(None))
        wrong = asyncio.run(tried("hunter2"))
        assert "WRONGPASS" in wrong and "hunter2" not in wrong


def test_a_refused_login_leaves_no_connection() -> None:
    """However often a login is refused, no connection is left open: a server takes only so many."""
    with server("--requirepass", "swordfish") as made:

        async def counted() -> int:
            refused = reader(Address("127.0.0.1", made.port, password="wrong"))
            for _ in range(3):
                with pytest.raises(Unanswered):
                    await refused.read([*EVERY])
                refused._not_before = 0.0
            let_in = reader(Address("127.0.0.1", made.port, password="swordfish"))
            link = await let_in._connect()
            assert link is not None
            await asyncio.sleep(0.1)
            (clients,) = await link.ask(command(b"CLIENT", b"LIST"), 1)
            return len(clients.splitlines())

        assert asyncio.run(counted()) == 1


def test_each_database_is_its_own(redis: Server) -> None:
    """The number in an address chooses the database; what stands in another is not seen."""
    wanted = [*EVERY][:1]
    assert asyncio.run(blobs(reader(f"redis://{redis.address}/0"), wanted)) == [EVERY[wanted[0]]]
    assert asyncio.run(outcome(reader(f"redis://{redis.address}/1"))) == Reason.FORGOTTEN


def test_what_redis_refuses_is_told(redis: Server) -> None:
    """A key that holds something else than a hash gets Redis' own words, and the requests beside it their answers."""

    async def refused() -> str:
        asked = reader(redis.address)
        await asked.read([*EVERY])
        assert asked._link is not None
        await asked._link.ask(command(b"SET", hash_name(PROJECT, b"text"), b"x"), 1)
        found = await asyncio.gather(outcome(asked), asked.read([("sales_by_shop", b"text")]), outcome(asked), return_exceptions=True)
        assert found[0] == found[2] == "read"
        return str(found[1])

    assert "WRONGTYPE" in asyncio.run(refused())


def test_what_is_no_redis_server_is_told() -> None:
    """Where something else answers, there is no answer of a store, and nothing waits for ever."""

    async def against_another() -> str:
        async def answer(near: asyncio.StreamReader, out: asyncio.StreamWriter) -> None:
            await near.read(10)
            out.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            await out.drain()
            out.close()

        other = await asyncio.start_server(answer, "127.0.0.1", 0)
        async with other:
            return await outcome(reader(f"127.0.0.1:{other.sockets[0].getsockname()[1]}"))

    assert asyncio.run(against_another()) == Reason.UNREACHABLE


def test_a_reader_goes_from_one_event_loop_to_the_next(redis: Server) -> None:
    """A connection belongs to its loop: in another one it is made anew, and after it was closed too."""
    asked = reader(redis.address)
    assert [asyncio.run(outcome(asked)) for _ in range(3)] == ["read"] * 3

    async def closed() -> str:
        await outcome(asked)
        asked.close()
        return await outcome(asked)

    assert asyncio.run(closed()) == "read"
