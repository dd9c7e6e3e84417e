"""What a program takes from histories, computed from the events that an online store keeps: the lowering to a request that reads it.

It gives what the lowering over lists of rows gives (`histories/online.py`), and takes the slices of columns that a window covers in the
place of rows. Columns of numbers are added up as they lie; of other expressions, each event in the window is computed by the closures of
single rows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import repeat
from typing import Any

from ....architecture.expressions import Expression, Name, render
from ....architecture.feature_views import columns_read, highest_rank, longest_window, view_of
from ....architecture.observations import columns_in
from ....architecture.program import FeatureProgram, History, HistoryValue
from ....architecture.types import Column, ValueKind
from ..histories.online import AGGREGATES, Key
from ..own.modules import learn
from ..requests import Row, lower
from .events import AskedTooEarly, EntityHistory, UnreadableEvents

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
#: From the events of an entity, and places in them, to a value for each place.
Taking = Callable[[EntityHistory, int, int], list[Any]]


def to_store_completion(program: FeatureProgram) -> StoreCompletion:
    """Return what completes a decoded row with the values that the program takes from histories, as an online store keeps them."""
    return StoreCompletion(program)


class StoreCompletion:
    """Completes rows. `views` are the names of the views whose events are needed, one for each history of the program, in order."""

    def __init__(self, program: FeatureProgram) -> None:
        self.views = tuple(view_of(history) for history in program.histories)
        learn(program)
        self._moment = lower(program.as_of, program.columns) if program.as_of is not None else lambda row: None
        self._parts = [_Part(history) for history in program.histories]
        self._missing = {value.name: None for history in program.histories for value in history.values}

    def keys(self, row: Row) -> list[Key | None]:
        """Return whose events are needed: the entity in each view, None where nothing is known of the row's and none need be read."""
        if self._moment(row) is None:
            return [None] * len(self._parts)
        keys = [tuple([row[name] for name in part.entity]) for part in self._parts]
        return [None if None in key else key for key in keys]

    def complete(self, row: Row, histories: Sequence[EntityHistory | None]) -> Row:
        """Return the row with the value of each history; None stands for an entity of which the store has nothing, or none was asked for.

        Raises AskedTooEarly where the moment of the row is one that the store no longer answers exactly, and UnreadableEvents where it
        keeps other things than the program reads.
        """
        made, moment = dict(row), self._moment(row)
        asked = None if moment is None else (moment - _EPOCH) // _MICROSECOND
        for part, history in zip(self._parts, histories, strict=True):
            if history is None or asked is None:
                made |= part.of_nothing
            else:
                part.answer(history, asked, made)
        return made

    def unanswered(self, row: Row) -> Row:
        """Return the row with every value of a history missing, counts too: nothing was answered, which is not that nothing happened."""
        return {**row, **self._missing}


@dataclass(frozen=True)
class _Taken:
    """One expression over the events of a window: what it takes of them, the aggregates of it, and the names of those that are `last`."""

    take: Taking
    aggregates: tuple[tuple[str, Callable[[Sequence[Any]], Any]], ...]
    last: tuple[str, ...]


class _Part:
    """The values of one history."""

    def __init__(self, history: History) -> None:
        self.entity = history.entity
        self.window, self.rank = longest_window(history), highest_rank(history)
        self.of_nothing = {value.name: None if value.rank else AGGREGATES[value.function](()) for value in history.values}
        self._made_for = (history.timestamp, history.known_at, history.refresh)
        columns = {column.name: column for column in history.columns}
        self._kinds = {name: columns[name].kind for name in columns_read(history)}
        self._windows = [
            (window, *_over([value for value in history.values if value.window == window], columns))
            for window in dict.fromkeys(value.window for value in history.values if value.window is not None)
        ]
        self._latest = [
            (value.rank - 1, value.name, _taking(value.expression, columns))
            for value in history.values
            if value.rank is not None and value.expression is not None
        ]
        self._schema: object = None

    def answer(self, history: EntityHistory, asked: int, made: dict[str, Any]) -> None:
        """Put the values at a moment into a row."""
        if history.schema is not self._schema:
            self._fits(history)
        since = history.exact_after(self.window, self.rank)
        if asked <= since:
            raise AskedTooEarly(since)
        end = history.before(asked)
        for window, counts, takings in self._windows:
            start = history.before(asked - window)
            for name in counts:
                made[name] = float(end - start)
            for taken in takings:
                values = taken.take(history, start, end)
                for name in taken.last:
                    made[name] = _last(history, start, end, values)
                if taken.aggregates:
                    present = [value for value in values if value is not None and value == value]
                    for name, aggregate in taken.aggregates:
                        made[name] = aggregate(present)
        if self._latest:
            places = history.latest_before(end, self.rank)
            for back, name, take in self._latest:
                made[name] = _present(take(history, places[back], places[back] + 1)[0]) if back < len(places) else None

    def _fits(self, history: EntityHistory) -> None:
        """See that the events are of the columns that are read, and became visible by the same rules. Raises UnreadableEvents."""
        schema = history.schema
        if (schema.timestamp, schema.known_at, schema.refresh) != self._made_for:
            raise UnreadableEvents("the events are kept by other rules of when a row is visible than the model was trained with")
        for name, kind in self._kinds.items():
            if name not in schema.columns or schema.columns[name][0] is not kind:
                raise UnreadableEvents(f"the events are kept without the {kind} `{name}`, which the model reads")
        self._schema = schema


def _over(values: Sequence[HistoryValue], columns: dict[str, Column]) -> tuple[list[str], list[_Taken]]:
    """Return the names of the counts of rows, and the rest by what is taken of the events."""
    counts = [value.name for value in values if value.expression is None]
    by_text: dict[str, list[HistoryValue]] = {}
    for value in values:
        if value.expression is not None:
            by_text.setdefault(render(value.expression), []).append(value)
    return counts, [_taken(group, columns) for group in by_text.values()]


def _taken(values: Sequence[HistoryValue], columns: dict[str, Column]) -> _Taken:
    expression = values[0].expression
    assert expression is not None, "only a count is of no values"
    aggregates = tuple((value.name, AGGREGATES[value.function]) for value in values if value.function != "last")
    return _Taken(_taking(expression, columns), aggregates, tuple(value.name for value in values if value.function == "last"))


def _taking(expression: Expression, columns: dict[str, Column]) -> Taking:
    """Return what gives the values of an expression for a range of events; a missing one is None or NaN."""
    if isinstance(expression, Name):
        name = expression.text
        if columns[name].kind is ValueKind.NUMBER:
            return lambda history, start, end: history.numbers(name, start, end)
        return lambda history, start, end: history.values(name, start, end)
    closure, names = lower(expression, columns), tuple(dict.fromkeys(columns_in(expression)))
    if not names:
        return lambda history, start, end: list(repeat(closure({}), end - start))

    def by_row(history: EntityHistory, start: int, end: int) -> list[Any]:
        held = [history.values(name, start, end) for name in names]
        return [closure(dict(zip(names, row, strict=True))) for row in zip(*held, strict=True)]

    return by_row


def _last(history: EntityHistory, start: int, end: int, values: Sequence[Any]) -> Any:
    """Return the value of the most recent event in a window that has one; it is looked for until all events of the window were seen."""
    left = end - start
    for place in reversed(history.latest) if left > 0 else ():
        if start <= place < end:
            if (value := _present(values[place - start])) is not None:
                return value
            left -= 1
            if not left:
                return None
    return None


def _present(value: Any) -> Any:
    """Return a value, None for a missing number."""
    return value if value == value else None
