"""When a row of a history becomes visible: at the first refresh at or after the later of its timestamp and its known time.

Times are UTC microseconds since 1970 in 64 bits.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np
import numpy.typing as npt
import polars as pl

from ....architecture.blocks.source import Refresh

Times = npt.NDArray[np.int64]
HOUR = 3_600_000_000
DAY = 24 * HOUR
WEEK = 7 * DAY
#: 1970-01-01 was a Thursday: weeks begin four days later.
MONDAY = 4 * DAY


class Shown(Protocol):
    """What says when the rows of a source are visible: a history, or a view of a feature store."""

    @property
    def timestamp(self) -> str:
        """The column of when a row happened."""
        ...

    @property
    def known_at(self) -> str | None:
        """The column of when it became known."""
        ...

    @property
    def refresh(self) -> Refresh:
        """How often what is known is shown."""
        ...


def visible_from(history: Shown, table: pl.DataFrame) -> tuple[Times, npt.NDArray[np.bool_]]:
    """Return when each row of the source becomes visible, and whether it ever does: not without a timestamp or a known time."""
    happened = table[history.timestamp]
    known = table[history.known_at] if history.known_at is not None else happened
    ever = (happened.is_not_null() & known.is_not_null()).to_numpy()
    return NEXT[history.refresh](np.maximum(microseconds(happened), microseconds(known))), ever


def microseconds(times: pl.Series) -> Times:
    """Return timestamps as UTC microseconds; a missing one is 0."""
    return times.dt.epoch("us").fill_null(0).to_numpy()


def _every(period: int, first: int = 0) -> Callable[[Times], Times]:
    """Whole periods since `first`, rounded up; a time that is on one stays."""
    return lambda times: first - (first - times) // period * period


def _monthly(times: Times) -> Times:
    exact = times.view("datetime64[us]")
    months = exact.astype("datetime64[M]")
    begun = months.astype("datetime64[us]") < exact
    return (months + begun).astype("datetime64[us]").view(np.int64)


#: One line for each refresh: the first one at or after a time.
NEXT: dict[Refresh, Callable[[Times], Times]] = {
    Refresh.CONTINUOUS: lambda times: times,
    Refresh.HOURLY: _every(HOUR),
    Refresh.DAILY: _every(DAY),
    Refresh.WEEKLY: _every(WEEK, MONDAY),
    Refresh.MONTHLY: _monthly,
}
