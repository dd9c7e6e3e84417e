"""Where features are built: on this machine, all at once where the rows fit into its memory, else batch by batch.

Every way gives the same bits; only memory and time differ. `cluster` has the same for many machines.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import polars as pl

from ...architecture.pipeline import Pipeline
from ...architecture.program import FeatureProgram
from ..artifacts import Dataset
from ..data.batches import Batches, Held, Stored
from ..data.ingestion import read
from ..data.rooms import Room
from ..features.histories.offline import with_histories
from ..features.histories.partitions import Answers, answered, in_turn, parts_of
from .matrices import Features

#: A table is worked on at once where its columns, values of histories and features, eight bytes each, take no more of this machine's
#: memory than this. What is computed on the way takes two or three times as much.
SHARE = 1 / 16
#: Else so many rows are read at once: a few row groups of a dataset.
BATCH = 1 << 20


class Place(Protocol):
    """Where features are built."""

    def tables(self, pipeline: Pipeline, datasets: Mapping[str, Dataset]) -> dict[str, Batches]:
        """Return the rows of every source that a model reads."""
        ...

    def observed(self, program: FeatureProgram, observations: Batches, tables: Mapping[str, Batches], names: Sequence[str]) -> Batches:
        """Return the observations, of which the columns named will be read, with what was known at their moments."""
        ...

    def made(self, features: Features) -> Iterator[list[pl.DataFrame]]:
        """Return the features of every batch, in order."""
        ...


@dataclass(frozen=True)
class Here:
    """This machine. `root` is the folder that paths are relative to; `scratch` is an empty folder, there as long as this is used."""

    root: Path
    scratch: Path

    def tables(self, pipeline: Pipeline, datasets: Mapping[str, Dataset]) -> dict[str, Batches]:
        """Return each source in memory, or each in its file."""
        if fits(pipeline, datasets):
            return {name: Held(read(datasets[name], self.root)) for name in pipeline.sources}
        return {name: Stored(datasets[name].rows, BATCH, self.root, datasets[name].path, f"source.{name}") for name in pipeline.sources}

    def observed(self, program: FeatureProgram, observations: Batches, tables: Mapping[str, Batches], names: Sequence[str]) -> Batches:
        """Join in memory what is in memory, and by partitions through files what is not."""
        if not program.histories:
            return observations
        if all(table.count == 1 for table in tables.values()):
            events = {name: _events(program, name, table) for name, table in tables.items()}
            return Held(with_histories(program, observations.batch(0, names), events))
        rows = max(table.before(table.count) for table in (observations, *tables.values()))
        return Observed(observations, answered(program, observations, tables, Room.local(self.scratch), parts_of(rows), in_turn))

    def made(self, features: Features) -> Iterator[list[pl.DataFrame]]:
        """Compute one batch after another."""
        return map(features.of, range(features.divided.observations.count))


@dataclass(frozen=True)
class Observed:
    """Observations with the values that a program takes from histories, as answered before."""

    observations: Batches
    answers: Answers

    @property
    def count(self) -> int:
        return self.observations.count

    def before(self, number: int) -> int:
        """Return how many rows come before a batch."""
        return self.observations.before(number)

    def batch(self, number: int, columns: Sequence[str]) -> pl.DataFrame:
        """Return columns of a batch: the rows' own, and values of histories."""
        values = self.answers.batch(number, columns)
        own = [name for name in columns if name not in self.answers.names]
        return (self.observations.batch(number, own).with_columns(values) if own else pl.DataFrame(values)).select(columns)


def fits(pipeline: Pipeline, datasets: Mapping[str, Dataset]) -> bool:
    """Tell whether what a model is prepared from is small beside this machine's memory."""
    values = sum(len(history.values) for history in pipeline.program.histories)
    rows = max(datasets[name].rows for name in pipeline.sources)
    columns = max(len(datasets[name].columns) for name in pipeline.sources)
    return rows * (columns + values + len(pipeline.program.features)) * 8 <= SHARE * _memory()


def _memory() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def _events(program: FeatureProgram, source: str, table: Batches) -> pl.DataFrame:
    """Return what the histories of a source read of its rows."""
    read = dict.fromkeys(column.name for history in program.histories if history.source == source for column in history.columns)
    return table.batch(0, list(read))
