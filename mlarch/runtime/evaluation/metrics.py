"""Metrics: the formulas behind the names in `mlarch.architecture.metrics`."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn import metrics as formulas

from ...architecture.blocks.system import Problem

Vector = npt.NDArray[Any]


def measure(problem: Problem, label: Vector, scores: Vector, threshold: float) -> dict[str, float]:
    """Return every metric of the problem type.

    `label` is class numbers or values [n]; `scores` is probabilities of the positive class [n], of every class [n, classes], or values [n].
    """
    if problem is Problem.REGRESSION:
        return _regression(label, scores)
    return _binary(label, scores, threshold) if scores.ndim == 1 else _multiclass(label, scores)


def answers(scores: Vector, threshold: float) -> Vector:
    """Return the class number of each row: at or above the threshold, or the most probable one."""
    return (scores >= threshold).astype(np.int64) if scores.ndim == 1 else scores.argmax(axis=1)


def _binary(label: Vector, scores: Vector, threshold: float) -> dict[str, float]:
    return _plain(
        roc_auc=formulas.roc_auc_score(label, scores),
        average_precision=formulas.average_precision_score(label, scores),
        log_loss=formulas.log_loss(label, scores, labels=[0, 1]),
        brier=np.mean((scores - label) ** 2),
        **_answered(label, answers(scores, threshold), "binary"),
    )


def _multiclass(label: Vector, scores: Vector) -> dict[str, float]:
    classes = np.arange(scores.shape[1])
    truth = (label[:, None] == classes).astype(np.float64)
    return _plain(
        roc_auc=formulas.roc_auc_score(label, scores, multi_class="ovr", average="macro", labels=classes),
        average_precision=formulas.average_precision_score(truth, scores, average="macro"),
        log_loss=formulas.log_loss(label, scores, labels=classes),
        brier=np.mean(np.sum((scores - truth) ** 2, axis=1)),
        **_answered(label, answers(scores, 0.5), "macro"),
    )


def _answered(label: Vector, given: Vector, average: str) -> dict[str, Any]:
    return {
        "accuracy": formulas.accuracy_score(label, given),
        "balanced_accuracy": formulas.balanced_accuracy_score(label, given),
        "precision": formulas.precision_score(label, given, average=average, zero_division=0),
        "recall": formulas.recall_score(label, given, average=average, zero_division=0),
        "f1": formulas.f1_score(label, given, average=average, zero_division=0),
    }


def _regression(label: Vector, scores: Vector) -> dict[str, float]:
    return _plain(
        rmse=formulas.root_mean_squared_error(label, scores),
        mae=formulas.mean_absolute_error(label, scores),
        r2=formulas.r2_score(label, scores),
    )


def _plain(**found: Any) -> dict[str, float]:
    return {name: float(value) for name, value in found.items()}
