"""The rows of a source on their way to a new version."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import polars as pl

from ...architecture.blocks.source import Source
from ...architecture.errors import ArchitectureError
from ..artifacts import Dataset, Repair, SourceFile, Stream
from .cleaning import Cleaning
from .conforming import Conforming
from .connectors import Rows
from .sampling import Sampling
from .streams import rows_of, said_of, summed


class Passage:
    """Rows as a connector gives them: typed, sampled and repaired, batch by batch; of a stream those of the version before go ahead."""

    def __init__(
        self,
        block: Source,
        rows: Rows,
        root: Path,
        sample: float | None = None,
        before: Dataset | None = None,
        files: tuple[SourceFile, ...] = (),
    ) -> None:
        self.block, self.rows, self.root, self.sample, self.before, self.files = block, rows, root, sample, before, files
        self.conforming = Conforming(block, rows.names)
        self.cleaning = Cleaning(block)
        self.sampling = Sampling(sample) if sample is not None else None

    def batches(self) -> Iterator[pl.DataFrame]:
        """Yield the rows that are kept."""
        if self.before is not None:
            yield from rows_of(self.before, self.root)
        for batch in self.rows.batches([column.name for column in self.conforming.columns]):
            typed = self.conforming(batch)
            yield self.cleaning(typed if self.sampling is None else self.sampling(typed))

    def unfit(self) -> list[ArchitectureError]:
        """Return what is said of values that are not of their type."""
        return self.conforming.unfit()

    def repairs(self, copies: tuple[Repair, ...]) -> tuple[Repair, ...]:
        """Return what was repaired, rule by rule, the copies that were left out among it."""
        done = (*self.conforming.repairs(), *self.cleaning.repairs(), *copies)
        return summed(self.before.repairs, done) if self.before is not None else done

    def stream(self) -> Stream | None:
        """Return how far a stream is read now; a sample of it is no part of it."""
        if self.rows.offsets is None or self.sample is not None:
            return None
        return Stream(offsets=dict(self.rows.offsets.reached), said=said_of(self.block))


class Excerpt:
    """A sample of a version, whose rows are typed and repaired."""

    before = None

    def __init__(self, version: Dataset, root: Path, sample: float) -> None:
        self.version, self.root, self.sample, self.files = version, root, sample, version.files

    def batches(self) -> Iterator[pl.DataFrame]:
        """Yield the rows that are kept."""
        yield from map(Sampling(self.sample), rows_of(self.version, self.root))

    def unfit(self) -> list[ArchitectureError]:
        """Return nothing: every value is of its type."""
        return []

    def repairs(self, copies: tuple[Repair, ...]) -> tuple[Repair, ...]:
        """Return the repairs of the version."""
        return self.version.repairs

    def stream(self) -> Stream | None:
        """Return None: nothing is read on from a sample."""
        return None
