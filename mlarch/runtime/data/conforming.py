"""Conforming: the rows of a file get the schema's columns and types, or a message that shows what does not fit."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import polars as pl

from ...architecture.blocks.source import Csv, Source
from ...architecture.errors import ArchitectureError
from ...architecture.expressions import word
from ...architecture.types import Column, ColumnType, ValueKind
from ...language.suggest import names, nearest
from ..artifacts import Repair
from ..features.tables import POLARS_TYPES, TIME
from .connectors.files import data_files
from .reading import origin, temporal
from .text import misfit
from .times import times

TRUE, FALSE = ("true", "True", "TRUE", "1", "yes"), ("false", "False", "FALSE", "0", "no")
LONGEST = 80
#: So many of the values that do not fit are shown.
EXAMPLES = 3
_KINDS = {
    "Csv": "is it a CSV file with a header line and this separator?",
    "JsonLines": "is it one JSON object a line?",
    "Parquet": "is it a whole Parquet file?",
}
UNREADABLE = (pl.exceptions.PolarsError, UnicodeDecodeError, OSError)


class Conforming:
    """Gives one batch after another exactly those columns of the schema that there are, in its order and with its types.

    What does not fit is remembered over all batches: how many values, and the first of them.
    """

    def __init__(self, block: Source, names: Collection[str]) -> None:
        self.block = block
        self.columns = [column for column in block.schema.columns if column.name in names]
        self.rows = 0
        self.lost: dict[str, int] = {}
        self.shown: dict[str, list[str]] = {}
        self.cast = block.clean.cast if block.clean else ()

    def __call__(self, batch: pl.DataFrame) -> pl.DataFrame:
        """Return the rows of a batch with the types of the schema; what does not fit is missing."""
        typed = batch.select(_typed(column, batch.schema[column.name]) for column in self.columns)
        for column in self.columns:
            # A value never comes from nothing: where no more is missing than before, none was lost.
            if typed[column.name].null_count() > batch[column.name].null_count():
                self._lost(column, batch[column.name], typed[column.name])
        self.rows += len(batch)
        return typed

    def _lost(self, column: Column, given: pl.Series, found: pl.Series) -> None:
        there = given.is_not_null() & found.is_null()
        if given.dtype.is_float():
            there &= given.is_not_nan()
            if column.type is ColumnType.FLOAT:
                there &= given.is_finite()  # infinity is a missing value, as NaN is
        values = given.filter(there)
        if values.is_empty():
            return
        self.lost[column.name] = self.lost.get(column.name, 0) + len(values)
        shown = self.shown.setdefault(column.name, [])
        texts = pl.Series(["a list or an object"]) if given.dtype.is_nested() else values.cast(pl.String).unique(maintain_order=True)
        shown += [text for text in texts.head(EXAMPLES) if text not in shown][: EXAMPLES - len(shown)]

    def unfit(self) -> list[ArchitectureError]:
        """Return what is said of each column with values that do not fit and are not to be set to missing."""
        return [self._unfit(column) for column in self.columns if column.name in self.lost and column.name not in self.cast]

    def _unfit(self, column: Column) -> ArchitectureError:
        examples = ", ".join(f'"{shortened(value)}"' for value in self.shown[column.name])
        return ArchitectureError(
            "MLA503",
            f"`{column.name}` is declared {column.type}, and {self.lost[column.name]} of {self.rows} values are not: {examples}",
            at=f"source.{self.block.name}.schema.{column.name}",
            help="change the type in the schema, or repair the data",
        )

    def repairs(self) -> tuple[Repair, ...]:
        """Return how many values of each column in `cast` were set to missing."""
        at = f"source.{self.block.name}.clean.cast"
        named = [column.name for column in self.columns if column.name in self.cast]
        return tuple(Repair(rule=f"cast {word(name)}", at=at, rows=self.lost.get(name, 0)) for name in named)


def misnamed(names: Sequence[str], block: Source) -> list[ArchitectureError]:
    """Return what is wrong with the columns of a table by their names alone: one is there twice (MLA508), or missing (MLA502).

    Without any column there are no rows to tell them from (MLA506).
    """
    return list(hollow(0, {}, block)) if not names else list(_twice(block, names)) or _missing(block, names)


def hollow(rows: int, missing: Mapping[str, int], block: Source) -> Iterator[ArchitectureError]:
    """Yield what is said of a table without rows (MLA506), and of each of its columns without a value that must have one (MLA504).

    `missing` are the numbers of missing values by column.
    """
    if not rows:
        yield ArchitectureError(
            "MLA506", f"{origin(block)} has no rows", at=f"source.{block.name}.connector", help="an empty table cannot be built on"
        )
        return
    for column in block.schema.columns:
        if missing.get(column.name) == rows and not column.nullable:
            yield ArchitectureError(
                "MLA504",
                f"every value of `{column.name}` is missing",
                at=f"source.{block.name}.schema.{column.name}",
                help=f"is it empty in {origin(block)}? Remove it from the schema, or repair the data",
            )


@contextmanager
def readable(block: Source, root: Path) -> Iterator[None]:
    """Turn what a reader says of a file that it cannot read into the user's message (MLA507)."""
    try:
        yield
    except UNREADABLE as problem:
        raise _malformed(block, problem, root) from None


def shortened(text: str, longest: int = LONGEST) -> str:
    """Return a text from the data as a message can show it: printable, and not too long."""
    shown = "".join(char if char.isprintable() else " " if char == "\t" else "�" for char in text[: longest + 1])
    return shown if len(shown) <= longest else f"{shown[:longest]}…"


def _twice(block: Source, present: Sequence[str]) -> Iterator[ArchitectureError]:
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
    given = pl.col(column.name)
    if isinstance(held, (pl.Categorical, pl.Enum)):
        given, held = given.cast(pl.String), pl.String()
    found = pl.lit(None, POLARS_TYPES[column.type]) if held.is_nested() else _cast(column, given, held)
    return found.alias(column.name)


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
        return given.map_batches(times, return_dtype=TIME)
    if held == pl.Date:
        return given.cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    if isinstance(held, pl.Datetime):
        found = given.dt.cast_time_unit("us")
        return found.dt.convert_time_zone("UTC") if held.time_zone else found.dt.replace_time_zone("UTC")
    return pl.lit(None, POLARS_TYPES[ColumnType.TIMESTAMP])


def _missing(block: Source, present: Sequence[str]) -> list[ArchitectureError]:
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


def _absent(block: Source, column: str, present: Sequence[str], guess: str | None) -> ArchitectureError:
    return ArchitectureError(
        "MLA502",
        f"{origin(block)} has no column `{column}`" + (f"; did you mean `{shortened(guess)}`?" if guess else ""),
        at=f"source.{block.name}.schema.{column}",
        help=f"it has {names(map(shortened, present), 20)}",
    )


def _malformed(block: Source, problem: Exception, root: Path) -> ArchitectureError:
    kind = type(block.connector).__name__
    lines = str(problem).splitlines() or [type(problem).__name__]
    path, found = _misfit(block, root) or (origin(block), shortened(lines[0], 200))
    return ArchitectureError(
        "MLA507",
        f"{path} cannot be read: {found}",
        at=f"source.{block.name}.connector",
        help=_KINDS.get(kind, "look at its value"),
    )


def _misfit(block: Source, root: Path) -> tuple[str, str] | None:
    """The file and the line that has more values than its header has names."""
    if not isinstance(block.connector, Csv):
        return None
    for file in data_files(block, root):
        found = misfit(file, block.connector.separator)
        if found is not None:
            return file.relative_to(root).as_posix() if file.is_relative_to(root) else origin(block), found
    return None
