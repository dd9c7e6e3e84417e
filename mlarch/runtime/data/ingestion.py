"""Ingestion: a source becomes a Parquet file with exactly the schema's columns and types, named by its contents."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

import polars as pl

from ...architecture.blocks.source import Source
from ...architecture.errors import ArchitectureError
from ...architecture.lock import Lock
from ...architecture.types import Column, ColumnType, ValueKind
from ...language.suggest import names, nearest
from ..artifacts import Dataset
from ..features.tables import POLARS_TYPES
from ..state import State, disk_space, kill_point
from .reading import data_file, origin, scan, temporal

TRUE, FALSE = ("true", "True", "TRUE", "1", "yes"), ("false", "False", "FALSE", "0", "no")


def ingest(lock: Lock, source: str, state: State, *, sample: float | None = None, table: Any = None) -> Dataset:
    """Read a source, give its columns the schema's types, and keep it as Parquet.

    `sample` is the share of rows to keep, 0 to 1, the same ones every time. Raises ArchitectureError (MLA501 to MLA507) when the data
    are missing, malformed, or lack a column.
    """
    block = lock.architecture.source[source]
    frame = _collect(_conform(scan(block, lock.root, table), block), block)
    if sample is not None:
        frame = frame.sample(fraction=sample, seed=0)
    if frame.is_empty():
        raise ArchitectureError(
            "MLA506", f"{origin(block)} has no rows", at=f"source.{source}.connector", help="an empty table cannot be built on"
        )
    for column in block.schema.columns:
        if frame[column.name].null_count() == len(frame) and not column.nullable:
            raise ArchitectureError(
                "MLA504",
                f"every value of `{column.name}` is missing",
                at=f"source.{source}.schema.{column.name}",
                help=f"is it empty in {origin(block)}? Remove it from the schema, or repair the data",
            )
    return _keep(frame, block, lock, state, sample)


def source_digest(lock: Lock, source: str) -> str:
    """Return the SHA-256 of the source's data file, or an empty text where it reads none: a cheap look for changes."""
    file = data_file(lock.architecture.source[source], lock.root)
    if file is None or not file.is_file():
        return ""
    digest = hashlib.sha256()
    with file.open("rb") as data:
        while block := data.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def read(dataset: Dataset, root: Path) -> pl.DataFrame:
    """Return the rows of a dataset.

    Raises ArchitectureError (MLA608) when the file is gone.
    """
    try:
        return pl.read_parquet(root / dataset.path)
    except FileNotFoundError:
        raise ArchitectureError(
            "MLA608", f"{dataset.path} is gone", at=f"source.{dataset.source}", help="run again: it will be ingested anew"
        ) from None


def _conform(frame: pl.LazyFrame, block: Source) -> pl.LazyFrame:
    """Keep the schema's columns, in its order and with its types; a missing one is an error."""
    try:
        present = frame.collect_schema()
    except (pl.exceptions.PolarsError, UnicodeDecodeError, OSError) as problem:
        raise _malformed(block, problem) from None
    for column in block.schema.columns:
        if column.name not in present:
            guess = nearest(column.name, present.names())
            raise ArchitectureError(
                "MLA502",
                f"{origin(block)} has no column `{column.name}`" + (f"; did you mean `{guess}`?" if guess else ""),
                at=f"source.{block.name}.schema.{column.name}",
                help=f"it has {names(present.names(), 20)}",
            )
    return frame.select(_typed(column, present[column.name]) for column in block.schema.columns)


def _typed(column: Column, held: pl.DataType) -> pl.Expr:
    """Cast one column; a value that does not fit stays behind as a mark that `_collect` turns into a message."""
    found, wanted = pl.col(column.name), POLARS_TYPES[column.type]
    if temporal(column.type):
        if held == pl.String:
            found = found.str.to_datetime(time_unit="us", time_zone="UTC", strict=False)
        else:
            found = found.cast(pl.Datetime("us"), strict=False) if held == pl.Date else found
            zone = getattr(held, "time_zone", None)
            found = found.dt.cast_time_unit("us") if held != pl.Date else found
            found = found.dt.convert_time_zone("UTC") if zone else found.dt.replace_time_zone("UTC")
    elif column.type is ColumnType.BOOL and held == pl.String:
        found = pl.when(found.is_in(TRUE)).then(True).when(found.is_in(FALSE)).then(False)
    elif column.type is ColumnType.INT and held == pl.String:
        found = found.str.strip_chars().cast(wanted, strict=False)
    else:
        found = (
            found.str.strip_chars().cast(wanted, strict=False)
            if held == pl.String and column.kind is ValueKind.NUMBER
            else found.cast(wanted, strict=False)
        )
    if column.type is ColumnType.FLOAT:
        found = pl.when(found.is_finite()).then(found)  # NaN and infinity are missing values
    lost = pl.col(column.name).is_not_null() & found.is_null()
    if column.type is ColumnType.FLOAT and held.is_float():
        lost = pl.lit(False)
    return pl.struct(found.alias("value"), pl.when(lost).then(pl.col(column.name).cast(pl.String)).alias("lost")).alias(column.name)


def _collect(frame: pl.LazyFrame, block: Source) -> pl.DataFrame:
    try:
        rows = frame.collect()
    except (pl.exceptions.PolarsError, UnicodeDecodeError, OSError) as problem:
        raise _malformed(block, problem) from None
    for column in block.schema.columns:
        lost = rows[column.name].struct.field("lost").drop_nulls()
        if len(lost):
            examples = ", ".join(f'"{value}"' for value in lost.unique(maintain_order=True).head(3))
            raise ArchitectureError(
                "MLA503",
                f"`{column.name}` is declared {column.type}, and {len(lost)} of {len(rows)} values are not: {examples}",
                at=f"source.{block.name}.schema.{column.name}",
                help="change the type in the schema, or repair the data",
            )
    return rows.select(pl.col(column.name).struct.field("value").alias(column.name) for column in block.schema.columns)


def _malformed(block: Source, problem: Exception) -> ArchitectureError:
    first = str(problem).splitlines()[0]
    return ArchitectureError(
        "MLA507",
        f"{origin(block)} cannot be read: {first}",
        at=f"source.{block.name}.connector",
        help=f"is it a {type(block.connector).__name__} file in UTF-8?",
    )


def _keep(frame: pl.DataFrame, block: Source, lock: Lock, state: State, sample: float | None) -> Dataset:
    digest = content_digest(frame)
    path = state.path("data", block.name, f"{digest[:16]}.parquet")
    if not path.exists():
        temporary = path.with_name(f".{path.name}.{os.getpid()}")
        with disk_space():
            frame.write_parquet(temporary)
            kill_point("data.table")
            os.replace(temporary, path)
    dataset = Dataset(
        source=block.name,
        path=path.relative_to(lock.root).as_posix(),
        digest=digest,
        rows=len(frame),
        columns=tuple(frame.columns),
        bytes=path.stat().st_size,
        origin=origin(block),
        sample=sample,
    )
    state.write_value(path.with_suffix(".json"), dataset, "data.manifest")
    return dataset


def content_digest(frame: pl.DataFrame) -> str:
    """Return the SHA-256 of a table's names, types and values: the same rows give the same digest, whatever file they came from."""
    digest = hashlib.sha256(repr(list(frame.schema.items())).encode())
    for column in frame.columns:
        series = frame[column].to_physical()
        digest.update(series.is_null().to_numpy().tobytes())
        if series.dtype == pl.String:
            digest.update(series.str.len_bytes().fill_null(0).to_numpy().tobytes())
            digest.update("".join(series.drop_nulls()).encode("utf-8", "surrogatepass"))
        else:
            digest.update(series.fill_null(False if series.dtype == pl.Boolean else 0).to_numpy().tobytes())
    return digest.hexdigest()
