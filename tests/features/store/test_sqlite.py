"""Reading a SQLite file that Feast writes, while it is written, before it is there, and after it was replaced."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
import time
from pathlib import Path

import pytest

from mlarch.runtime.features.store.layout import bytes_in, keys_of
from mlarch.runtime.features.store.reading import AT_ONCE, Reason, Unanswered
from mlarch.runtime.features.store.sqlite import SqliteReader

from .writing import NAMES, PROJECT, VIEWS, every_key, write

DEADLINE = 0.05


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file that Feast has written, shared by all tests."""
    folder = tmp_path_factory.mktemp("written")
    write(folder, VIEWS, NAMES)
    return folder / "online.db"


@pytest.fixture
def file(written: Path, tmp_path: Path) -> Path:
    """A copy of the file, for a test that changes it."""
    return Path(shutil.copy(written, tmp_path / "online.db"))


def reader(file: Path) -> SqliteReader:
    """A reader of a file."""
    return SqliteReader(file, PROJECT, NAMES, DEADLINE)


def test_what_feast_wrote_is_read(file: Path) -> None:
    """Every blob of every view is found under its entity, an empty one too; of an entity that was not written there is nothing."""
    wanted = every_key()
    found = asyncio.run(reader(file).read([*wanted, ("sales_by_shop", keys_of(("shop",))(("nobody",)))]))
    assert [bytes_in(each) if each is not None else None for each in found] == [*wanted.values(), None]


def test_many_are_read(file: Path) -> None:
    """More than are asked for at once are all answered, in order."""
    wanted = [*every_key()] * (AT_ONCE // 2)
    found = asyncio.run(reader(file).read(wanted))
    assert [bytes_in(each or b"") for each in found] == [*every_key().values()] * (AT_ONCE // 2)


def unanswered(asked: SqliteReader) -> tuple[Reason, float]:
    """Why a read was not answered, and after how many seconds."""
    began = time.monotonic()
    with pytest.raises(Unanswered) as refused:
        asyncio.run(asked.read([*every_key()]))
    return refused.value.reason, time.monotonic() - began


def test_a_file_that_comes_later_is_read_then(file: Path) -> None:
    """Without a file, without a table or with a damaged file there is no answer; once it is right there is, from the same reader."""
    whole = file.read_bytes()
    file.unlink()
    asked = reader(file)
    assert unanswered(asked)[0] is Reason.UNREACHABLE
    sqlite3.connect(file).close()
    assert unanswered(asked)[0] is Reason.FORGOTTEN
    file.write_bytes(b"SQLite format 3\0" + b"\xff" * 4080)
    assert unanswered(asked)[0] is Reason.UNREACHABLE
    file.write_bytes(whole)
    assert all(asyncio.run(asked.read([*every_key()])))


def test_a_file_that_takes_the_place_of_another_is_read(file: Path) -> None:
    """A reader follows the name: what was put in the place of the file is what it reads."""
    asked = reader(file)
    asyncio.run(asked.read([*every_key()]))
    other = file.with_name("other.db")
    shutil.copy(file, other)
    with sqlite3.connect(other) as held:
        held.execute(f'DELETE FROM "{PROJECT}_sales_by_shop"')
    held.close()
    other.replace(file)
    assert [each is None for each in asyncio.run(asked.read([*every_key()]))] == [view == "sales_by_shop" for view, _ in every_key()]


def test_a_writer_is_waited_for_until_the_deadline_and_no_longer(file: Path) -> None:
    """While the whole file is locked there is no answer at the deadline; a lock that ends before it is waited for."""
    asked, writer = reader(file), sqlite3.connect(file, isolation_level=None)
    writer.execute("PRAGMA journal_mode=DELETE")
    writer.execute("BEGIN EXCLUSIVE")
    reason, seconds = unanswered(asked)
    assert reason is Reason.DEADLINE and DEADLINE <= seconds < DEADLINE + 0.5

    async def meanwhile() -> list[bytes | None]:
        asyncio.get_running_loop().call_later(DEADLINE / 5, lambda: writer.execute("COMMIT"))
        return await asked.read([*every_key()])

    assert all(asyncio.run(meanwhile()))
    writer.close()


def test_nobody_else_waits_while_a_writer_is_waited_for(file: Path) -> None:
    """A locked file does not hold the event loop: other requests go on meanwhile."""
    asked, writer, ticks = reader(file), sqlite3.connect(file, isolation_level=None), []

    async def meanwhile() -> None:
        waiting = asyncio.create_task(asked.read([*every_key()]))
        while not waiting.done():
            ticks.append(time.monotonic())
            await asyncio.sleep(0.001)
        with pytest.raises(Unanswered):
            await waiting

    writer.execute("PRAGMA journal_mode=DELETE")
    writer.execute("BEGIN EXCLUSIVE")
    asyncio.run(meanwhile())
    writer.close()
    assert len(ticks) > 5


def test_a_reader_sees_what_is_written_while_it_is_open(file: Path) -> None:
    """In the journal that mlarch's writer chooses, writing neither waits for readers nor stops them, and is seen once it is whole."""
    asked, writer = reader(file), sqlite3.connect(file, isolation_level=None)
    writer.execute("PRAGMA journal_mode=WAL")
    before = asyncio.run(asked.read([*every_key()]))
    writer.execute("BEGIN IMMEDIATE")
    writer.execute(f'DELETE FROM "{PROJECT}_sales_by_shop"')
    assert asyncio.run(asked.read([*every_key()])) == before
    writer.execute("COMMIT")
    assert asyncio.run(asked.read([*every_key()])) != before
    writer.close()
    assert asyncio.run(asked.read([*every_key()])) != before


def test_a_request_of_many_rows_lets_others_have_their_turn(file: Path) -> None:
    """Thousands of look-ups of one request do not hold the event loop until the last of them."""

    async def turns() -> int:
        reading, count = asyncio.create_task(reader(file).read([*every_key()][:1] * 20 * AT_ONCE)), 0
        while not reading.done():
            await asyncio.sleep(0)
            count += 1
        assert all(reading.result())
        return count

    assert asyncio.run(turns()) >= 20
