"""What training saw of a moment is what a request at that moment is given: offline as of T equals online at T."""

from __future__ import annotations

import math
from typing import Any

import polars as pl
import pytest

from mlarch.architecture.functions import WINDOWED
from mlarch.architecture.program import History, HistoryValue
from mlarch.runtime.features.histories import offline
from mlarch.runtime.features.histories.answering import FOLDS
from mlarch.runtime.features.histories.online import AGGREGATES, EventsInMemory, to_completion
from mlarch.runtime.features.requests import lower
from mlarch.runtime.features.tables import POLARS_TYPES

from .cases import COLUMNS, Case, Row, case

SCHEMA = {column.name: POLARS_TYPES[column.type] for column in COLUMNS}
#: Aggregates that are rounded; all others are the same to the last bit.
ROUNDED = ("sum", "mean", "std")


def compare(made: Case) -> int:
    """Assert that both lowerings give the same of every asked row; return how many values were compared."""
    program, events = made.program, EventsInMemory(made.rows)
    tables = {name: pl.DataFrame(rows, schema=SCHEMA) for name, rows in made.rows.items()}
    offered = offline.with_histories(program, pl.DataFrame(made.asked, schema=SCHEMA), tables)
    complete = to_completion(program, events)
    count = 0
    for history in program.histories:
        for value in history.values:
            for row, found in zip(made.asked, offered[value.name].to_list(), strict=True):
                wanted = complete(row)[value.name]
                assert _same(found, wanted, history, value, row, made), (value, row, found, wanted)
                count += 1
    return count


def _same(found: Any, wanted: Any, history: History, value: HistoryValue, row: Row, made: Case) -> bool:
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
    assert sum(compare(case(batch * 100 + number)) for number in range(100)) > 1_000


@pytest.mark.prove
@pytest.mark.timeout(3600)
def test_a_million_comparisons_agree() -> None:
    """At least 1,000,000 values over generated feature definitions and histories are the same offline as of T and online at T."""
    compared, seed = 0, 1_000_000
    while compared < 1_000_000:
        compared, seed = compared + compare(case(seed)), seed + 1
    print(f"{compared:,} comparisons over {seed - 1_000_000:,} programs")


def test_each_function_over_a_window_has_both_lowerings() -> None:
    """An aggregate that can be over a window is computed by both, and drawn by the generator; no other is."""
    folded = {*FOLDS, "count", "distinct"}
    assert set(WINDOWED) == set(AGGREGATES) == folded
    drawn = {value.function for seed in range(60) for history in case(seed).program.histories for value in history.values}
    assert drawn == {*WINDOWED, "lag"}


def test_parts_of_the_entities_are_put_together_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """More rows than are worked on at once give the same, in the observations' order: entities are divided, never an entity's rows."""
    monkeypatch.setattr(offline, "MOST_ROWS", 7)
    assert sum(compare(case(seed)) for seed in range(2_000, 2_060)) > 1_000
