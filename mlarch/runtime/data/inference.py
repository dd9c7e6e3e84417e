"""Inferring a schema from a data file: the types are those that ingestion will read, the ranges those of the values, a little widened."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from ...architecture.blocks.source import Connector, Csv, JsonLines, Parquet, Schema, Source
from ...architecture.errors import ArchitectureError
from ...architecture.types import Column, ColumnType
from .conforming import FALSE, TRUE
from .connectors.files import check_text, data_files, unchecked

#: A text column with at most so many different values, each of them repeated, is a category whose values are listed.
MOST_CATEGORIES = 20
#: Above it, with values repeated ten times on average, it is a category whose values are not listed.
REPEATED = 10
#: Beyond these a range could not be written in plain digits, and is left out.
LARGEST, SMALLEST = 1e15, 1e-9
#: Words of the language that stand for themselves in an expression.
_TAKEN = ("true", "false", "null")
_SEPARATORS = (",", ";", "\t", "|")
_ID = re.compile(r"(?i:id|uuid|guid|key|index|row)|.*(_id|_uuid|_key|[a-z]I[dD])")
_WHOLE = r"^\s*-?(0|[1-9]\d{0,17})\s*$"
_CODE = r"^\s*-?0\d"
_DATE = r"^\d{4}-\d{2}-\d{2}$"
_NUMBERS = (pl.Float32, pl.Float64, pl.Decimal)


@dataclass(frozen=True)
class Inferred:
    """What a data file looks like.

    `values` has the different values of each column that has few of them, the rarest first; `left_out` says of each column that the
    schema does not take why not.
    """

    connector: Connector
    columns: tuple[Column, ...]
    rows: int
    distinct: Mapping[str, int]
    values: Mapping[str, tuple[str, ...]]
    left_out: Mapping[str, str]


def infer(file: Path, written: str) -> Inferred:
    """Return the schema that fits a file; `written` is its path as the connector will name it.

    Raises ArchitectureError when the file is missing (MLA501), has no rows (MLA506), is not a table (MLA507), or has columns whose names
    cannot be used (MLA508).
    """
    frame = _read(file)
    _names_usable(frame.columns, file.name)
    if frame.is_empty():
        raise ArchitectureError("MLA506", f"{file.name} has no rows", help="a schema is inferred from rows: give some")
    columns, left_out = [], {}
    for name in frame.columns:
        found = _column(frame[name])
        if isinstance(found, Column):
            columns.append(found)
        else:
            left_out[name] = found
    kept = [column.name for column in columns]
    distinct = {name: frame[name].drop_nulls().n_unique() for name in kept}
    values = {name: _rarest_first(frame[name]) for name in kept if distinct[name] <= MOST_CATEGORIES}
    return Inferred(connector_of(file, written), tuple(columns), len(frame), distinct, values, left_out)


def connector_of(file: Path, written: str) -> Connector:
    """Return the connector that reads a file, told by its suffix.

    Raises ArchitectureError (MLA507) for a suffix that no connector reads.
    """
    match file.suffix.lower():
        case ".csv" | ".tsv" | ".txt":
            return Csv(written, _separator(file))
        case ".parquet" | ".pq":
            return Parquet(written)
        case ".jsonl" | ".ndjson":
            return JsonLines(written)
    raise ArchitectureError(
        "MLA507",
        f"{file.name} is of a kind that no connector reads",
        help="give a .csv, .tsv, .parquet or .jsonl file with one row for each thing predicted",
    )


def _separator(file: Path) -> str:
    """The separator that the header line has most of; a comma where it has none."""
    try:
        with file.open(encoding="utf-8-sig", errors="replace") as text:
            header = text.readline()
    except OSError:
        return ","
    return max(_SEPARATORS, key=header.count)


def _read(file: Path) -> pl.DataFrame:
    """The rows as ingestion sees them before it casts anything."""
    source = Source(name="data", connector=connector_of(file, file.name), schema=Schema(columns=()))
    try:
        (found,) = data_files(source, file.parent)
        if not isinstance(source.connector, Parquet):
            check_text(found, file.name, source)
        return unchecked(source.connector, found).collect()
    except ArchitectureError as problem:
        raise ArchitectureError(problem.code, problem.message, help=problem.help) from None
    except (pl.exceptions.PolarsError, UnicodeDecodeError, OSError) as problem:
        first = str(problem).splitlines()[0]
        raise ArchitectureError(
            "MLA507", f"{file.name} cannot be read: {first}", help="is it a table with a header line, in UTF-8?"
        ) from None


def _names_usable(names: list[str], file: str) -> None:
    """Column names become field names of requests, so that they are identifiers; a reader renames the second of two equal ones."""
    repeated = [match[1] for name in names if (match := re.fullmatch(r"(.*)_duplicated_\d+", name)) and match[1] in names]
    if repeated:
        raise ArchitectureError("MLA508", f"{file} has two columns named `{repeated[0]}`", help="rename one of them in the header")
    odd = [name for name in names if not name.isidentifier() or name in _TAKEN]
    if odd:
        changes = ", ".join(f"`{name}` to `{usable(name)}`" for name in odd[:8]) + (f", and {len(odd) - 8} more" if len(odd) > 8 else "")
        what = f"{len(odd)} column names are" if len(odd) > 1 else f"the column name `{odd[0]}` is"
        raise ArchitectureError("MLA508", f"{what} not usable in {file}: a name has letters, digits and `_`", help=f"rename {changes}")


def usable(name: str) -> str:
    """Return a name that can be used, as near to the given one as possible."""
    word = re.sub(r"\W+", "_", name).strip("_") or "column"
    return f"_{word}" if word[0].isdigit() else f"{word}_" if word in _TAKEN else word


def _column(series: pl.Series) -> Column | str:
    """The column of a schema, or why there is none."""
    present = series.drop_nulls()
    if present.is_empty():
        return "every value is missing"
    kind = _kind(present)
    if kind is None:
        return f"values are nested ({series.dtype})"
    typed = present.str.strip_chars() if present.dtype == pl.String and kind in (ColumnType.INT, ColumnType.FLOAT) else present
    low, high = _range(typed.cast(pl.Float64), kind) if kind in (ColumnType.INT, ColumnType.FLOAT) else (None, None)
    nullable = len(present) < len(series) or (kind is ColumnType.FLOAT and not typed.cast(pl.Float64).is_finite().all())
    if kind in (ColumnType.INT, ColumnType.STRING) and not nullable and _ID.fullmatch(series.name) and series.n_unique() == len(series):
        return Column(name=series.name, type=ColumnType.ID)
    if kind is ColumnType.STRING:
        return _text(series.name, present, nullable)
    return Column(name=series.name, type=kind, nullable=nullable, low=low, high=high)


def _kind(present: pl.Series) -> ColumnType | None:
    """The type of the values that are there; None for nested ones."""
    dtype = present.dtype
    if dtype == pl.Boolean:
        return ColumnType.BOOL
    if dtype.is_integer():
        return ColumnType.INT
    if dtype in _NUMBERS:
        return ColumnType.FLOAT
    if dtype == pl.Date:
        return ColumnType.DATE
    if isinstance(dtype, pl.Datetime):
        return ColumnType.TIMESTAMP
    if dtype == pl.String:
        return _kind_of_text(present)
    return ColumnType.STRING if dtype in (pl.Categorical, pl.Enum) else None


def _kind_of_text(present: pl.Series) -> ColumnType:
    words = set(present.unique().head(16).to_list())
    if words <= {*TRUE, *FALSE} and not words <= {"0", "1"}:
        return ColumnType.BOOL
    if present.str.contains(_WHOLE).all():
        return ColumnType.INT
    numbers = present.str.strip_chars().cast(pl.Float64, strict=False)
    # Of texts, ingestion takes finite numbers only: `inf` in a file is a word.
    if numbers.null_count() == 0 and numbers.is_finite().all() and not present.str.contains(_CODE + r"\d*\s*$").any():
        return ColumnType.FLOAT
    if present.str.contains(_DATE).all() and _is_time(present):
        return ColumnType.DATE
    return ColumnType.TIMESTAMP if present.str.contains(r"^\d{4}-\d{2}-\d{2}[T ]").all() and _is_time(present) else ColumnType.STRING


def _is_time(present: pl.Series) -> bool:
    """Whether ingestion will read every value as a time."""
    try:
        return present.str.to_datetime(time_unit="us", time_zone="UTC", strict=False).null_count() == 0
    except pl.exceptions.PolarsError:
        return False


def _text(name: str, present: pl.Series, nullable: bool) -> Column:
    distinct = present.n_unique()
    values = tuple(sorted(present.cast(pl.String).unique().to_list())) if distinct <= MOST_CATEGORIES else ()
    if values and 2 * distinct <= len(present) and all(value.isprintable() and "${" not in value for value in values):
        return Column(name=name, type=ColumnType.CATEGORY, nullable=nullable, categories=values)
    kind = ColumnType.CATEGORY if distinct * REPEATED <= len(present) else ColumnType.STRING
    return Column(name=name, type=kind, nullable=nullable)


def _range(numbers: pl.Series, kind: ColumnType) -> tuple[float | None, float | None]:
    """The range of the values, a tenth wider at each end and rounded outwards; what is never negative stays so."""
    finite = numbers.filter(numbers.is_finite())
    if finite.is_empty():
        return None, None
    ends = finite.min(), finite.max()
    low, high = float(str(ends[0])), float(str(ends[1]))
    span = high - low or abs(high) or 1.0
    if max(abs(low), abs(high)) > LARGEST or span < SMALLEST:
        return None, None
    step = 10.0 ** (math.floor(math.log10(span)) - 1)
    step = max(1.0, step) if kind is ColumnType.INT else step
    bottom = math.floor((low - span / 10) / step) * step
    top = math.ceil((high + span / 10) / step) * step
    return _neat(max(bottom, 0.0) if low >= 0 else bottom), _neat(top)


def _neat(number: float) -> float:
    return float(f"{number:.12g}")


def _rarest_first(series: pl.Series) -> tuple[str, ...]:
    counts = series.drop_nulls().cast(pl.String).value_counts(name="rows").rows()
    return tuple(str(value) for value, _ in sorted(counts, key=lambda pair: (pair[1], pair[0])))
