"""One history of a generated system and what is asked of it: our answers, and why an answer of Feast differs from them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import polars as pl

from mlarch.architecture.expressions import Name
from mlarch.architecture.program import FeatureProgram, History, HistoryValue
from mlarch.architecture.types import Column, ColumnType, ValueKind
from mlarch.runtime.features.histories.offline import with_histories
from mlarch.runtime.features.histories.online import EventsInMemory, refreshed, to_completion
from mlarch.runtime.features.requests import lower
from mlarch.runtime.features.tables import POLARS_TYPES

from .cases import COLUMNS, Case, Row
from .plain_feast import LOST, Answer, Question

MICROSECOND = timedelta(microseconds=1)
ROW = Column(name="row", type=ColumnType.INT)
MOMENT = Column(name="moment", type=ColumnType.TIMESTAMP, nullable=True)
READ = (*COLUMNS, ROW)
SCHEMA = {column.name: POLARS_TYPES[column.type] for column in (*READ, MOMENT)}

#: How Feast is asked.
OFFLINE, CAREFUL, STEPS, ANEW = "offline", "offline, with care", "online, in steps", "online, anew"
WAYS = (OFFLINE, CAREFUL, STEPS, ANEW)
#: Why an answer of Feast differs from ours.
LATER, ITSELF, REFRESH, NEVER = "known only later", "of the moment itself", "not refreshed yet", "of unknown time"
TIED, LATE, GONE, INFINITE, OTHER = "one of two equal times", "late row not stored", "question lost", "infinity as a value", "not explained"
REASONS = (LATER, ITSELF, REFRESH, NEVER, TIED, LATE, GONE, INFINITE, OTHER)


@dataclass(frozen=True)
class Asked:
    """One history of a generated system: its rows, numbered, the questions, and its numbers over windows."""

    history: History
    rows: list[Row]
    questions: list[Question]
    windows: tuple[HistoryValue, ...]

    def ours(self) -> tuple[list[Answer], list[Answer]]:
        """Return our answers, offline as of each moment and online at it."""
        program, made = self._made(self.history, self.questions)
        complete = to_completion(program, EventsInMemory({self.history.source: self.rows}))
        online = [complete(question) for question in self.questions]
        return [_answer(row) for row in made.iter_rows(named=True)], [_answer(row) for row in online]

    def over_windows(self, questions: Sequence[Question]) -> list[list[float | None]]:
        """Return the numbers over windows, as of the moment of each question."""
        _, made = self._made(msgspec.structs.replace(self.history, values=self.windows), questions)
        return [list(row) for row in made.select(value.name for value in self.windows).iter_rows()]

    def _made(self, history: History, questions: Sequence[Question]) -> tuple[FeatureProgram, pl.DataFrame]:
        key = tuple(column for column in COLUMNS if column.name in history.entity)
        program = FeatureProgram((*key, MOMENT), (), Name(("moment",)), (history,))
        table = pl.DataFrame(self.rows, schema={column.name: SCHEMA[column.name] for column in READ})
        asked = pl.DataFrame(questions, schema={column.name: SCHEMA[column.name] for column in program.inputs})
        return program, with_histories(program, asked, {history.source: table})

    def feasts(self) -> Iterator[Row]:
        """Yield the rows as Feast takes them: those with a whole key and a timestamp."""
        for row in self.rows:
            if row["happened"] is not None and all(row[name] is not None for name in self.history.entity):
                yield row

    def visible(self, row: Row) -> tuple[datetime, datetime] | None:
        """Return when a row is known and from when on it is visible; None for never."""
        known = row[self.history.known_at or "happened"]
        if known is None:
            return None
        at = max(row["happened"], known)
        return at, refreshed(at, self.history.refresh)

    def reason(self, moment: datetime, ours: Answer, theirs: Answer) -> str:
        """Say why an answer of Feast differs from ours; nothing where it does not."""
        if ours == theirs:
            return ""
        if theirs == LOST:
            return GONE
        if theirs[0] == ours[0]:
            return INFINITE if theirs[1] in (float("inf"), float("-inf")) and ours[1] is None else OTHER
        if theirs[0] is None:
            return LATE
        seen = self.visible(self.rows[theirs[0]])
        if seen is None:
            return NEVER
        known, visible = seen
        if visible >= moment:
            return LATER if known > moment else ITSELF if known == moment else REFRESH
        if ours[0] is None:
            return OTHER
        mine, other = (self.rows[row]["happened"] for row in (ours[0], theirs[0]))
        return TIED if mine == other else LATE if mine > other else OTHER


def _answer(row: Mapping[str, Any]) -> Answer:
    number, x = row["latest row"], row["latest x"]
    return (None if number is None else int(number), x)


def asked(made: Case) -> Iterator[Asked]:
    """Yield what a generated system asks of each history: the latest row's number and x."""
    moment = lower(made.program.as_of, made.program.columns) if made.program.as_of is not None else None
    values = tuple(HistoryValue(f"latest {name}", "lag", Name((name,)), ValueKind.NUMBER, rank=1) for name in ("row", "x"))
    for history in made.program.histories:
        plain = History(history.source, history.entity, "happened", history.known_at, history.refresh, READ, values)
        rows = [{**row, "row": number} for number, row in enumerate(made.rows[history.source])]
        questions = {}
        for row in made.asked:
            key = {name: row[name] for name in history.entity}
            at = moment(row) if moment is not None else None
            if at is not None and None not in key.values():
                questions[(*key.values(), at)] = {**key, "moment": at.astimezone(UTC)}
        windows = tuple(value for value in history.values if value.window is not None and value.kind is ValueKind.NUMBER)
        yield Asked(plain, rows, list(questions.values()), windows)
