"""What the page about plain Feast says of it is so: the same reasons are found when it is asked again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mlarch.architecture.blocks.source import Refresh
from mlarch.architecture.program import History
from mlarch.runtime.features.histories.online import refreshed

from .against_feast import last_refresh, report, run
from .cases import Row
from .feast_reasons import GONE, INFINITE, ITSELF, LATE, LATER, NEVER, OFFLINE, OTHER, READ, REASONS, REFRESH, TIED, WAYS, Asked
from .plain_feast import LOST
from .test_meaning import at

PAGE = Path(__file__).parents[3] / "docs" / "howto" / "plain_feast.md"


def test_what_differs_is_explained() -> None:
    """In a few generated systems every difference of Feast has a reason that the page names, and we differ from ourselves in none."""
    found = run(range(6))
    assert found.answers[OFFLINE] > 30 and found.ours == 0
    assert not any(found.differences[way, OTHER] for way in WAYS)
    assert {reason for (way, reason), count in found.differences.items() if count and way == OFFLINE} & {LATER, ITSELF}
    assert len(list(report(found))) > 8


@pytest.mark.servers
def test_the_page_names_the_reasons_that_are_found() -> None:
    """Asked anew, Feast differs for the reasons in the page's table, each in the columns that have a number there, and for no others."""
    found = run(range(60))
    text = PAGE.read_text(encoding="utf-8")
    table = {cells[0]: cells[1:] for line in text.splitlines() if line.startswith("| ") and (cells := _cells(line))}
    said = {(way, reason) for reason in REASONS if reason in table for way, cell in zip(WAYS, table[reason], strict=True) if cell != "0"}
    seen = {pair for pair, count in found.differences.items() if count and pair[1]}
    assert seen <= said, f"the page does not say {seen - said}"
    assert {reason for _, reason in said} == {reason for _, reason in seen}
    assert found.ours == 0 and not any(found.differences[way, OTHER] for way in WAYS)
    assert all(f"**{reason}**" in text for reason in REASONS if reason != OTHER), "each reason is explained"


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_the_rows_say_why_an_answer_differs() -> None:
    """Which row an answer is of, and when that row was known, is the reason."""
    rows = [_row(0, 1, 9), _row(1, 2, 2), _row(2, 2, 2), _row(3, 4, 4), _row(4, 1, None), _row(5, 1, 3.5)]
    history = History("kept", ("who",), "happened", "known", Refresh.HOURLY, READ, ())
    table = Asked(history, rows, [], ())
    reasons = {0: LATER, 1: TIED, 3: ITSELF, 4: NEVER, 5: REFRESH, None: LATE}
    assert {number: table.reason(at(4), (2, None), (number, None)) for number in reasons} == reasons
    assert table.reason(at(4), (2, None), LOST) == GONE
    assert table.reason(at(4), (2, None), (2, float("inf"))) == INFINITE
    assert table.reason(at(4), (2, None), (2, 1.0)) == OTHER
    assert table.reason(at(12), (3, None), (2, None)) == LATE
    assert table.reason(at(4), (2, None), (2, None)) == ""


def _row(number: int, happened: float, known: float | None) -> Row:
    return {"row": number, "who": "ada", "happened": at(happened), "known": None if known is None else at(known)}


@pytest.mark.parametrize("refresh", list(Refresh))
def test_the_last_refresh_is_before_the_moment(refresh: Refresh) -> None:
    """A store is materialized at the last refresh before a moment, never at it, and there is none between."""
    for moment in (at(0), at(1), at(24), at(3.25), datetime(2024, 1, 1, tzinfo=UTC)):
        last = last_refresh(moment, refresh)
        assert last < moment and refreshed(last, refresh) == last
        assert refreshed(last + timedelta(microseconds=1), refresh) >= moment
