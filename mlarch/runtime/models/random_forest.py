"""Random forest: scikit-learn's, kept by skops with the types that it may hold named one by one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ...architecture.blocks.system import Problem
from .estimator import Matrix, TrainingData, one_row, within_float32

# What a forest consists of, beyond what skops trusts by itself; a file that holds anything else is refused.
_TRUSTED = ["sklearn.tree._tree.Tree", "numpy.dtype"]


class Forest:
    """A fitted forest and what it answers; a row with a missing value has no score."""

    def __init__(self, forest: Any, problem: Problem, classes: int) -> None:
        self.forest = forest
        self.problem = problem
        self.classes = classes

    def scores(self, matrix: Matrix) -> Matrix:
        missing = np.asarray(np.isnan(matrix).any(axis=1))
        scores = self._scores(within_float32(np.where(missing.reshape(-1, 1), 0.0, matrix)))
        scores[missing] = np.nan  # the library would send them one way or the other, which no training row has taught it
        return scores

    def _scores(self, matrix: Matrix) -> Matrix:
        if self.problem is Problem.REGRESSION:
            return np.asarray(self.forest.predict(matrix), dtype=np.float64)
        probabilities = np.asarray(self.forest.predict_proba(matrix), dtype=np.float64)
        return probabilities[:, 1] if self.classes == 2 else probabilities

    def score_one(self, row: Sequence[float | None]) -> Any:
        return self.scores(one_row(row))[0].tolist()

    def save(self, folder: Path) -> None:
        import skops.io

        skops.io.dump(self.forest, folder / "forest.skops")


def fit(data: TrainingData) -> Forest:
    """Fit scikit-learn's forest for the problem."""
    from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

    settings = dict(data.settings)
    if data.problem is Problem.REGRESSION:
        settings.pop("class_weight")
    kind = RandomForestRegressor if data.problem is Problem.REGRESSION else RandomForestClassifier
    forest = kind(**settings, n_jobs=data.threads, random_state=data.seed)
    forest.fit(within_float32(data.matrix), data.label)
    return Forest(forest, data.problem, data.classes)


def load(folder: Path, problem: Problem, classes: int) -> Forest:
    """Read the forest back. Raises skops' UntrustedTypesFoundException for a file that holds anything but a forest."""
    import skops.io

    forest = skops.io.load(folder / "forest.skops", trusted=_TRUSTED)
    forest.n_jobs = 1
    return Forest(forest, problem, classes)
