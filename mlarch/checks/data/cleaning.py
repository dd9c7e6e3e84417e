"""Repairs of a source: each is of columns that exist, and gives what they can hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ...architecture.blocks.source import Clean, Source
from ...architecture.cleaning import bounds_of
from ...architecture.expressions import Expression, Literal, Name, render, walk
from ...architecture.observations import columns_of
from ...architecture.types import Column, ColumnType, ValueKind
from ...architecture.typing import kind_of
from ..base import Context
from ..features.expressions import typed
from .columns import column_named

_HELD = {ValueKind.NUMBER: "a number", ValueKind.BOOLEAN: "`true` or `false`", ValueKind.TEXT: "a text", ValueKind.TIMESTAMP: "a time"}


@dataclass(frozen=True)
class RepairsFit:
    """What `clean` says can be done to the columns that it names, and leaves them as the schema says that they are."""

    name: str = "repairs"
    of_the_whole: bool = False

    def run(self, context: Context) -> None:
        for source in context.architecture.source.values():
            if source.clean is not None:
                _Repairs(context, source, source.clean).run()


class _Repairs:
    """The repairs of one source."""

    def __init__(self, context: Context, source: Source, clean: Clean) -> None:
        self.context = context
        self.clean = clean
        self.columns: Mapping[str, Column] = columns_of(source)
        self.at = f"source.{source.name}.clean"
        self.of = f"`source.{source.name}`"

    def run(self) -> None:
        for name in self.clean.cast:
            column = column_named(self.context, name, self.columns, f"{self.at}.cast", self.of)
            self._may_be_missing(column, f"{self.at}.cast")
        for condition in self.clean.null_if:
            self._null_if(condition)
        for number, bound in enumerate(self.clean.clip.bounds if self.clean.clip else ()):
            self._clip(bound.expression, f"{self.at}.clip.{number}")
        for name, value in self.clean.fill.values.items() if self.clean.fill else ():
            self._fill(name, value, f"{self.at}.fill.{name}")
        if self.clean.where is not None:
            self._condition(self.clean.where, f"{self.at}.where")
        for name in self.clean.dedupe:
            column_named(self.context, name, self.columns, f"{self.at}.dedupe", self.of)

    def _condition(self, condition: Expression, at: str) -> bool:
        kind = typed(self.context, condition, self.columns, at)
        if kind not in (None, ValueKind.BOOLEAN):
            key, span = at.rpartition(".")[2], self.context.where(condition, at)
            help = "a condition on a row: `wind > 200`"
            self.context.findings.error("MLA302", f"`{key}` is a boolean, not a {kind}", span, f"this is a {kind}", help=help)
        return kind is ValueKind.BOOLEAN

    def _null_if(self, condition: Expression) -> None:
        at = f"{self.at}.null_if"
        if not self._condition(condition, at):
            return
        named = dict.fromkeys(node.text for node in walk(condition) if isinstance(node, Name))
        if len(named) != 1:
            told = "names no column" if not named else f"names {len(named)} columns: which one is set to missing?"
            span, help = self.context.where(condition, at), "one condition for each column: `null_if = [wind > 200, rain < 0]`"
            self.context.findings.error("MLA471", f"`{render(condition)}` {told}", span, "of one column", help=help)
            return
        self._may_be_missing(self.columns[next(iter(named))], at)

    def _may_be_missing(self, column: Column | None, at: str) -> None:
        filled = self.clean.fill.values if self.clean.fill else {}
        if column is None or column.nullable or column.name in filled:
            return
        help = f"`{column.name} : {column.type}?` in the schema, or `fill {{ {column.name} = … }}`"
        self.context.warn(
            "MLA473", f"`{column.name}` is set to missing, and may not be missing", at, "then fails the validation", help=help
        )

    def _clip(self, bound: Expression, at: str) -> None:
        if typed(self.context, bound, self.columns, at) is None:
            return
        found = bounds_of(bound)
        if found is None or self.columns[found.column].kind is not ValueKind.NUMBER:
            help = "a column of numbers between constants: `wind in 0..200`, `rain >= 0`"
            self.context.error("MLA471", f"`{render(bound)}` bounds no column", at, "not a bound", help=help)
        elif found.low is not None and found.high is not None and found.low > found.high:
            self.context.error("MLA217", f"no value lies in `{found.low:g}..{found.high:g}`", at, "the lower end is above the upper")

    def _fill(self, name: str, value: float | int | str | bool | None, at: str) -> None:
        column = column_named(self.context, name, self.columns, at, self.of)
        wrong = _unfit(column, value) if column is not None else ""
        if wrong:
            self.context.error("MLA472", wrong, at, "does not fit")


def _unfit(column: Column, value: float | int | str | bool | None) -> str:
    """Say why a constant cannot stand in a column, or nothing."""
    name = column.name
    if value is None:
        return f"a missing `{name}` stays missing: leave the line out"
    if column.kind is ValueKind.TIMESTAMP:
        return f"`{name}` is a time, and no constant time stands for a missing one"
    if kind_of(Literal(value), {}) is not column.kind or (column.type is ColumnType.INT and isinstance(value, float)):
        return f"`{name}` holds {'a whole number' if column.type is ColumnType.INT else _HELD[column.kind]}"
    if isinstance(value, str):
        return f'`{name}` is never "{value}"' if column.categories and value not in column.categories else ""
    low, high = column.low, column.high
    return f"{value:g} is out of the range of `{name}`" if low is not None and high is not None and not low <= value <= high else ""
