"""Ingestion: a source becomes a Parquet file with exactly the schema's columns and types, named by its contents."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import polars as pl

from ...architecture.blocks.source import Source
from ...architecture.errors import ArchitectureError
from ...architecture.lock import Lock
from ..artifacts import Dataset, Repair
from ..state import State, made_anew
from .cleaning import Cleaning, without_copies
from .conforming import conform, hollow
from .reading import data_file, origin, scan


def ingest(lock: Lock, source: str, state: State, *, sample: float | None = None, table: Any = None) -> Dataset:
    """Read a source, give its columns the schema's types, repair what it says is to be repaired, and keep it as Parquet.

    `sample` is the share of rows to keep, 0 to 1, the same ones every time. Raises ArchitectureError (MLA501 to MLA508) when the data
    are missing, malformed, or lack a column.
    """
    block = lock.architecture.source[source]
    frame, cast = conform(scan(block, lock.root, table), block, lock.root)
    if sample is not None:
        frame = frame.sample(fraction=sample, seed=0)
    cleaning = Cleaning(block)
    frame, dropped = without_copies(cleaning(frame), block)
    for problem in hollow(frame, block):
        raise problem
    return _keep(frame, block, lock, state, sample, (*cast, *cleaning.repairs(), *dropped))


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

    Raises ArchitectureError (MLA608) when the file is gone or damaged.
    """
    with made_anew(root / dataset.path):
        return read_table(root, dataset.path, f"source.{dataset.source}")


def read_table(root: Path, path: str, at: str) -> pl.DataFrame:
    """Return a table that an earlier step wrote.

    Raises ArchitectureError (MLA608) when the file is gone or damaged.
    """
    try:
        return pl.read_parquet(root / path)
    except (FileNotFoundError, pl.exceptions.PolarsError) as problem:
        what = "is gone" if isinstance(problem, FileNotFoundError) else "is damaged"
        raise ArchitectureError("MLA608", f"{path} {what}", at=at, help="run again: it will be made anew") from None


def _keep(frame: pl.DataFrame, block: Source, lock: Lock, state: State, sample: float | None, repairs: tuple[Repair, ...]) -> Dataset:
    digest = content_digest(frame)
    path = state.path("data", block.name, f"{digest[:16]}.parquet")
    if not path.exists():
        with state.new_file(path, "data.table") as temporary:
            frame.write_parquet(temporary)
    dataset = Dataset(
        source=block.name,
        path=path.relative_to(lock.root).as_posix(),
        digest=digest,
        rows=len(frame),
        columns=tuple(frame.columns),
        bytes=path.stat().st_size,
        origin=origin(block),
        sample=sample,
        repairs=repairs,
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
