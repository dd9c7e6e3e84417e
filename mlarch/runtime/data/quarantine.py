"""Quarantine: rows that break a rule are set aside, with the rules that they break, where the file allows it."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from ...architecture.blocks.source import Source
from ...architecture.errors import ArchitectureError
from ..artifacts import Dataset
from ..state import Unnamed
from .connectors.rows import of_frame
from .damage import undamaged
from .rules import rules_of
from .writing import TableWriter

#: The column that names the rules that a row breaks.
BROKEN = "broken"


class Quarantine:
    """Sets rows aside, batch by batch; a rule that needs the whole table (that an id is unique) sets none aside."""

    def __init__(self, block: Source, schema: pl.Schema, file: Unnamed) -> None:
        self.block = block
        self.file = file
        self.rules = [rule for rule in rules_of(block) if rule.alone]
        self.read, self.kept_apart = 0, 0
        self._writer = TableWriter(file.temporary, pl.Schema({**schema, BROKEN: pl.String()}))

    def __call__(self, batch: pl.DataFrame) -> pl.DataFrame:
        """Return the rows of a batch that keep every rule, and write the others down."""
        names = [pl.when(rule.bad.fill_null(False)).then(pl.lit(rule.name)) for rule in self.rules]
        told = batch.select(pl.concat_str(names, separator=", ", ignore_nulls=True).alias(BROKEN))[BROKEN] if names else None
        self.read += len(batch)
        bad = told != "" if told is not None else None
        if told is None or bad is None or not bad.any():
            return batch
        apart = batch.with_columns(told).filter(bad)
        self.kept_apart += len(apart)
        self._writer.write(apart)
        return batch.filter(~bad)

    def carry_on(self, before: Dataset, root: Path) -> None:
        """Take over the rows that the version before had set aside."""
        if before.quarantine is None:
            return
        with undamaged(before.quarantine, f"source.{self.block.name}"):
            for batch in of_frame(pl.scan_parquet(root / before.quarantine)).batches([*before.columns, BROKEN]):
                self._writer.write(batch)
        self.read += before.quarantined
        self.kept_apart += before.quarantined

    def ended(self, digest: str) -> Path:
        """End the file, and name it by the digest of the rows that were kept; return where it will be.

        Raises ArchitectureError (MLA514) when more rows were set aside than the file allows.
        """
        self._writer.close()
        limit = self.block.quarantine
        share = self.kept_apart / self.read if self.read else 0.0
        if limit is not None and not limit.holds(share):
            raise ArchitectureError(
                "MLA514",
                f"{self.kept_apart:,} of {self.read:,} rows break a rule ({share:.3g}), and `quarantine {limit}` allows fewer",
                at=f"source.{self.block.name}.quarantine",
                help="without `quarantine`, a run shows which rule and which rows: repair the data, or allow more",
            )
        return self.file.named(f"{digest[:16]}.parquet")
