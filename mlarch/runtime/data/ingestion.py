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
from ..artifacts import Dataset
from ..state import State, made_anew, read_value
from .conforming import hollow, misnamed, readable
from .connectors import Asked, open_source
from .copies import Copies
from .damage import undamaged
from .digest import Digest, content_digest
from .originals import originals
from .passages import Excerpt, Passage
from .pinned import kept, not_kept
from .pins import DIGITS, pins_of
from .quarantine import Quarantine
from .reading import origin, schema_of
from .streams import read_before
from .writing import write_batches

__all__ = ["content_digest", "ingest", "read", "read_table", "source_digest", "undamaged"]


def ingest(lock: Lock, source: str, state: State, *, sample: float | None = None, table: Any = None) -> Dataset:
    """Read a source, give its columns the schema's types, repair what it says is to be repaired, and keep it as Parquet.

    `sample` is the share of rows to keep, 0 to 1, the same ones every time. Where a version is pinned it is taken instead, and the source
    is not read. Raises ArchitectureError (MLA501 to MLA517) when the data are missing, malformed, or lack a column.
    """
    block, root = lock.architecture.source[source], lock.root
    pin = pins_of(root).get(source)
    if pin is None:
        return _ingested(block, root, state, sample, table)
    held = kept(pin, block, root)
    if held is not None:
        return held if sample is None else _written(block, root, state, Excerpt(held, root, sample))
    given = _ingested(block, root, state, None, table) if sample is None else None
    if given is None or given.digest != pin.digest:
        raise not_kept(pin, block, given)
    return given


def _ingested(block: Source, root: Path, state: State, sample: float | None, table: Any) -> Dataset:
    before = read_before(block, state) if sample is None else None
    since = before.stream.offsets if before is not None and before.stream is not None else {}
    with readable(block, root):
        rows = open_source(block, root, Asked(table=table, since=since))
    if before is not None and rows.offsets is not None and rows.offsets.reached == rows.offsets.ends:
        return before
    try:
        for problem in misnamed(rows.names, block):
            raise problem
        return _written(block, root, state, Passage(block, rows, root, sample, before, originals(block, root)))
    finally:
        rows.close()


def _written(block: Source, root: Path, state: State, passage: Passage | Excerpt) -> Dataset:
    """Write the rows of a passage, and then what is known of them."""
    schema, folder = schema_of(block), state.path("data", block.name, "table").parent
    with (
        _set_aside(block, schema, state, passage) as aside,
        state.named_later(folder, "data.table") as file,
        Copies(block, folder) as copies,
        readable(block, root),
    ):
        batches = copies.left_out(schema, passage.batches())
        held = _Kept(schema)
        write_batches(file.temporary, schema, held.counted(map(aside, batches) if aside is not None else batches))
        for problem in (*passage.unfit(), *hollow(held.digest.rows, held.missing, block)):
            raise problem
        digest = held.digest.hexdigest()
        apart = aside.ended(digest) if aside is not None else None
        path = file.named(f"{digest[:DIGITS]}.parquet")
    dataset = Dataset(
        source=block.name,
        path=path.relative_to(root).as_posix(),
        digest=digest,
        rows=held.digest.rows,
        columns=tuple(schema),
        bytes=path.stat().st_size,
        origin=origin(block),
        sample=passage.sample,
        repairs=passage.repairs(copies.repairs()),
        quarantine=apart.relative_to(root).as_posix() if apart is not None else None,
        quarantined=aside.kept_apart if aside is not None else 0,
        stream=passage.stream(),
        files=passage.files,
    )
    manifest = path.with_suffix(".json")
    if read_value(manifest, Dataset) != dataset:  # else it says since when there are these rows
        state.write_value(manifest, dataset, "data.manifest")
    return dataset


@contextmanager
def _set_aside(block: Source, schema: pl.Schema, state: State, passage: Passage | Excerpt) -> Iterator[Quarantine | None]:
    """Give the place for rows that break a rule, where the file asks for one; it is kept when the rows that keep the rules are."""
    if block.quarantine is None:
        yield None
        return
    with state.named_later(state.path("quarantine", block.name, "rows").parent, "data.table") as file:
        aside = Quarantine(block, schema, file)
        if passage.before is not None:
            aside.carry_on(passage.before, state.root)
        yield aside


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
    """Return the SHA-256 of the source's data files, or an empty text where it reads none: a cheap look for changes.

    Where a version is pinned, it is that one.
    """
    block = lock.architecture.source[source]
    try:
        pin = pins_of(lock.root).get(source)
        if pin is not None:
            return f"pinned to {pin.digest}"
        files = originals(block, lock.root)
    except (ArchitectureError, OSError):
        return ""
    if len(files) < 2:
        return "".join(file.digest for file in files)
    return hashlib.sha256("".join(f"{file.path}\n{file.digest}\n" for file in files).encode()).hexdigest()


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
