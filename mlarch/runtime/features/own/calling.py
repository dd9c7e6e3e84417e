"""Calling a function of the user's for the values of one row. Tables do just the same, row by row, so that both cannot differ."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from ....architecture.architecture import Architecture
from ....architecture.errors import ArchitectureError
from ....architecture.expressions import Call, Expression, render, walk
from ....architecture.types import Column, ValueKind
from ....architecture.typing import kind_of
from ..closures import Closure, Row
from .collecting import CODE, target_of
from .modules import function_of, said

#: A value in a message is cut to so many characters.
LONGEST = 60
HELP = "it takes the values of one row, None where one is missing, and returns a number, true or false, or None"


class FunctionFailed(ArchitectureError):
    """A function of the user's raised an exception, or gave what is no number. Polars makes it anew from its message alone."""

    def __init__(self, message: str, at: str | None = None) -> None:
        super().__init__(CODE, message.partition("\n")[0], at=at, help=HELP)  # Polars says below in which expression of its own

    @property
    def target(self) -> str:
        """The function, with which every message begins."""
        return self.message.split("`")[1]

    def __reduce__(self) -> tuple[object, ...]:
        """Survive the way between processes."""
        return (FunctionFailed, (self.message, self.at))


def calls_own(expression: Expression) -> bool:
    """Tell whether an expression calls a function of the user's."""
    return any(isinstance(node, Call) for node in walk(expression))


def called(node: Call, arguments: Sequence[Closure], columns: Mapping[str, Column]) -> Closure:
    """Return the closure of a call: what is given are floats, booleans, texts, datetimes in UTC, and None."""
    function = function_of(node.code, node.target)
    taken = [_plain(made, kind_of(each, columns)) for made, each in zip(arguments, node.arguments, strict=True)]

    def own(row: Row) -> float | None:
        values = [take(row) for take in taken]
        try:
            result = function(*values)
        except (Exception, SystemExit) as problem:
            raise FunctionFailed(_failure(node, values, f"failed: {said(problem)}")) from problem
        if result is None or type(result) is float:
            return result if result is None or math.isfinite(result) else None
        return _number(node, values, result)

    return own


def _plain(closure: Closure, kind: ValueKind) -> Closure:
    """Give a value in one form, however it came: zero without a sign, times in UTC."""
    if kind is ValueKind.NUMBER:
        return lambda row: None if (value := closure(row)) is None else value + 0.0
    if kind is ValueKind.TIMESTAMP:

        def moment(row: Row) -> datetime | None:
            value: datetime | None = closure(row)
            if value is None or (value.tzinfo is UTC and not value.fold):
                return value
            return value.astimezone(UTC).replace(fold=0)

        return moment
    return closure


def _number(node: Call, values: Sequence[Any], result: Any) -> float | None:
    """Return a whole number, a boolean or a number of another library as a float."""
    if isinstance(result, str) or not hasattr(result, "__float__"):
        raise FunctionFailed(_failure(node, values, f"returned {_short(result)}, and not a number"))
    try:
        number = float(result)
    except OverflowError:
        return None
    except (TypeError, ValueError) as problem:
        raise FunctionFailed(_failure(node, values, f"returned {_short(result)}, and not a number")) from problem
    return number if math.isfinite(number) else None


def _failure(node: Call, values: Sequence[Any], told: str) -> str:
    given = ", ".join(f"{_cut(render(each))} = {_short(value)}" for each, value in zip(node.arguments, values, strict=True))
    return f"`{node.target}` {told}" + (f", for {' '.join(given.splitlines())}" if given else "")


def _short(value: Any) -> str:
    return _cut(value.isoformat() if isinstance(value, datetime) else repr(value))


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


@contextmanager
def placed(architecture: Architecture) -> Iterator[None]:
    """Say of a function that fails in which feature it stands: the first of those that call it."""
    try:
        yield
    except ArchitectureError as problem:
        if problem.code == CODE and problem.at is None:
            problem.at = next((at for at, target in _calls(architecture) if _is_about(problem.message, target)), None)
        raise


def _calls(architecture: Architecture) -> Iterator[tuple[str, str]]:
    """Yield each call of a function of the user's: where it stands, and the function."""
    for group in architecture.features.values():
        for name, feature in group.feature.items():
            for node in walk(feature.expression):
                if target := target_of(node):
                    yield f"features.{group.name}.feature.{name}", target


def _is_about(message: str, target: str) -> bool:
    module = target.partition(":")[0]
    return any(part in message for part in (f"`{target}`", f"`{module}`", f"{module.replace('.', '/')}.py"))
