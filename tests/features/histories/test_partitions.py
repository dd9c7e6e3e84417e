"""Histories by partitions, through files: the same bits as in memory, however the tables are cut."""

from __future__ import annotations

import pickle
import random
from itertools import product
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from mlarch.runtime.data.batches import Batches, Held, Some, Stored
from mlarch.runtime.data.rooms import Room, Shared
from mlarch.runtime.features.histories import offline
from mlarch.runtime.features.histories.partitions import Answers, answered

from .cases import Case, case
from .test_lowerings import SCHEMA


def stored(table: pl.DataFrame, file: Path, size: int) -> Stored:
    """Write a table, to be read in batches of so many rows."""
    table.write_parquet(file, row_group_size=5)
    return Stored(len(table), size, file.parent, file.name, "source.rows")


def read_back(answers: Answers, observations: Batches, names: list[str]) -> pl.DataFrame:
    """Return the answers to all observations, in their order."""
    return pl.concat([pl.DataFrame(answers.batch(number, names)) for number in range(observations.count)])


def compare(made: Case, folder: Path, draw: random.Random) -> None:
    """Assert that both ways give the same bits for a program and its rows."""
    program = made.program
    tables = {name: pl.DataFrame(rows, schema=SCHEMA) for name, rows in made.rows.items()}
    asked = pl.DataFrame(made.asked, schema=SCHEMA)
    names = [value.name for history in program.histories for value in history.values]
    wanted = offline.with_histories(program, asked, tables).select(names)
    observations = stored(asked, folder / "observations.parquet", draw.randint(1, 50))
    sources = {name: stored(table, folder / f"{name}.parquet", draw.randint(1, 50)) for name, table in tables.items()}
    room = Room.local(folder)
    answers = answered(program, observations, sources, room, draw.choice((1, 2, 3, 7, 60)))
    found = read_back(answers, observations, names)
    assert found.schema == wanted.schema
    for name in names:
        assert bits(found[name]) == bits(wanted[name]), name
    some = draw.sample(names, draw.randint(1, len(names)))
    assert set(read_back(answers, observations, some).columns) == set(some)
    assert not [*folder.glob("events-*"), *folder.glob("questions-*")]


def bits(series: pl.Series) -> list[object]:
    """Return the values so that only equal bits are equal: zeros have signs."""
    return [value.hex() if isinstance(value, float) else value for value in series.to_list()]


@pytest.mark.parametrize("batch", range(3))
def test_partitions_leave_no_trace(batch: int, tmp_path: Path) -> None:
    """Random programs and rows, with every sort of value and gap: by any number of partitions and batches, the bits are those of memory."""
    for number in range(20):
        seed = batch * 1_000 + number
        folder = tmp_path / str(number)
        folder.mkdir()
        compare(case(seed), folder, random.Random(seed))


def test_a_partition_may_be_divided_by_the_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a partition has more rows than the engine takes at once, it divides them again, to the same bits."""
    monkeypatch.setattr(offline, "MOST_ROWS", 3)
    for seed in range(30, 40):
        folder = tmp_path / str(seed)
        folder.mkdir()
        compare(case(seed), folder, random.Random(seed))


def test_a_table_in_memory_is_one_batch() -> None:
    """What is held is read whole, columns as asked for."""
    table = Held(pl.DataFrame({"a": [1, 2], "b": [3, 4]}))
    assert (table.count, table.before(0)) == (1, 0)
    assert table.batch(0, ["b"]).to_dict(as_series=False) == {"b": [3, 4]}


def test_batches_of_a_file_are_its_rows_in_order(tmp_path: Path) -> None:
    """However large a batch is, one after another they are the rows of the file, and an empty one is one batch of none."""
    table = pl.DataFrame({"a": range(23), "b": [str(number) for number in range(23)]})
    room = Room.local(tmp_path)
    for size, shared in product((1, 4, 5, 7, 22, 23, 24), (False, True)):
        file: Stored | Shared = stored(table, tmp_path / "rows.parquet", size)
        file = Shared(len(table), size, room, "rows.parquet") if shared else file
        read = [file.batch(number, ["b", "a"]) for number in range(file.count)]
        assert pl.concat(read).equals(table.select("b", "a"))
        wanted = np.array([number % 3 != 1 and number < 17 for number in range(23)])
        some = Some(file, wanted)
        kept = [some.batch(number, ["a"]) for number in range(some.count)]
        assert pl.concat(kept).equals(table.select("a").filter(wanted))
        assert [some.before(number) for number in range(some.count)] == [sum(map(len, kept[:number])) for number in range(some.count)]
    for none in (stored(table.clear(), tmp_path / "none.parquet", 3), Shared(0, 3, room, "none.parquet")):
        assert none.batch(0, ["a"]).is_empty() and none.batch(0, ["a"]).schema == table.select("a").schema


def test_a_room_keeps_what_is_brought(tmp_path: Path) -> None:
    """A file comes back as it was brought, whatever the folder is called, and is gone with the room; a room is the same after a journey."""
    room = pickle.loads(pickle.dumps(Room.local(tmp_path / "ä b").within("inner")))
    room.make()
    (tmp_path / "file").write_bytes(b"x" * 100)
    room.bring(tmp_path / "file", "copy")
    room.fetch("copy", tmp_path / "back")
    assert (tmp_path / "back").read_bytes() == b"x" * 100 and (tmp_path / "ä b" / "inner" / "copy").exists()
    room.remove("copy")
    assert not (tmp_path / "ä b" / "inner" / "copy").exists()
    room.remove()
    assert not (tmp_path / "ä b" / "inner").exists()
