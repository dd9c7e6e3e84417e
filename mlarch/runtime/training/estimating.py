"""Fitting an estimator on prepared matrices: in this process, or on one node of the cluster that the training names."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import polars as pl

from ...architecture.errors import ArchitectureError
from ...architecture.families import family_named
from ...architecture.lock import Lock
from ...architecture.pipeline import Pipeline
from ..artifacts import Prepared
from ..data.ingestion import undamaged
from ..data.rooms import Room
from ..models.bundle import to_matrix
from ..models.estimator import Saved, TrainingData, module_of
from ..state import made_anew
from .cluster import on_cluster
from .matrices import LABEL
from .preparation import read_part

#: How many training rows are scored to see that the estimator works.
SOME = 1000
Read = Callable[[str], tuple[pl.DataFrame, pl.Series]]


@contextmanager
def fitted(lock: Lock, pipeline: Pipeline, prepared: Prepared) -> Iterator[tuple[Saved, float]]:
    """Fit the estimator, and give it to be saved before the block ends, with the seconds that fitting took.

    Raises ArchitectureError (MLA609) when the estimator fails, MLA608 when a matrix is damaged, and of a cluster as `on_cluster` does.
    """
    if pipeline.hardware.cluster is None:
        yield fit(pipeline, prepared, partial(read_part, lock.root, prepared))
        return
    with on_cluster(lock, pipeline) as cluster:
        with made_anew(lock.root / prepared.folder):
            for part in ("train", "validation"):
                path = f"{prepared.folder}/{part}.parquet"
                with undamaged(path, f"model.{pipeline.name}"):
                    cluster.room.bring(lock.root / path, f"{part}.parquet")
            names, seconds = cluster.once(partial(_fit_there, pipeline, prepared))
        yield _Files(cluster.room, names), seconds


def fit(pipeline: Pipeline, prepared: Prepared, read: Read) -> tuple[Saved, float]:
    """Fit on the parts that `read` gives, in this process; return the estimator, and the seconds."""
    data = _data(pipeline, prepared, read)
    family = family_named(pipeline.model.family or "")
    started = time.perf_counter()
    try:
        estimator = module_of(family.name).fit(data)
        if not np.isfinite(estimator.scores(data.matrix[:SOME])).all():
            raise ArithmeticError("it gives no finite scores")
    except (ValueError, ArithmeticError, np.linalg.LinAlgError) as problem:
        first = str(problem).splitlines()[0]
        raise ArchitectureError(
            "MLA609",
            f"`{family.name}` could not be fitted: {first}",
            at=f"model.{pipeline.name}",
            help="look at the features and the hyperparameters",
        ) from None
    return estimator, time.perf_counter() - started


def _data(pipeline: Pipeline, prepared: Prepared, read: Read) -> TrainingData:
    features, label = read("train")
    classes = len(prepared.classes)
    kind = np.int64 if classes else np.float64
    validation = None
    if prepared.parts["validation"].rows:
        held, answers = read("validation")
        validation = (to_matrix(held), answers.to_numpy().astype(kind))
    return TrainingData(
        problem=pipeline.problem,
        matrix=to_matrix(features),
        label=label.to_numpy().astype(kind),
        classes=classes,
        settings=family_named(pipeline.model.family or "").settings(pipeline.model.hyperparameters.values),
        threads=max(1, min(pipeline.hardware.cpu, os.cpu_count() or 1)),
        seed=pipeline.training.split.seed,
        validation=validation,
    )


def _fit_there(pipeline: Pipeline, prepared: Prepared, room: Room) -> tuple[tuple[str, ...], float]:
    """Fit on a node, and leave the files of the estimator in the room; return their names, and the seconds."""

    def read(part: str) -> tuple[pl.DataFrame, pl.Series]:
        room.fetch(f"{part}.parquet", folder / part)
        with undamaged(f"{prepared.folder}/{part}.parquet", f"model.{pipeline.name}"):
            table = pl.read_parquet(folder / part)
        return table.drop(LABEL), table[LABEL]

    with tempfile.TemporaryDirectory(prefix="mlarch-") as name:
        folder = Path(name)
        estimator, seconds = fit(pipeline, prepared, read)
        made = folder / "made"
        made.mkdir()
        estimator.save(made)
        files = sorted(made.iterdir())
        for file in files:
            room.bring(file, file.name)
        return tuple(file.name for file in files), seconds


@dataclass(frozen=True)
class _Files:
    """An estimator that lies in a room, file by file."""

    room: Room
    names: tuple[str, ...]

    def save(self, folder: Path) -> None:
        """Copy the files."""
        for name in self.names:
            self.room.fetch(name, folder / name)
