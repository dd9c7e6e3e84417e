"""Logistic regression: fitted by scikit-learn, kept and scored as plain numbers."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ...architecture.blocks.system import Problem
from .estimator import Matrix, TrainingData

#: Beyond it sums would leave the finite numbers, and the probabilities are 0 and 1 long before.
LARGEST = 1e150


class LinearClassifier:
    """Weights [classes or 1, features] and intercepts [classes or 1]; the link is the logistic function or softmax."""

    def __init__(self, weights: Matrix, intercepts: Matrix) -> None:
        self.weights = weights
        self.intercepts = intercepts
        self._rows = [(tuple(row), float(intercept)) for row, intercept in zip(weights.tolist(), intercepts.tolist(), strict=True)]

    def scores(self, matrix: Matrix) -> Matrix:
        margins = self._margins(matrix)
        if len(self._rows) == 1:
            return np.asarray(1.0 / (1.0 + np.exp(-np.clip(margins[:, 0], -700, 700))))
        with np.errstate(over="ignore"):
            margins = np.exp(margins - margins.max(axis=1, keepdims=True))
        return np.asarray(margins / margins.sum(axis=1, keepdims=True))

    def _margins(self, matrix: Matrix) -> Matrix:
        with np.errstate(over="ignore", invalid="ignore"):
            margins = matrix @ self.weights.T + self.intercepts
        beyond = ~np.isfinite(margins).all(axis=1)
        margins[beyond] = np.clip(matrix[beyond], -LARGEST, LARGEST) @ self.weights.T + self.intercepts
        return np.asarray(margins)

    def score_one(self, row: Sequence[float | None]) -> float | list[float]:
        # For one row plain Python is several times faster than numpy; a missing value makes the score missing.
        values = [math.nan if value is None else value for value in row]
        margins = self._margins_of(values)
        if not all(map(math.isfinite, margins)):
            margins = self._margins_of([min(max(value, -LARGEST), LARGEST) for value in values])
        if len(margins) == 1:
            return 1.0 / (1.0 + math.exp(-min(max(margins[0], -700.0), 700.0)))
        top = max(margins)
        powers = [math.exp(margin - top) for margin in margins]
        total = sum(powers)
        return [power / total for power in powers]

    def _margins_of(self, values: list[float]) -> list[float]:
        return [sum(map(_times, weights, values)) + intercept for weights, intercept in self._rows]

    def save(self, folder: Path) -> None:
        (folder / "weights.json").write_text(json.dumps({"weights": self.weights.tolist(), "intercepts": self.intercepts.tolist()}))


def _times(left: float, right: float) -> float:
    return left * right


def fit(data: TrainingData) -> LinearClassifier:
    """Fit by scikit-learn's `LogisticRegression` (L-BFGS)."""
    from sklearn.linear_model import LogisticRegression

    estimator = LogisticRegression(**data.settings, random_state=data.seed)
    estimator.fit(data.matrix, data.label)
    return LinearClassifier(np.asarray(estimator.coef_, dtype=np.float64), np.asarray(estimator.intercept_, dtype=np.float64))


def load(folder: Path, problem: Problem, classes: int) -> LinearClassifier:
    """Read the weights back."""
    saved = json.loads((folder / "weights.json").read_text())
    return LinearClassifier(np.array(saved["weights"]), np.array(saved["intercepts"]))
