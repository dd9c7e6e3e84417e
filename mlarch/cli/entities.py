"""Values that are given on the command line as `key=value`, by the types of their columns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

import click

from ..architecture.types import Column, ColumnType


def read_row(columns: Iterable[Column], given: Sequence[str], *, needed: Sequence[str]) -> dict[str, Any]:
    """Return a row: what is not given is missing. Raises UsageError for what is no column, no value of it, or needed and not given."""
    from ..language.suggest import nearest

    known = {column.name: column for column in columns}
    row: dict[str, Any] = {}
    for word in given:
        name, _, text = word.partition("=")
        if name not in known:
            guess = nearest(name, known)
            hint = f"did you mean '{guess}'?" if guess else f"there are {', '.join(known)}"
            raise click.UsageError(f"there is no column '{name}'; {hint}")
        if name in row:
            raise click.UsageError(f"`{name}` is given twice")
        row[name] = _read(known[name], text)
    lacking = [name for name in needed if row.get(name) is None]
    if lacking:
        raise click.UsageError(f"give {' and '.join(f'{name}=…' for name in lacking)}")
    return {name: row.get(name) for name in known}


def read_moment(text: str) -> datetime:
    """Return a moment; without an offset it is UTC. Raises UsageError for what is none."""
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):  # too early or too late for a year from 1 to 9999
        raise click.UsageError(f"{text} is no moment; write it as 2013-12-31T18:00Z") from None


def _read(column: Column, text: str) -> Any:
    reading = _READING.get(column.type, str)
    try:
        return reading(text)
    except (ValueError, KeyError):
        raise click.UsageError(f"{column.name}={text}: `{column.name}` is of type {column.type}") from None


def _whole_number(text: str) -> int:
    """Return a number of 64 bits: a column has no others."""
    if not -(2**63) <= (number := int(text)) < 2**63:
        raise ValueError
    return number


_READING: dict[ColumnType, Callable[[str], Any]] = {
    ColumnType.INT: _whole_number,
    ColumnType.FLOAT: float,
    ColumnType.BOOL: lambda text: {"true": True, "false": False}[text.lower()],
    ColumnType.TIMESTAMP: read_moment,
    ColumnType.DATE: read_moment,
}
