"""What every family's module offers: fitting on matrices, keeping the result in files, and scoring."""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, cast

import numpy as np
import numpy.typing as npt

from ...architecture.blocks.system import Problem
from ...architecture.errors import ArchitectureError
from ...architecture.families import Family, family_named

Matrix = npt.NDArray[np.float64]


@dataclass(frozen=True)
class TrainingData:
    """What an estimator is fitted on: `matrix` is [rows, features] with NaN for missing, `label` is class numbers or values, [rows].

    `validation` is the same for early stopping, or None. `threads` is the number of cores that may be used.
    """

    problem: Problem
    matrix: Matrix
    label: npt.NDArray[Any]
    classes: int
    settings: Mapping[str, Any]
    threads: int
    seed: int
    validation: tuple[Matrix, npt.NDArray[Any]] | None = None


class Saved(Protocol):
    """What can be written into a bundle."""

    def save(self, folder: Path) -> None:
        """Write the model into a folder, without pickle."""
        ...


class Estimator(Saved, Protocol):
    """A fitted model."""

    def scores(self, matrix: Matrix) -> Matrix:
        """Return probabilities of the positive class [n], of every class [n, classes], or values [n]."""
        ...

    def score_one(self, row: Sequence[float | None]) -> Any:
        """Return the score of one row: a float, or a list of probabilities. Missing features are None."""
        ...


class FamilyModule(Protocol):
    """A family's module."""

    def fit(self, data: TrainingData) -> Estimator:
        """Fit an estimator."""
        ...

    def load(self, folder: Path, problem: Problem, classes: int) -> Estimator:
        """Read a fitted estimator back; one thread is used for scoring."""
        ...


def module_of(name: str, at: str | None = None) -> FamilyModule:
    """Return the module of a family.

    Raises ArchitectureError (MLA602) when its library is not installed.
    """
    family = family_named(name)
    try:
        return cast(FamilyModule, importlib.import_module(f"mlarch.runtime.models.{name}"))
    except ModuleNotFoundError as problem:
        raise missing_library(family, problem, at) from None


def missing_library(family: Family, problem: ModuleNotFoundError, at: str | None) -> ArchitectureError:
    """Say how to install what a family needs."""
    wanted = f"mlarch[{family.extra}]" if family.extra else str(problem.name)
    return ArchitectureError(
        "MLA602", f"`{family.name}` needs {family.library}, which is not installed", at=at, help=f"pip install '{wanted}'"
    )


def within_float32(matrix: Matrix) -> Matrix:
    """Return a matrix whose values a 32-bit float can hold, for libraries that compare in 32 bits and fail on an infinity."""
    largest = float(np.finfo(np.float32).max)
    return np.clip(matrix, -largest, largest)


def one_row(row: Sequence[float | None]) -> Matrix:
    """Return a row as a [1, features] matrix, missing values as NaN."""
    return np.array([[np.nan if value is None else value for value in row]], dtype=np.float64)
