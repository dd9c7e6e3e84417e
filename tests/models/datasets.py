"""The data sets that come with scikit-learn, split once, as the families take them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from sklearn import datasets
from sklearn.model_selection import train_test_split

from mlarch.architecture.blocks.system import Problem
from mlarch.architecture.families import family_named
from mlarch.runtime.models.estimator import TrainingData

#: Each data set: how it is loaded, its problem, its classes, and a baseline that a real model beats and a shuffled label never does.
#: Accuracy for classifications (the share of the largest class is 0.63, 0.40, 0.34), R² for the regression.
DATASETS = {
    "cancer": (datasets.load_breast_cancer, Problem.CLASSIFICATION, 2, 0.85),
    "wine": (datasets.load_wine, Problem.CLASSIFICATION, 3, 0.75),
    "iris": (datasets.load_iris, Problem.CLASSIFICATION, 3, 0.75),
    "diabetes": (datasets.load_diabetes, Problem.REGRESSION, 0, 0.10),
}


@dataclass(frozen=True)
class Held:
    """Rows that training did not see."""

    matrix: Any
    label: Any


@cache
def _table(name: str) -> tuple[Any, Any]:
    matrix, label = DATASETS[name][0](return_X_y=True)
    return (matrix - matrix.mean(axis=0)) / matrix.std(axis=0), label


def given(
    family: str, name: str, *, seed: int = 0, shuffled: bool = False, validation: bool = False, **settings: Any
) -> tuple[TrainingData, Held]:
    """Return what a family is fitted on, and the rows held back. `shuffled` takes the meaning out of the label."""
    matrix, label = _table(name)
    if shuffled:
        label = np.random.default_rng(seed).permutation(label)
    _, problem, classes, _ = DATASETS[name]
    train, test, answers, truth = train_test_split(matrix, label, test_size=0.3, random_state=seed, stratify=label if classes else None)
    held_back = None
    if validation:
        train, later, answers, after = train_test_split(train, answers, test_size=0.25, random_state=seed)
        held_back = (later, after)
    values = family_named(family).settings(settings)
    return TrainingData(problem, train, answers, classes, values, threads=1, seed=seed, validation=held_back), Held(test, truth)


def skill(data: TrainingData, held: Held, scores: Any) -> float:
    """Return accuracy, or R² for a regression."""
    if data.problem is Problem.REGRESSION:
        return float(1 - ((scores - held.label) ** 2).sum() / ((held.label - held.label.mean()) ** 2).sum())
    answers = scores.argmax(axis=1) if scores.ndim == 2 else scores >= 0.5
    return float((answers == held.label).mean())
