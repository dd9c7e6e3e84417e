"""Types of values: what a column or an expression holds, independent of the engine that computes it."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from .expressions import Expression


class ValueKind(StrEnum):
    """What the functions of the feature language distinguish."""

    NUMBER = "number"
    BOOLEAN = "boolean"
    TEXT = "text"
    TIMESTAMP = "timestamp"
    DURATION = "duration"


class ColumnType(StrEnum):
    """The types that a schema may name."""

    ID = "id"
    STRING = "string"
    CATEGORY = "category"
    INT = "int"
    FLOAT = "float"
    BOOL = "bool"
    TIMESTAMP = "timestamp"
    DATE = "date"


KIND_OF = {
    ColumnType.ID: ValueKind.TEXT,
    ColumnType.STRING: ValueKind.TEXT,
    ColumnType.CATEGORY: ValueKind.TEXT,
    ColumnType.INT: ValueKind.NUMBER,
    ColumnType.FLOAT: ValueKind.NUMBER,
    ColumnType.BOOL: ValueKind.BOOLEAN,
    ColumnType.TIMESTAMP: ValueKind.TIMESTAMP,
    ColumnType.DATE: ValueKind.TIMESTAMP,
}


class Column(msgspec.Struct, frozen=True, kw_only=True):
    """One column of a schema: `age : int("year")? in 0..120 = 30`.

    `low` and `high` are inclusive; `categories` is empty where any value is allowed.
    """

    name: str
    type: ColumnType
    unit: str | None = None
    nullable: bool = False
    low: float | None = None
    high: float | None = None
    categories: tuple[str, ...] = ()
    default: Expression | None = None
    doc: str | None = None

    @property
    def kind(self) -> ValueKind:
        return KIND_OF[self.type]
