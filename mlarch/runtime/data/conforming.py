"""Conforming: the rows of a file get the schema's columns and types, or a message that shows what does not fit."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import polars as pl

from ...architecture.blocks.source import Csv, Source
from ...architecture.errors import ArchitectureError
from ...architecture.expressions import word
from ...architecture.types import Column, ColumnType, ValueKind
from ...language.suggest import names, nearest
from ..artifacts import Repair
from ..features.tables import POLARS_TYPES
from .reading import data_file, origin, temporal
from .text import misfit

TRUE, FALSE = ("true", "True", "TRUE", "1", "yes"), ("false", "False", "FALSE", "0", "no")
LONGEST = 80
_KINDS = {
    "Csv": "is it a CSV file with a header line and this separator?",
    "JsonLines": "is it one JSON object a line?",
    "Parquet": "is it a whole Parquet file?",
}
_UNREADABLE = (pl.exceptions.PolarsError, UnicodeDecodeError, OSError)


def conform(frame: pl.LazyFrame, block: Source, root: Path) -> tuple[pl.DataFrame, tuple[Repair, ...]]:
    """Return the rows with exactly the schema's columns, in its order and with its types, and how many values `cast` has set to missing.

    Raises ArchitectureError when a column is missing (MLA502) or there twice (MLA508), values are not of the declared type (MLA503), or
    the file is not what the connector reads (MLA507).
    """
    for problem in misnamed(frame, block, root):
        raise problem
    rows, unfit, repairs = typed(frame, block, root)
    for problem in unfit:
        raise problem
    return rows, repairs


def misnamed(frame: pl.LazyFrame, block: Source, root: Path) -> list[ArchitectureError]:
    """Return what is wrong with the columns of a table by their names alone: one is there twice, or missing.

    Raises ArchitectureError (MLA507) when the file is not what the connector reads.
    """
    try:
        present = frame.collect_schema().names()
    except _UNREADABLE as problem:
        raise _malformed(block, problem, root) from None
    twice = list(_twice(block, present))
    return twice or _missing(block, present)


def typed(frame: pl.LazyFrame, block: Source, root: Path) -> tuple[pl.DataFrame, list[ArchitectureError], tuple[Repair, ...]]:
    """Return the rows with those columns of the schema that there are, with its types.

    Beside it what is said of each column that does not fit, and the number of values that `cast` has set to missing.

    Raises ArchitectureError (MLA507) when the file is not what the connector reads.
    """
    try:
        present = frame.collect_schema()
        columns = [column for column in block.schema.columns if column.name in present]
        rows = frame.select(_typed(column, present[column.name]) for column in columns).collect()
    except _UNREADABLE as problem:
        raise _malformed(block, problem, root) from None
    lost = [(column, rows[column.name].struct.field("lost").drop_nulls()) for column in columns]
    cast = block.clean.cast if block.clean else ()
    unfit = [_unfit(block, column, values, len(rows)) for column, values in lost if len(values) and column.name not in cast]
    at = f"source.{block.name}.clean.cast"
    repairs = tuple(Repair(rule=f"cast {word(each.name)}", at=at, rows=len(values)) for each, values in lost if each.name in cast)
    return rows.select(pl.col(column.name).struct.field("value").alias(column.name) for column in columns), unfit, repairs


def hollow(rows: pl.DataFrame, block: Source) -> Iterator[ArchitectureError]:
    """Yield what is said of a table without rows (MLA506), and of each of its columns without a value that must have one (MLA504)."""
    if rows.is_empty():
        yield ArchitectureError(
            "MLA506", f"{origin(block)} has no rows", at=f"source.{block.name}.connector", help="an empty table cannot be built on"
        )
        return
    for column in block.schema.columns:
        if column.name in rows.columns and rows[column.name].null_count() == len(rows) and not column.nullable:
            yield ArchitectureError(
                "MLA504",
                f"every value of `{column.name}` is missing",
                at=f"source.{block.name}.schema.{column.name}",
                help=f"is it empty in {origin(block)}? Remove it from the schema, or repair the data",
            )


def shortened(text: str, longest: int = LONGEST) -> str:
    """Return a text from the data as a message can show it: printable, and not too long."""
    shown = "".join(char if char.isprintable() else " " if char == "\t" else "�" for char in text[: longest + 1])
    return shown if len(shown) <= longest else f"{shown[:longest]}…"


def _twice(block: Source, present: list[str]) -> Iterator[ArchitectureError]:
    """What is said of each column of the schema that the data have twice."""
    for column in block.schema.columns:
        if f"{column.name}_duplicated_0" in present:  # how the reader renames the second of two equal names
            yield ArchitectureError(
                "MLA508",
                f"{origin(block)} has two columns named `{column.name}`",
                at=f"source.{block.name}.schema.{column.name}",
                help="rename one of them in the header, or remove it",
            )


def _typed(column: Column, held: pl.DataType) -> pl.Expr:
    """Cast one column; the text of each value that does not fit stays beside it, so that a message can show it."""
    given = pl.col(column.name)
    if isinstance(held, (pl.Categorical, pl.Enum)):
        given, held = given.cast(pl.String), pl.String()
    found = pl.lit(None, POLARS_TYPES[column.type]) if held.is_nested() else _cast(column, given, held)
    text = pl.lit("a list or an object") if held.is_nested() else given.cast(pl.String)
    there = given.is_not_null() & given.is_not_nan() if held.is_float() else given.is_not_null()
    if column.type is ColumnType.FLOAT and held.is_float():
        there &= given.is_finite()  # infinity is a missing value, as NaN is
    return pl.struct(found.alias("value"), pl.when(there & found.is_null()).then(text).alias("lost")).alias(column.name)


def _cast(column: Column, given: pl.Expr, held: pl.DataType) -> pl.Expr:
    """What does not fit becomes missing; nothing is rounded, and no number becomes a time."""
    wanted = POLARS_TYPES[column.type]
    if column.kind is ValueKind.TEXT or held == pl.Null:
        return given.cast(wanted)
    if temporal(column.type):
        return _time(given, held)
    if held.is_temporal():
        return pl.lit(None, wanted)
    if held == pl.String:
        given = given.str.strip_chars()
    if column.type is ColumnType.BOOL:
        if held != pl.Boolean:
            given = given if held == pl.String else given.cast(pl.Float64).cast(pl.Int64, strict=False).cast(pl.String)
            return pl.when(given.is_in(TRUE)).then(True).when(given.is_in(FALSE)).then(False)
        return given
    if column.type is ColumnType.INT and (held.is_float() or held.is_decimal()):
        return pl.when(given == given.cast(pl.Float64).floor()).then(given.cast(wanted, strict=False))
    found = given.cast(wanted, strict=False)
    return pl.when(found.is_finite()).then(found) if column.type is ColumnType.FLOAT else found


def _time(given: pl.Expr, held: pl.DataType) -> pl.Expr:
    """A time without a zone is UTC."""
    if held == pl.String:
        return given.str.strip_chars().str.to_datetime(time_unit="us", time_zone="UTC", strict=False)
    if held == pl.Date:
        return given.cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    if isinstance(held, pl.Datetime):
        found = given.dt.cast_time_unit("us")
        return found.dt.convert_time_zone("UTC") if held.time_zone else found.dt.replace_time_zone("UTC")
    return pl.lit(None, POLARS_TYPES[ColumnType.TIMESTAMP])


def _unfit(block: Source, column: Column, lost: pl.Series, rows: int) -> ArchitectureError:
    """Values that were lost when the column took its type."""
    examples = ", ".join(f'"{shortened(value)}"' for value in lost.unique(maintain_order=True).head(3))
    return ArchitectureError(
        "MLA503",
        f"`{column.name}` is declared {column.type}, and {len(lost)} of {rows} values are not: {examples}",
        at=f"source.{block.name}.schema.{column.name}",
        help="change the type in the schema, or repair the data",
    )


def _missing(block: Source, present: list[str]) -> list[ArchitectureError]:
    """The columns that are not there: slips in their names, or one mistake, the whole line read as one column."""
    absent = [column.name for column in block.schema.columns if column.name not in present]
    other = next((each for each in (";", "\t", "|", ",") if len(present) == 1 and each in present[0]), None)
    if absent and other is not None and isinstance(block.connector, Csv):
        shown, written = shortened(present[0]), other.replace("\t", "\\t")
        return [
            ArchitectureError(
                "MLA502",
                f"{origin(block)} has one column only, `{shown}`",
                at=f"source.{block.name}.connector",
                help=f'is it separated otherwise? `csv("{block.connector.path}", separator="{written}")`',
            )
        ]
    if len(absent) == len(block.schema.columns) > 1 and not any(nearest(column, present) for column in absent):
        shown = names(map(shortened, present), 8)
        return [
            ArchitectureError(
                "MLA502",
                f"{origin(block)} has none of the {len(absent)} columns: its first line says {shown}",
                at=f"source.{block.name}.connector",
                help="is the header line missing, or is it another table?",
            )
        ]
    wanted = {each.name for each in block.schema.columns}
    spare = [name for name in present if name not in wanted]
    only = spare[0] if len(spare) == len(absent) == 1 else None
    return [_absent(block, column, present, only or nearest(column, spare)) for column in absent]


def _absent(block: Source, column: str, present: list[str], guess: str | None) -> ArchitectureError:
    return ArchitectureError(
        "MLA502",
        f"{origin(block)} has no column `{column}`" + (f"; did you mean `{shortened(guess)}`?" if guess else ""),
        at=f"source.{block.name}.schema.{column}",
        help=f"it has {names(map(shortened, present), 20)}",
    )


def _malformed(block: Source, problem: Exception, root: Path) -> ArchitectureError:
    file, kind = data_file(block, root), type(block.connector).__name__
    lines = str(problem).splitlines() or [type(problem).__name__]
    found = misfit(file, block.connector.separator) if isinstance(block.connector, Csv) and file is not None else None
    return ArchitectureError(
        "MLA507",
        f"{origin(block)} cannot be read: {found or shortened(lines[0], 200)}",
        at=f"source.{block.name}.connector",
        help=_KINDS.get(kind, "look at its value"),
    )
