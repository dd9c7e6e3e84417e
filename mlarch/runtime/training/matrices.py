"""The matrices of a model, one for each part of the split, written batch by batch; what is said of them is found on the way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from ...architecture.program import FeatureProgram
from ..artifacts import Part
from ..data.batches import Batches, Some
from ..data.digest import Digest
from ..data.writing import TableWriter
from ..features.fitting import InTraining, fit_batches
from ..features.tables import apply
from .splitting import PARTS, Rows

LABEL = "__label__"
TRAIN, TEST = PARTS.index("train"), PARTS.index("test")


@dataclass(frozen=True)
class Divided:
    """Observations, the label of each as a number, and the place of its part in PARTS; `kind` is that of labels in a matrix."""

    observations: Batches
    label: pl.Series
    kind: pl.DataType
    part: npt.NDArray[np.uint8]

    @classmethod
    def of(cls, observations: Batches, label: pl.Series, kind: pl.DataType, rows: dict[str, Rows]) -> Divided:
        """Note of each row in which part it is: a byte, where row numbers take four."""
        part = np.zeros(len(label), np.uint8)
        for place, name in enumerate(PARTS):
            part[rows[name]] = place
        return cls(observations, label, kind, part)

    @cached_property
    def train(self) -> Some:
        """The training rows."""
        return Some(self.observations, self.part == TRAIN)

    def told(self, part: str, classes: int) -> Part:
        """Return how many rows a part has and, where there are two classes, the share of the second."""
        label = self.label.filter(self.part == PARTS.index(part))
        mean = label.mean()
        return Part(rows=len(label), positive=float(mean) if classes == 2 and isinstance(mean, (int, float)) else None)

    def fitted(self, program: FeatureProgram, seed: int) -> tuple[FeatureProgram, InTraining]:
        """Return the program fitted on the training rows, and what gives their features."""
        rows = self.train
        one = [column.name for column in program.inputs[:1]]
        return fit_batches(
            program, lambda names: (rows.batch(number, names or one) for number in range(rows.count)), self.label.filter(rows.wanted), seed
        )


@dataclass(frozen=True)
class Features:
    """What gives the features of a batch of observations: of training rows otherwise than of all others."""

    divided: Divided
    program: FeatureProgram
    in_training: InTraining
    raw: tuple[str, ...]

    @property
    def schema(self) -> pl.Schema:
        """The columns of a matrix."""
        return pl.Schema({**dict.fromkeys(self.program.names, pl.Float64()), LABEL: self.divided.kind})

    def of(self, number: int) -> list[pl.DataFrame]:
        """Return the rows of a batch: a matrix for each part, and the test rows as a request would bring them."""
        divided, program = self.divided, self.program
        values = [value.name for history in program.histories for value in history.values]
        rows = divided.observations.batch(number, [*self.raw, *values])
        begun = divided.observations.before(number)
        part, label = divided.part[begun : begun + len(rows)], divided.label.slice(begun, len(rows))
        found = []
        for place in range(len(PARTS)):
            wanted = part == place
            some = rows.filter(wanted)
            made = self.in_training(some, divided.train.before(number)) if place == TRAIN else apply(program, some)
            found.append(made.with_columns(label.filter(wanted).cast(divided.kind).alias(LABEL)))
        return [*found, rows.filter(part == TEST).select(self.raw)]


class Matrix:
    """A Parquet file that is written batch by batch; `missing` counts the missing values of each column so far."""

    def __init__(self, file: Path, schema: pl.Schema) -> None:
        self.digest = Digest(schema)
        self.missing = Counter[str]()
        self._writer = TableWriter(file, schema)

    def write(self, rows: pl.DataFrame) -> None:
        """Add rows."""
        self.digest.update(rows)
        self.missing.update({column.name: column.null_count() for column in rows.get_columns()})
        self._writer.write(rows)

    def close(self) -> None:
        """End the file."""
        self._writer.close()


def write(folder: Path, schema: pl.Schema, raw: pl.Schema, batches: Iterable[list[pl.DataFrame]]) -> dict[str, Matrix]:
    """Write the matrices and the raw test rows of all batches, and return the matrices by part."""
    matrices = {part: Matrix(folder / f"{part}.parquet", schema) for part in PARTS}
    rows = Matrix(folder / "test_rows.parquet", raw)
    files = [*matrices.values(), rows]
    for batch in batches:
        for file, table in zip(files, batch, strict=True):
            file.write(table)
    for file in files:
        file.close()
    return matrices
