"""The values of a request: of which type each column's are in JSON, and what is said of one that is not."""

from __future__ import annotations

import math
import re
import typing
from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec

from ...architecture.types import Column, ColumnType
from ...language.suggest import names

#: Whole numbers are 64 bits wide, as they are in tables.
LEAST_INT, MOST_INT = -(2**63), 2**63 - 1
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")

_WANTED: dict[ColumnType, str] = {
    ColumnType.INT: "a whole number",
    ColumnType.FLOAT: "a number",
    ColumnType.BOOL: "true or false",
    ColumnType.TIMESTAMP: 'a time such as "2026-03-01T12:00:00Z"',
    ColumnType.DATE: 'a date such as "2026-03-01"',
}


def value_type(column: Column) -> Any:
    """Return the type of a column's value as msgspec reads it."""
    kind: Any
    match column.type:
        case ColumnType.INT:
            low = LEAST_INT if column.low is None else math.ceil(column.low)
            high = MOST_INT if column.high is None else math.floor(column.high)
            kind = Annotated[int, msgspec.Meta(ge=low, le=high)]
        case ColumnType.FLOAT:
            limits: dict[str, Any] = {key: value for key, value in (("ge", column.low), ("le", column.high)) if value is not None}
            kind = Annotated[float, msgspec.Meta(**limits)] if limits else float
        case ColumnType.BOOL:
            kind = bool
        case ColumnType.TIMESTAMP | ColumnType.DATE:
            kind = datetime
        case ColumnType.CATEGORY if column.categories:
            kind = typing.Literal[column.categories]
        case _:
            kind = str
    return kind | None if column.nullable else kind


def adapted(column: Column, value: Any) -> Any:
    """Return a value in the dress that the decoder takes: `3.0` is a whole number, and a date is its first moment in UTC."""
    if column.type is ColumnType.INT and isinstance(value, float) and value.is_integer():
        return int(value)
    if column.type is ColumnType.DATE and isinstance(value, str) and _DATE.fullmatch(value):
        return f"{value}T00:00:00Z"
    return value


def what_is_wrong(column: Column, value: Any) -> str | None:
    """Return what is wrong with a value, or None."""
    if value is None:
        return None if column.nullable else "is null, and the column is never missing"
    try:
        found = msgspec.convert(value, value_type(column))
        if isinstance(found, datetime):
            found.astimezone(UTC)
    except OverflowError:
        return f"is {_shown(value)}, outside the years 1 to 9999 in UTC"
    except msgspec.ValidationError:
        return f"is {_shown(value)}, {_should(column, value)}"
    return None


def _should(column: Column, value: Any) -> str:
    number = isinstance(value, int) or (isinstance(value, float) and column.type is ColumnType.FLOAT)
    if number and not isinstance(value, bool) and column.type in (ColumnType.INT, ColumnType.FLOAT):
        if column.low is not None and column.high is not None:
            return f"outside {column.low:g}..{column.high:g}"
        return "too large for a number of 64 bits"
    wanted = f"one of {names(column.categories, 20)}" if column.categories else _WANTED.get(column.type, "a text")
    return f"and should be {wanted}"


def _shown(value: Any) -> str:
    try:
        text = msgspec.json.encode(value).decode()
    except RecursionError:
        text = "deeply nested"
    return text if len(text) <= 40 else text[:37] + "…"
