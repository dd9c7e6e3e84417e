"""From the bytes of a request to rows of values, or to a list of everything that is wrong with them."""

from __future__ import annotations

import typing
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec

from ...architecture.expressions import Literal
from ...architecture.types import Column, ColumnType, ValueKind
from ...language.suggest import names, nearest

MOST_ROWS = 10_000
MOST_PROBLEMS = 50
Row = dict[str, Any]


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing that is wrong with a request: in which row (from 0), in which field, and what."""

    field: str | None
    problem: str
    row: int = 0


class Refused(Exception):
    """A request that cannot be answered. `status` is the HTTP status."""

    def __init__(self, status: int, message: str, problems: Sequence[Problem] = ()) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.problems = list(problems)


class Decoder:
    """Reads requests for one request schema.

    A body is one object, a list of objects, or `{"rows": [...]}`. A right body is read in one pass; only a wrong one is looked at again,
    to name every field.
    """

    def __init__(self, columns: Sequence[Column]) -> None:
        self.columns = tuple(columns)
        row = _row_type(self.columns)
        self._one: msgspec.json.Decoder[Any] = msgspec.json.Decoder(row)
        self._many: msgspec.json.Decoder[Any] = msgspec.json.Decoder(list[row])  # type: ignore[valid-type]  # made at run time
        self._row = row
        self._times = tuple(column.name for column in self.columns if column.kind is ValueKind.TIMESTAMP)

    def decode(self, body: bytes) -> list[Row]:
        """Return the rows of a body.

        Raises Refused: 400 where it is no JSON, 413 for too many rows, 422 naming every wrong field.
        """
        try:
            if body[:1] == b"{":
                return [self._plain(self._one.decode(body))]
            found = self._many.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError):
            found = self._again(body)
        return [self._plain(row) for row in _counted(found)]

    def _plain(self, row: Any) -> Row:
        values = msgspec.structs.asdict(row)
        for name in self._times:
            time = values[name]
            if time is not None and time.tzinfo is None:
                values[name] = time.replace(tzinfo=UTC)
        return values

    def _again(self, body: bytes) -> list[Any]:
        """Read a body that is not one plain row or list: wrapped rows, or something wrong."""
        try:
            held = msgspec.json.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError) as problem:
            raise Refused(400, f"the body is not JSON: {problem}") from None
        if isinstance(held, dict) and set(held) == {"rows"} and "rows" not in {column.name for column in self.columns}:
            held = held["rows"]
        rows = _counted(held if isinstance(held, list) else [held])
        problems = [problem for number, row in enumerate(rows) for problem in self._problems(row, number)]
        if problems:
            more = f", and {len(problems) - MOST_PROBLEMS} more" if len(problems) > MOST_PROBLEMS else ""
            first = problems[0]
            raise Refused(
                422,
                f"{f'`{first.field}` ' if first.field else ''}{first.problem}"
                + (f" ({len(problems)} problems{more})" if len(problems) > 1 else ""),
                problems[:MOST_PROBLEMS],
            )
        return list(msgspec.convert(rows, list[self._row]))  # type: ignore[name-defined]  # made at run time

    def _problems(self, row: Any, number: int) -> list[Problem]:
        """Everything that is wrong with one row."""
        if not isinstance(row, dict):
            return [Problem(None, "a row is an object of named columns", number)]
        known = [column.name for column in self.columns]
        found = []
        for column in self.columns:
            if column.name in row:
                wrong = _wrong(column, row[column.name])
            elif column.nullable or column.default is not None:
                wrong = None
            else:
                wrong = "is missing"
            if wrong:
                found.append(Problem(column.name, wrong, number))
        for name in row:
            if name not in known:
                guess = nearest(name, known)
                found.append(
                    Problem(
                        name,
                        "is not a column of the request" + (f"; did you mean `{guess}`?" if guess else f"; it has {names(known, 20)}"),
                        number,
                    )
                )
        return found


def _counted(rows: list[Any]) -> list[Any]:
    if not rows:
        raise Refused(422, "there are no rows", [Problem(None, "there are no rows")])
    if len(rows) > MOST_ROWS:
        raise Refused(413, f"a request has at most {MOST_ROWS:,} rows, not {len(rows):,}")
    return rows


def _row_type(columns: Sequence[Column]) -> type[msgspec.Struct]:
    """Return a class whose decoding is the validation: types, ranges, categories, missing values."""
    required: list[Any] = []
    optional: list[Any] = []
    for column in columns:
        default = column.default.value if isinstance(column.default, Literal) else None
        if column.nullable or column.default is not None:
            optional.append((column.name, value_type(column), default))
        else:
            required.append((column.name, value_type(column)))
    return msgspec.defstruct("Row", required + optional, forbid_unknown_fields=True)


def value_type(column: Column) -> Any:
    """Return the type of a column's value as msgspec reads it."""
    limits: dict[str, Any] = {key: value for key, value in (("ge", column.low), ("le", column.high)) if value is not None}
    kind: Any
    match column.type:
        case ColumnType.INT:
            whole: dict[str, Any] = {key: int(value) for key, value in limits.items()}
            kind = Annotated[int, msgspec.Meta(**whole)] if limits else int
        case ColumnType.FLOAT:
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


_WANTED: dict[ColumnType, str] = {
    ColumnType.INT: "a whole number",
    ColumnType.FLOAT: "a number",
    ColumnType.BOOL: "true or false",
    ColumnType.TIMESTAMP: 'a time such as "2026-03-01T12:00:00Z"',
    ColumnType.DATE: 'a time such as "2026-03-01T00:00:00Z"',
}


def _wrong(column: Column, value: Any) -> str | None:
    """Return what is wrong with a value, or None."""
    if value is None:
        return None if column.nullable else "is null, and the column is never missing"
    try:
        msgspec.convert(value, value_type(column))
    except msgspec.ValidationError:
        shown = msgspec.json.encode(value).decode()
        shown = shown if len(shown) <= 40 else shown[:37] + "…"
        if isinstance(value, (int, float)) and not isinstance(value, bool) and column.low is not None and column.high is not None:
            return f"is {shown}, outside {column.low:g}..{column.high:g}"
        wanted = f"one of {names(column.categories, 20)}" if column.categories else _WANTED.get(column.type, "a text")
        return f"is {shown}, and should be {wanted}"
    return None
