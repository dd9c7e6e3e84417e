"""What training saw of a moment is what a request at that moment is given: offline as of T equals online at T."""

from __future__ import annotations

import math
from typing import Any

import polars as pl

from mlarch.architecture.program import History, HistoryValue
from mlarch.runtime.features.histories import offline
from mlarch.runtime.features.histories.online import EventsInMemory, to_completion
from mlarch.runtime.features.requests import lower
from mlarch.runtime.features.tables import POLARS_TYPES

from .cases import COLUMNS, Case, Row

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
