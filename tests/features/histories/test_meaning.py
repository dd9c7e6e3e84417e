"""What a history is, by small tables that a person can follow."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest

from mlarch.architecture.blocks.source import Refresh
from mlarch.architecture.expressions import Name
from mlarch.architecture.program import FeatureProgram, History, HistoryValue
from mlarch.architecture.types import Column, ColumnType, ValueKind
from mlarch.runtime.features.histories.offline import with_histories
from mlarch.runtime.features.histories.online import refreshed
from mlarch.runtime.features.histories.timeline import timeline
from mlarch.runtime.features.histories.visibility import NEXT
from mlarch.runtime.features.tables import POLARS_TYPES

HOUR = 3_600_000_000
COLUMNS = tuple(
    Column(name=name, type=kind, nullable=True)
    for name, kind in (
        ("who", ColumnType.STRING),
        ("happened", ColumnType.TIMESTAMP),
        ("known", ColumnType.TIMESTAMP),
        ("x", ColumnType.FLOAT),
    )
)
SCHEMA = {column.name: POLARS_TYPES[column.type] for column in COLUMNS}
X = Name(("x",))


def at(hour: float) -> datetime:
    """A time, in hours of the first of March 2024."""
    return datetime(2024, 3, 1, tzinfo=UTC) + timedelta(hours=hour)


def seen(rows: Sequence[tuple[Any, ...]], moment: float, *values: HistoryValue, refresh: Refresh = Refresh.CONTINUOUS) -> list[Any]:
    """What ada's history gives at a moment; rows are who, when it happened and was known (in hours), and x."""
    held = pl.DataFrame(
        [(who, at(happened), None if known is None else at(known), x) for who, happened, known, x in rows], SCHEMA, orient="row"
    )
    history = History("rows", ("who",), "happened", "known", refresh, COLUMNS, values)
    asked = pl.DataFrame([("ada", at(moment), None, None)], SCHEMA, orient="row")
    program = FeatureProgram(COLUMNS[:2], (), Name(("happened",)), (history,))
    return [with_histories(program, asked, {"rows": held})[value.name].item() for value in values]


def over(function: str, hours: float) -> HistoryValue:
    """An aggregate of x over a window."""
    expression = None if function == "count" else X
    return HistoryValue(f"{function} {hours}", function, expression, ValueKind.NUMBER, window=int(hours * HOUR))


def lag(rank: int) -> HistoryValue:
    """X in the n-th latest row."""
    return HistoryValue(f"lag {rank}", "lag", X, ValueKind.NUMBER, rank=rank)


def test_a_row_is_seen_after_it_is_known_and_never_at_that_moment() -> None:
    """What is known at T is seen after T: a row does not see itself, and a tie is not decided by chance."""
    rows = [("ada", 1, 3, 5.0)]
    assert [seen(rows, moment, over("count", 24))[0] for moment in (1, 2, 3, 3 + 1 / HOUR, 4)] == [0, 0, 0, 1, 1]


def test_a_window_holds_what_became_visible_in_it() -> None:
    """A window of 2 hours at T is of the rows that became visible from T - 2h on, its beginning included, whenever they happened."""
    rows = [("ada", 0, 5, 1.0), ("ada", 1, 4, 2.0), ("ada", 2, 3.9, 4.0), ("bob", 2, 5, 100.0)]
    assert seen(rows, 6, over("sum", 2), over("count", 2), over("sum", 100)) == [3.0, 2.0, 7.0]


def test_a_refresh_shows_rows_at_its_boundaries() -> None:
    """With an hourly refresh a row of 3:20 is seen from 4:00 on, and one of exactly 4:00 as well."""
    rows = [("ada", 1, 3 + 1 / 3, 1.0), ("ada", 1, 4, 2.0), ("ada", 1, 4 + 1 / HOUR, 4.0)]
    found = [seen(rows, moment, over("sum", 24), refresh=Refresh.HOURLY)[0] for moment in (3.9, 4, 4.1, 5.1)]
    assert found == [0, 0, 3, 7]


def test_late_news_of_long_ago_is_not_the_latest() -> None:
    """The latest row is the one that happened last: one that arrives late does not displace it, and of equals the later written counts."""
    rows = [("ada", 3, 4, 30.0), ("ada", 1, 5, 10.0), ("ada", 2, 2, 20.0), ("ada", 3, 4, 31.0)]
    assert seen(rows, 6, lag(1), lag(2), lag(3), lag(4), lag(5), over("last", 24)) == [31.0, 30.0, 20.0, 10.0, None, 31.0]
    assert seen(rows, 6, over("last", 1.5)) == [10.0]


def test_what_nobody_knows_is_an_empty_history() -> None:
    """Without a known time a row is never seen; of nothing, counts and sums are 0, and all else is missing."""
    names = ("count", "distinct", "sum", "mean", "min", "max", "std", "last")
    for rows in ([("ada", 1, None, 5.0)], [("bob", 1, 1, 5.0)], [(None, 1, 1, 5.0)], []):
        assert seen(rows, 6, *(over(name, 24) for name in names), lag(1)) == [0, 0, 0, None, None, None, None, None, None]


def test_missing_values_are_counted_as_rows_and_in_nothing_else() -> None:
    """`count` is of rows; the other aggregates are of the values present, where NaN and infinity count as missing."""
    rows = [("ada", hour, hour, x) for hour, x in enumerate((4.0, None, float("nan"), float("inf"), 2.0, 4.0))]
    names = ("count", "distinct", "sum", "mean", "min", "max", "last")
    assert seen(rows, 9, *(over(name, 24) for name in names)) == [6, 2, 10, 10 / 3, 2, 4, 4]


def test_a_huge_value_leaves_no_trace_in_windows_after_it() -> None:
    """A sum is of what is in its window alone: what has left it, however large, has left no rounding error."""
    rows = [("ada", 0, 0, 1e300), ("ada", 1, 1, 0.1), ("ada", 2, 2, 0.2)]
    assert seen(rows, 3, over("sum", 2), over("mean", 2), over("sum", 3)) == [0.1 + 0.2, (0.1 + 0.2) / 2, 1e300]


def test_a_deviation_keeps_small_differences_of_large_values() -> None:
    """A deviation is of distances from the mean, not the difference of two large sums of squares; of one value there is none."""
    rows = [("ada", hour, hour, 1e9 + hour) for hour in range(3)]
    (found,) = seen(rows, 9, over("std", 24))
    assert found == pytest.approx(1.0, rel=1e-9) and seen(rows, 9, over("std", 7)) == [None]
    assert seen([("ada", hour, hour, 1e300) for hour in range(3)], 9, over("std", 24)) == [0.0]


@pytest.mark.parametrize("refresh", Refresh)
def test_refreshes_of_tables_and_of_requests_are_the_same(refresh: Refresh) -> None:
    """The next refresh is the same for arrays and for one time: on a boundary, a microsecond beside it, before 1970 and in leap years."""
    days = [
        datetime(*day, tzinfo=UTC) for day in ((2024, 2, 29), (2024, 3, 1), (2023, 12, 31), (2024, 1, 1), (1969, 12, 29), (1969, 12, 1))
    ]
    beside = [timedelta(microseconds=shift) for shift in (-1, 0, 1, HOUR, HOUR - 1, 86_399_999_999)]
    times = [day + each for day in days for each in beside]
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    found = NEXT[refresh](np.array([(time - epoch) // timedelta(microseconds=1) for time in times]))
    assert [epoch + timedelta(microseconds=int(each)) for each in found] == [refreshed(time, refresh) for time in times]


def test_times_that_no_64_bit_key_could_hold_are_numbered() -> None:
    """Many entities over hundreds of thousands of years are in one order all the same."""
    draw = np.random.default_rng(3)
    entities, asked = draw.integers(0, 1000, 500), draw.integers(0, 1000, 300)
    visible, moments = (draw.integers(-(2**60), 2**60, size) for size in (500, 300))
    moments[:50] = visible[:50]
    window = 2**58
    line = timeline(entities, visible, asked, moments, 1000)
    start = line.start(window)
    for place, question in enumerate(line.questions):
        own = (entities == asked[question]) & (visible < moments[question])
        held = set(line.events[line.first[place] : line.end[place]].tolist())
        assert held == set(np.flatnonzero(own).tolist())
        inside = set(line.events[start[place] : line.end[place]].tolist())
        assert inside == set(np.flatnonzero(own & (visible >= moments[question] - window)).tolist())
