"""A stream is read on from where it was read to: its rows are those of the version before, and then what is new."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import polars as pl

from ...architecture.blocks.source import Kafka, Source
from ...architecture.nodes import digest
from ..artifacts import Dataset, Repair
from ..state import State, made_anew
from .connectors.rows import of_frame
from .damage import undamaged
from .versions import versions_of


def said_of(block: Source) -> str:
    """Return the digest of what decides the rows of a source: by another one a stream is read from its beginning."""
    return digest([block.connector, block.schema, block.clean, block.quarantine])


def read_before(block: Source, state: State) -> Dataset | None:
    """Return the version of a stream that was read furthest by what the file says now, or None where there is none."""
    if not isinstance(block.connector, Kafka):
        return None
    said = said_of(block)
    found = [each.dataset for each in versions_of(state, block.name)]
    held = [(sum(each.stream.offsets.values()), each) for each in found if each.stream is not None and each.stream.said == said]
    return max(held, key=lambda each: each[0])[1] if held else None


def rows_of(dataset: Dataset, root: Path) -> Iterator[pl.DataFrame]:
    """Yield the rows of a version, batch by batch.

    Raises ArchitectureError (MLA608) when the file is gone or damaged; the next run then goes by the version before it.
    """
    with made_anew(root / dataset.path), undamaged(dataset.path, f"source.{dataset.source}"):
        yield from of_frame(pl.scan_parquet(root / dataset.path)).batches(list(dataset.columns))


def summed(before: Iterable[Repair], now: Iterable[Repair]) -> tuple[Repair, ...]:
    """Return repairs with the rows that they touched before and now."""
    held = {each.rule: each.rows for each in before}
    return tuple(Repair(rule=each.rule, at=each.at, rows=each.rows + held.get(each.rule, 0)) for each in now)
