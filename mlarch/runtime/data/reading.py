"""Reading a source: one function a connector, each giving a lazy table as it is in the file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl

from ...architecture.blocks.source import Csv, DagsterAsset, JsonLines, Parquet, Source
from ...architecture.errors import ArchitectureError
from ...architecture.types import ColumnType
from .text import not_text

#: What a cell of a text file holds where there is no value.
MISSING = ["", "NA", "NaN", "nan", "null"]
#: How many bytes of a text file are looked at for something that is no text, where only its first rows are read.
LOOKED_AT = 1 << 26


def scan(source: Source, root: Path, table: Any = None, *, first: int | None = None) -> pl.LazyFrame:
    """Return the rows of a source, nothing cast yet; `table` is the value of the user's asset where the connector names one.

    With `first` only so many rows are read, and no more of the file than that takes.
    Raises ArchitectureError when the file is missing or is not what the connector reads.
    """
    match source.connector:
        case Csv(path, separator):
            return _csv(_text(_existing(source, root, path), source, "CSV", first), separator, first)
        case Parquet(path):
            return pl.scan_parquet(_existing(source, root, path), n_rows=first)
        case JsonLines(path):
            file = _text(_existing(source, root, path), source, "JSON Lines", first)
            return pl.scan_ndjson(file, infer_schema_length=first, n_rows=first)
        case DagsterAsset(key):
            return _table(source, root, table, key)
    raise ArchitectureError("MLA801", f"`{type(source.connector).__name__}` is not carried out yet", at=f"source.{source.name}.connector")


def origin(source: Source) -> str:
    """Return how a source is called in messages: its path, or the asset's key."""
    connector = source.connector
    return str(getattr(connector, "path", None) or getattr(connector, "key", None) or type(connector).__name__)


def data_file(source: Source, root: Path) -> Path | None:
    """Return the file that a source reads, or None where it reads none."""
    path = getattr(source.connector, "path", None)
    return None if path is None else root / path


def _existing(source: Source, root: Path, path: str) -> Path:
    file, at = root / path, f"source.{source.name}.connector"
    if file.is_file():
        return file
    what, folder = f"there is no data file {path}", f"the folder {Path(path).parent.as_posix()}/"
    if file.is_dir():
        what, help = f"{path} is a folder", "name a file in it"
    elif not file.parent.is_dir():
        help = f"{folder} does not exist beside the architecture file"
    else:
        near = sorted(each.name for each in file.parent.iterdir() if each.is_file())[:8]
        help = f"{folder} has {', '.join(near)}" if near else f"{folder} has no files"
    raise ArchitectureError("MLA501", what, at=at, help=help)


def _text(file: Path, source: Source, kind: str, first: int | None) -> Path:
    """Return the file when it is text, with something in it; where only the first rows are read, no more than their share is looked at."""
    at, path = f"source.{source.name}.connector", origin(source)
    if file.stat().st_size == 0:
        raise ArchitectureError("MLA506", f"{path} is empty", at=at, help="the first line names the columns")
    try:
        wrong = not_text(file, None if first is None else LOOKED_AT)
    except OSError as problem:
        raise ArchitectureError("MLA501", f"{path} cannot be opened: {problem.strerror}", at=at, help="who may read it?") from None
    if wrong:
        raise ArchitectureError("MLA507", f"{path} cannot be read: {wrong}", at=at, help=f"save it as a {kind} file in UTF-8")
    return file


def _csv(file: Path, separator: str, first: int | None) -> pl.LazyFrame:
    # Text stays text here: types are the schema's to give, so that `007` is not 7 and a bad value can be shown.
    return pl.scan_csv(file, separator=separator, infer_schema=False, null_values=MISSING, try_parse_dates=False, n_rows=first)


def _table(source: Source, root: Path, table: Any, key: str) -> pl.LazyFrame:
    if table is None:
        raise ArchitectureError(
            "MLA501",
            f"`{key}` is an asset of another Dagster project, and this run is not part of it",
            at=f"source.{source.name}.connector",
            help="merge the definitions: `mlarch.dagster.load(path)` in your own project",
        )
    if isinstance(table, pl.LazyFrame):
        return table
    if isinstance(table, pl.DataFrame):
        return table.lazy()
    if isinstance(table, (str, Path)):
        file = root / table
        return pl.scan_parquet(file) if file.suffix == ".parquet" else pl.scan_csv(file, infer_schema=False)
    return pl.from_pandas(table).lazy()


def temporal(kind: ColumnType) -> bool:
    """Tell whether a column type is a time."""
    return kind in (ColumnType.TIMESTAMP, ColumnType.DATE)
