"""What training saw of a moment is what a request at it is given: offline as of T equals online at T, from rows and from a store."""

from __future__ import annotations

import math
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from mlarch.architecture.functions import WINDOWED
from mlarch.architecture.program import History, HistoryValue
from mlarch.runtime.features.histories import offline
from mlarch.runtime.features.histories.answering import FOLDS
from mlarch.runtime.features.histories.online import AGGREGATES, EventsInMemory, to_completion
from mlarch.runtime.features.requests import lower
from mlarch.runtime.features.store.current import newest_of
from mlarch.runtime.features.store.events import AskedTooEarly
from mlarch.runtime.features.tables import POLARS_TYPES

from .cases import COLUMNS, Case, Row, case
from .stored import HOUR, Stored

SCHEMA = {column.name: POLARS_TYPES[column.type] for column in COLUMNS}
#: Aggregates that are rounded; all others are the same to the last bit.
ROUNDED = ("sum", "mean", "std")
#: How long before the newest row the store is to be exact.
KEPT = (0, HOUR, 36 * HOUR, 24 * 1000 * HOUR)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def compare(made: Case, keep: int) -> Counter[str]:
    """Assert that all lowerings give the same of every asked row; return how many values were compared with each.

    The store answers for every moment later than `keep` before the newest row, and for no earlier one where it has left something out.
    """
    program = made.program
    tables = {name: pl.DataFrame(rows, schema=SCHEMA) for name, rows in made.rows.items()}
    offered = offline.with_histories(program, pl.DataFrame(made.asked, schema=SCHEMA), tables)
    complete, stored, counted = to_completion(program, EventsInMemory(made.rows)), Stored(program, tables, keep), Counter[str]()
    for number, row in enumerate(made.asked):
        wanted = complete(row)
        try:
            kept: Row | None = stored(row)
        except AskedTooEarly:
            assert _moment(made, row) <= max(_since(made, tables, keep)), (row, keep)
            kept = None
        for history in program.histories:
            for value in history.values:
                found = offered[value.name][number]
                assert same(found, wanted[value.name], history, value, row, made), (value, row, found, wanted)
                counted["offline"] += 1
                if kept is not None:
                    assert same(kept[value.name], wanted[value.name], history, value, row, made), (value, row, kept, wanted)
                    counted["store"] += 1
    return counted


def _moment(made: Case, row: Row) -> int:
    """The moment of a row, in microseconds since 1970."""
    assert made.program.as_of is not None
    moment: datetime = lower(made.program.as_of, made.program.columns)(row)
    return (moment - EPOCH) // timedelta(microseconds=1)


def _since(made: Case, tables: dict[str, pl.DataFrame], keep: int) -> list[int]:
    """The moments after which each history is to be exact."""
    newest = [newest_of(history, tables[history.source].lazy()) for history in made.program.histories]
    return [each - keep for each in newest if each is not None]


def same(found: Any, wanted: Any, history: History, value: HistoryValue, row: Row, made: Case) -> bool:
    if value.function not in ROUNDED or found is None or wanted is None:
        return bool(found == wanted) and (found is None) == (wanted is None)
    return abs(found - wanted) <= 1e-9 * _size(history, value, row, made)


def _size(history: History, value: HistoryValue, row: Row, made: Case) -> float:
    """The sum of absolute values of the entity's rows."""
    assert value.expression is not None
    taken = lower(value.expression, {column.name: column for column in history.columns})
    rows = [each for each in made.rows[history.source] if all(each[name] == row[name] for name in history.entity)]
    return math.fsum(abs(held) for each in rows if (held := taken(each)) is not None)


@pytest.mark.parametrize("batch", range(8))
def test_offline_as_of_a_moment_is_online_at_it(batch: int) -> None:
    """Random programs and rows, with nulls, NaN, late rows, equal times and empty windows: what training saw is what a request is given."""
    counted = sum((compare(case(batch * 100 + number), KEPT[number % 4]) for number in range(100)), Counter[str]())
    assert counted["offline"] > counted["store"] > 1_000


@pytest.mark.prove
@pytest.mark.timeout(3600)
def test_a_million_comparisons_agree(capsys: pytest.CaptureFixture[str]) -> None:
    """At least 1,000,000 values over generated definitions are the same offline as of T, online at T, and from the online store at T."""
    counted, seed = Counter[str](), 1_000_000
    while min(counted["offline"], counted["store"]) < 1_000_000:
        counted, seed = counted + compare(case(seed), KEPT[seed % 4]), seed + 1
    with capsys.disabled():
        print(f"\n  {dict(counted)} comparisons with requests over {seed - 1_000_000:,} programs", end="")


def test_each_function_over_a_window_has_both_lowerings() -> None:
    """An aggregate that can be over a window is computed by both, and drawn by the generator; no other is."""
    folded = {*FOLDS, "count", "distinct"}
    assert set(WINDOWED) == set(AGGREGATES) == folded
    drawn = {value.function for seed in range(60) for history in case(seed).program.histories for value in history.values}
    assert drawn == {*WINDOWED, "lag"}


def test_parts_of_the_entities_are_put_together_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """More rows than are worked on at once give the same, in the observations' order: entities are divided, never an entity's rows."""
    monkeypatch.setattr(offline, "MOST_ROWS", 7)
    assert sum((compare(case(seed), HOUR) for seed in range(2_000, 2_060)), Counter[str]())["offline"] > 1_000
