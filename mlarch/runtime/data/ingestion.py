"""Ingestion: a source becomes a Parquet file with exactly the schema's columns and types, named by its contents.

Rows go through in batches, so that a table may be larger than memory: read, typed, repaired, digested, written.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import polars as pl

from ...architecture.blocks.source import Source
from ...architecture.errors import ArchitectureError
from ...architecture.lock import Lock
from ..artifacts import Dataset, Repair
from ..features.tables import POLARS_TYPES
from ..state import State, made_anew, read_value
from .cleaning import Cleaning
from .conforming import Conforming, hollow, misnamed, readable
from .connectors import Rows, open_source
from .connectors.files import data_files
from .copies import Copies
from .digest import Digest, content_digest
from .quarantine import Quarantine
from .reading import origin
from .sampling import Sampling
from .writing import write_batches

__all__ = ["content_digest", "ingest", "read", "read_table", "source_digest"]


def ingest(lock: Lock, source: str, state: State, *, sample: float | None = None, table: Any = None) -> Dataset:
    """Read a source, give its columns the schema's types, repair what it says is to be repaired, and keep it as Parquet.

    `sample` is the share of rows to keep, 0 to 1, the same ones every time. Raises ArchitectureError (MLA501 to MLA511) when the data
    are missing, malformed, or lack a column.
    """
    block = lock.architecture.source[source]
    with readable(block, lock.root):
        rows = open_source(block, lock.root, table)
    for problem in misnamed(rows.names, block):
        raise problem
    passage = Passage(block, rows, sample)
    schema = pl.Schema({column.name: POLARS_TYPES[column.type] for column in block.schema.columns})
    folder = state.path("data", block.name, "table").parent
    with (
        _set_aside(block, schema, state) as aside,
        state.named_later(folder, "data.table") as file,
        Copies(block, folder) as copies,
        readable(block, lock.root),
    ):
        batches = copies.left_out(schema, passage.batches())
        kept = _Kept(schema)
        write_batches(file.temporary, schema, kept.counted(map(aside, batches) if aside is not None else batches))
        for problem in (*passage.conforming.unfit(), *hollow(kept.digest.rows, kept.missing, block)):
            raise problem
        digest = kept.digest.hexdigest()
        apart = aside.ended(digest) if aside is not None else None
        path = file.named(f"{digest[:16]}.parquet")
    dataset = Dataset(
        source=block.name,
        path=path.relative_to(lock.root).as_posix(),
        digest=digest,
        rows=kept.digest.rows,
        columns=tuple(schema),
        bytes=path.stat().st_size,
        origin=origin(block),
        sample=sample,
        repairs=(*passage.repairs(), *copies.repairs()),
        quarantine=apart.relative_to(lock.root).as_posix() if apart is not None else None,
        quarantined=aside.kept_apart if aside is not None else 0,
    )
    manifest = path.with_suffix(".json")
    if read_value(manifest, Dataset) != dataset:  # else it says since when there are these rows
        state.write_value(manifest, dataset, "data.manifest")
    return dataset


@contextmanager
def _set_aside(block: Source, schema: pl.Schema, state: State) -> Iterator[Quarantine | None]:
    """Give the place for rows that break a rule, where the file asks for one; it is kept when the rows that keep the rules are."""
    if block.quarantine is None:
        yield None
        return
    with state.named_later(state.path("quarantine", block.name, "rows").parent, "data.table") as file:
        yield Quarantine(block, schema, file)


class Passage:
    """The rows of a source on their way: typed, sampled and repaired, batch by batch."""

    def __init__(self, block: Source, rows: Rows, sample: float | None = None) -> None:
        self.rows = rows
        self.conforming = Conforming(block, rows.names)
        self.cleaning = Cleaning(block)
        self.sampling = Sampling(sample) if sample is not None else None

    def batches(self) -> Iterator[pl.DataFrame]:
        """Yield the rows that are kept."""
        for batch in self.rows.batches([column.name for column in self.conforming.columns]):
            typed = self.conforming(batch)
            yield self.cleaning(typed if self.sampling is None else self.sampling(typed))

    def repairs(self) -> tuple[Repair, ...]:
        """Return what was repaired so far, rule by rule."""
        return (*self.conforming.repairs(), *self.cleaning.repairs())


class _Kept:
    """What is known of the rows that were kept: their digest, and how many values are missing."""

    def __init__(self, schema: pl.Schema) -> None:
        self.digest = Digest(schema)
        self.missing = dict.fromkeys(schema, 0)

    def counted(self, batches: Iterator[pl.DataFrame]) -> Iterator[pl.DataFrame]:
        """Pass batches on, and take note of them."""
        for batch in batches:
            self.digest.update(batch)
            for name in self.missing:
                self.missing[name] += batch[name].null_count()
            yield batch


def source_digest(lock: Lock, source: str) -> str:
    """Return the SHA-256 of the source's data files, or an empty text where it reads none: a cheap look for changes."""
    block = lock.architecture.source[source]
    try:
        files = data_files(block, lock.root)
    except ArchitectureError:
        return ""
    digest = hashlib.sha256()
    for file in files:
        if len(files) > 1:
            digest.update(file.as_posix().encode())
        with file.open("rb") as data:
            while block_of := data.read(1 << 20):
                digest.update(block_of)
    return digest.hexdigest() if files else ""


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
    with undamaged(path, at):
        return pl.read_parquet(root / path)


@contextmanager
def undamaged(path: str, at: str) -> Iterator[None]:
    """Say of a table that an earlier step wrote that it is gone or damaged (MLA608), where it cannot be read."""
    try:
        yield
    except (FileNotFoundError, pl.exceptions.PolarsError) as problem:
        what = "is gone" if isinstance(problem, FileNotFoundError) else "is damaged"
        raise ArchitectureError("MLA608", f"{path} {what}", at=at, help="run again: it will be made anew") from None
