"""From the bytes of a request to rows of values, or to a list of everything that is wrong with them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC
from itertools import islice
from typing import Any

import msgspec

from ...architecture.expressions import Literal
from ...architecture.types import Column, ValueKind
from ...language.suggest import names, nearest
from .wire import adapted, value_type, what_is_wrong

MOST_ROWS = 10_000
#: So many are said; looking for more would keep the server from everybody else.
MOST_PROBLEMS = 50
#: A name in a message is cut to so many characters.
LONGEST_NAME = 80
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
        self._known = {column.name: column for column in self.columns}
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
            return [self._plain(row) for row in _counted(self._many.decode(body))]
        except (msgspec.DecodeError, UnicodeDecodeError, OverflowError):
            return self._again(body)

    def _plain(self, row: Any) -> Row:
        """Return a row as a dict; its times are in UTC. Raises OverflowError for one that the calendar of UTC does not reach."""
        values = msgspec.structs.asdict(row)
        for name in self._times:
            time = values[name]
            if time is not None and time.tzinfo is not UTC:
                values[name] = time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
        return values

    def _again(self, body: bytes) -> list[Row]:
        """Read a body that is not one plain row or list: wrapped rows, numbers and dates in other dress, or something wrong."""
        try:
            held = msgspec.json.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError) as problem:
            raise Refused(400, f"the body is no JSON that can be read: {problem}") from None
        except RecursionError:
            raise Refused(400, "the body is nested too deeply") from None
        if isinstance(held, dict) and set(held) == {"rows"} and "rows" not in self._known:
            held = held["rows"]
        rows = [self._adapted(row) for row in _counted(held if isinstance(held, list) else [held])]
        every = (problem for number, row in enumerate(rows) for problem in self._problems(row, number))
        problems = list(islice(every, MOST_PROBLEMS + 1))
        if problems:
            raise _refusal(problems)
        return [self._plain(row) for row in msgspec.convert(rows, list[self._row])]  # type: ignore[name-defined]  # made at run time

    def _adapted(self, row: Any) -> Any:
        if not isinstance(row, dict):
            return row
        return {name: adapted(self._known[name], value) if name in self._known else value for name, value in row.items()}

    def _problems(self, row: Any, number: int) -> Iterator[Problem]:
        """Everything that is wrong with one row."""
        if not isinstance(row, dict):
            yield Problem(None, "a row is an object of named columns", number)
            return
        for column in self.columns:
            if column.name in row:
                wrong = what_is_wrong(column, row[column.name])
            elif column.nullable or column.default is not None:
                wrong = None
            else:
                wrong = "is missing"
            if wrong:
                yield Problem(column.name, wrong, number)
        for name in row:
            if name not in self._known:
                guess = nearest(name[:LONGEST_NAME], self._known)
                said = f"; did you mean `{guess}`?" if guess else f"; it has {names(self._known, 20)}"
                yield Problem(name[:LONGEST_NAME], f"is not a column of the request{said}", number)


def _refusal(problems: list[Problem]) -> Refused:
    """The answer to a body with wrong fields: the first is in the message, the others in the list."""
    first = problems[0]
    count = f"more than {MOST_PROBLEMS}" if len(problems) > MOST_PROBLEMS else str(len(problems))
    said = f"{f'`{first.field}` ' if first.field else ''}{first.problem}"
    return Refused(422, said + (f" ({count} problems)" if len(problems) > 1 else ""), problems[:MOST_PROBLEMS])


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
