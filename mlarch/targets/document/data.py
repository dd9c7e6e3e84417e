"""Where the rows come from, what they must look like, and what is kept of them."""

from __future__ import annotations

from ...architecture.architecture import Architecture
from ...architecture.blocks.source import Source
from ...architecture.types import Column
from .markdown import bullets, code, prose, table
from .wording import SILENT, properties, shown


def sources(architecture: Architecture) -> list[str]:
    """Return each source with its schema and expectations."""
    parts = [part for source in architecture.source.values() for part in _source(source)]
    return parts or [f"Sources: {SILENT}."]


def _source(source: Source) -> list[str]:
    expected = [shown(condition) for condition in source.expect.conditions] if source.expect else []
    return [
        f"### Source {code(source.name)}",
        *([prose(source.doc)] if source.doc else []),
        properties(source, without=("schema", "expect")),
        f"{len(source.schema.columns)} columns are read; what the data hold beside them is dropped:",
        columns(source.schema.columns),
        *(
            ["What must hold of the whole table before anything is built on it:", bullets(expected)]
            if expected
            else [f"Expectations: {SILENT}."]
        ),
    ]


def columns(listed: tuple[Column, ...]) -> str:
    """Return the table of columns: types, units, what may be missing, ranges, values and doc comments."""
    head = ("Column", "Type", "Unit", "May be missing", "Values", "Default", "Description")
    return table(head, (_column(column) for column in listed))


def _column(column: Column) -> tuple[str, ...]:
    return (
        code(column.name),
        code(column.type.value),
        prose(column.unit) if column.unit else "",
        "yes" if column.nullable else "no",
        _values(column),
        shown(column.default) if column.default is not None else "",
        prose(column.doc) if column.doc else "",
    )


def _values(column: Column) -> str:
    if column.categories:
        return ", ".join(shown(category) for category in column.categories)
    if column.low is None and column.high is None:
        return "any"
    low, high = ("" if end is None else f"{end:.12g}" for end in (column.low, column.high))
    return code(f"{low}..{high}")
