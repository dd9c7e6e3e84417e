"""The lowering of histories to single requests: what was known of one entity at one moment, from the list of its events.

It is written in plain Python, event by event, and shares nothing with the lowering to tables but the closures of single rows: the tests
hold the two equal.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from ....architecture.blocks.source import Refresh
from ....architecture.program import FeatureProgram, History, HistoryValue
from ..own.modules import learn
from ..requests import Row, lower

Key = tuple[Any, ...]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Events(Protocol):
    """Where the events of an entity are read at the time of a request."""

    def events_of(self, history: History, entity: Key) -> Sequence[Row]:
        """Return the rows of the history's source about an entity, in the order in which they were written."""
        ...


class EventsInMemory:
    """The events of sources that are held as lists of rows, found by entity."""

    def __init__(self, rows: Mapping[str, Sequence[Row]]) -> None:
        self._rows = rows
        self._found: dict[tuple[str, tuple[str, ...]], dict[Key, list[Row]]] = {}

    def events_of(self, history: History, entity: Key) -> Sequence[Row]:
        """Return the rows of a source about an entity, in their order."""
        at = (history.source, history.entity)
        if at not in self._found:
            held: dict[Key, list[Row]] = {}
            for row in self._rows[history.source]:
                held.setdefault(tuple(row[name] for name in history.entity), []).append(row)
            self._found[at] = held
        return self._found[at].get(entity, ())


@dataclass(frozen=True)
class Event:
    """A row that is visible: when it happened and from when on it was seen, and its place among the entity's rows."""

    happened: datetime
    visible: datetime
    place: int
    row: Row

    @property
    def recency(self) -> tuple[datetime, datetime, int]:
        """What the latest has most of."""
        return self.happened, self.visible, self.place


def to_completion(program: FeatureProgram, events: Events) -> Callable[[Row], Row]:
    """Return a function from a decoded row to the same row with the values that the program takes from histories."""
    if program.as_of is None:
        return lambda row: row
    learn(program)
    moment = lower(program.as_of, program.columns)
    parts = [(history, [_answer(history, value) for value in history.values]) for history in program.histories]

    def complete(row: Row) -> Row:
        asked, made = moment(row), dict(row)
        for history, answers in parts:
            entity = tuple(row[name] for name in history.entity)
            seen = [] if asked is None or None in entity else visible_at(history, events.events_of(history, entity), asked)
            for value, answer in zip(history.values, answers, strict=True):
                made[value.name] = answer(seen, asked)
        return made

    return complete


def visible_at(history: History, rows: Sequence[Row], moment: datetime) -> list[Event]:
    """Return what of an entity's rows was visible before a moment, the latest last."""
    found = []
    for place, row in enumerate(rows):
        happened, known = row[history.timestamp], row[history.known_at or history.timestamp]
        if happened is None or known is None:
            continue
        seen = refreshed(max(happened, known), history.refresh)
        if seen < moment:
            found.append(Event(happened, seen, place, row))
    return sorted(found, key=lambda event: event.recency)


def refreshed(time: datetime, refresh: Refresh) -> datetime:
    """Return the first refresh at or after a time."""
    time = time.astimezone(UTC)
    midnight = time.replace(hour=0, minute=0, second=0, microsecond=0)
    match refresh:
        case Refresh.HOURLY:
            begun, period = time.replace(minute=0, second=0, microsecond=0), timedelta(hours=1)
        case Refresh.DAILY:
            begun, period = midnight, timedelta(days=1)
        case Refresh.WEEKLY:
            begun, period = midnight - timedelta(days=midnight.weekday()), timedelta(weeks=1)
        case Refresh.MONTHLY:
            begun = midnight.replace(day=1)
            period = (begun + timedelta(days=31)).replace(day=1) - begun
        case _:
            return time
    return time if time == begun else begun + period


Answer = Callable[[Sequence[Event], datetime], Any]


def _answer(history: History, value: HistoryValue) -> Answer:
    """Return the function from what is visible of an entity, and the moment, to one value."""
    columns = {column.name: column for column in history.columns}
    taken = lower(value.expression, columns) if value.expression is not None else lambda row: True
    if value.rank is not None:
        rank = value.rank
        return lambda seen, moment: taken(seen[-rank].row) if len(seen) >= rank else None
    aggregate, window = AGGREGATES[value.function], value.window or 0

    def over(seen: Sequence[Event], moment: datetime) -> Any:
        values = [taken(event.row) for event in seen if (moment - event.visible) // _MICROSECOND <= window]
        return aggregate([value for value in values if value is not None])

    return over


def _mean(values: Sequence[float]) -> float | None:
    return _finite(sum(values) / len(values)) if values else None


def _deviation(values: Sequence[float]) -> float | None:
    """Twice over the values: their mean, then their distances from it."""
    if len(values) < 2:
        return None
    mean = sum(values) / len(values)
    try:
        return _finite(math.sqrt(sum((value - mean) ** 2 for value in values) / (len(values) - 1)))
    except (OverflowError, ValueError):
        return None


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


#: One line for each aggregate that can be over a window: from the values present, the latest last.
AGGREGATES: dict[str, Callable[[Sequence[Any]], Any]] = {
    "count": lambda values: float(len(values)),
    "sum": lambda values: _finite(float(sum(values))),
    "mean": _mean,
    "min": lambda values: min(values, default=None),
    "max": lambda values: max(values, default=None),
    "std": _deviation,
    "last": lambda values: values[-1] if values else None,
    "distinct": lambda values: float(len(set(values))),
}
