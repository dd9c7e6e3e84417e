"""Histories of tables that are larger than memory: entity by entity, through files.

The events of a source and the questions of the observations are scattered over partitions by their entities. Each partition is answered
by the engine of whole tables, and the answers are gathered in the order of the observations. What an entity is told depends on its own
events and their order alone, so that the number of partitions leaves no trace. In memory is one batch, or one partition, at a time; all
rows of an entity are in one.

Each part of the work reads files and writes one, so that parts may run one after another, or anywhere at once.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Protocol

import numpy as np
import polars as pl

from ....architecture.program import FeatureProgram, History
from ...data.batches import Batches
from ...data.rooms import Room
from ..own.modules import learn
from ..tables import lower
from .offline import joined

#: So many rows, or some more, are in a partition: the engine then takes each in one go.
PARTITION = 3 << 18
PLACE, MOMENT = "__place__", "__moment__"


class Each(Protocol):
    """Does something for each number below a count, in any order, and returns when all is done."""

    def __call__(self, work: Callable[[int], None], count: int, /) -> None: ...


def in_turn(work: Callable[[int], None], count: int) -> None:
    """Do one after another, here."""
    for number in range(count):
        work(number)


@dataclass(frozen=True)
class Answers:
    """What each observation takes from the histories of a program, in files of a room: one for each history and partition."""

    room: Room
    histories: tuple[History, ...]
    parts: int

    @property
    def names(self) -> frozenset[str]:
        """The values that there are answers for."""
        return frozenset(value.name for history in self.histories for value in history.values)

    def batch(self, number: int, names: Collection[str]) -> list[pl.Series]:
        """Return those of the values named that are of histories, for a batch of the observations, in the order of its rows."""
        return [column for place, history in enumerate(self.histories) for column in self._of(place, history, number, names)]

    def _of(self, place: int, history: History, number: int, names: Collection[str]) -> list[pl.Series]:
        wanted = [value.name for value in history.values if value.name in names]
        if not wanted:
            return []
        found = pl.concat([self.room.read(f"answers-{place}-{part}", number, [PLACE, *wanted]) for part in range(self.parts)], rechunk=True)
        order = np.empty(len(found), np.uint32)
        order[found[PLACE].to_numpy()] = np.arange(len(found), dtype=np.uint32)
        return found.select(wanted)[order].get_columns()


def parts_of(rows: int) -> int:
    """Return how many partitions so many rows are divided into."""
    return max(1, -(-rows // PARTITION))


def answered(
    program: FeatureProgram, observations: Batches, tables: Mapping[str, Batches], room: Room, parts: int, each: Each = in_turn
) -> Answers:
    """Answer every observation, and return the answers: those that `with_histories` gives.

    `tables` are the sources by name. The room is a fresh folder; what is left in it are the answers.
    """
    for place, history in enumerate(program.histories):
        events = tables[history.source]
        each(partial(scatter_events, room, program, place, events, parts), events.count)
        each(partial(scatter_questions, room, program, place, observations, parts), observations.count)
        each(partial(answer, room, program, place, events.count, observations.count), parts)
        for kind, count in (("events", events.count), ("questions", observations.count)):
            for number in range(count):
                room.remove(f"{kind}-{number}")
    return Answers(room, program.histories, parts)


def scatter_events(room: Room, program: FeatureProgram, place: int, events: Batches, parts: int, number: int) -> None:
    """Write a batch of the events of a history, a piece for each partition; rows that are in no history are left out."""
    history = program.histories[place]
    names = [column.name for column in history.columns]
    times = [history.timestamp] if history.known_at is None else [history.timestamp, history.known_at]
    rows = events.batch(number, names).drop_nulls([*history.entity, *times])
    room.write(f"events-{number}", _scattered(rows, history, parts))


def scatter_questions(room: Room, program: FeatureProgram, place: int, observations: Batches, parts: int, number: int) -> None:
    """Write whose history the observations of a batch ask for, and as of when, a piece for each partition."""
    assert program.as_of is not None, "a program with histories has one"
    learn(program)
    history = program.histories[place]
    rows = observations.batch(number, [column.name for column in program.inputs])
    moment = lower(program.as_of, program.columns).alias(MOMENT)
    asked = rows.select(*history.entity, moment, pl.int_range(pl.len(), dtype=pl.UInt32).alias(PLACE))
    room.write(f"questions-{number}", _scattered(asked, history, parts))


def answer(room: Room, program: FeatureProgram, place: int, events: int, questions: int, part: int) -> None:
    """Answer the questions of a partition from its events, and write a piece for each batch of the observations.

    `events` and `questions` say how many batches there are of each.
    """
    learn(program)
    history = program.histories[place]
    names = [column.name for column in history.columns]
    table = pl.concat([room.read(f"events-{number}", part, names) for number in range(events)], rechunk=True)
    asked = [room.read(f"questions-{number}", part, [*history.entity, MOMENT, PLACE]) for number in range(questions)]
    rows = pl.concat(asked, rechunk=True)
    made = rows.select(PLACE).with_columns(joined(history, rows, rows[MOMENT], table))
    room.write(f"answers-{place}-{part}", _cut(made, [len(piece) for piece in asked]))


def _scattered(rows: pl.DataFrame, history: History, parts: int) -> Iterator[pl.DataFrame]:
    """Yield the rows of each partition, in their order."""
    part = (rows.select(history.entity).hash_rows(seed=0) % parts).to_numpy().astype(np.uint16)
    yield from _cut(rows[np.argsort(part, kind="stable")], np.bincount(part, minlength=parts).tolist())


def _cut(rows: pl.DataFrame, lengths: list[int]) -> Iterator[pl.DataFrame]:
    """Yield pieces of these lengths, one after another."""
    begun = 0
    for length in lengths:
        yield rows.slice(begun, length)
        begun += length
