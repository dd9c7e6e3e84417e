"""Plots of an evaluation, as PNG files: what people look at before they believe a number."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib
import numpy as np

from ...architecture.blocks.system import Problem
from .metrics import Vector, answers

matplotlib.use("Agg")

from matplotlib.figure import Figure

SIZE, INK, FAINT = (4.6, 3.8), "#1f5f8b", "#b0b7bf"


def draw(problem: Problem, label: Vector, scores: Vector, threshold: float, classes: tuple[str, ...], folder: Path) -> tuple[str, ...]:
    """Draw what fits the problem type into a folder and return the file names."""
    if problem is Problem.REGRESSION:
        plots = {"residuals": _residuals(label, scores)}
    else:
        plots = {"confusion": _confusion(label, answers(scores, threshold), classes)}
        if scores.ndim == 1:
            plots = {
                "roc": _roc(label, scores),
                "precision_recall": _precision_recall(label, scores),
                "calibration": _calibration(label, scores),
                **plots,
            }
    for name, figure in plots.items():
        figure.savefig(folder / f"{name}.png", dpi=110, metadata={"Software": None})
    return tuple(f"{name}.png" for name in plots)


def _axes(title: str, x: str, y: str) -> tuple[Figure, Any]:
    figure = Figure(figsize=SIZE, layout="constrained")
    axes = figure.add_subplot()
    axes.set(title=title, xlabel=x, ylabel=y)
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def _roc(label: Vector, scores: Vector) -> Figure:
    from sklearn.metrics import roc_auc_score, roc_curve

    wrong, right, _ = roc_curve(label, scores)
    figure, axes = _axes(f"ROC, area {roc_auc_score(label, scores):.4f}", "false positive rate", "true positive rate")
    axes.plot([0, 1], [0, 1], color=FAINT, linestyle="--", linewidth=1)
    axes.plot(wrong, right, color=INK)
    return figure


def _precision_recall(label: Vector, scores: Vector) -> Figure:
    from sklearn.metrics import average_precision_score, precision_recall_curve

    precision, recall, _ = precision_recall_curve(label, scores)
    figure, axes = _axes(f"Precision and recall, average precision {average_precision_score(label, scores):.4f}", "recall", "precision")
    axes.axhline(float(np.mean(label)), color=FAINT, linestyle="--", linewidth=1)
    axes.plot(recall, precision, color=INK)
    axes.set_ylim(0, 1.02)
    return figure


def _calibration(label: Vector, scores: Vector) -> Figure:
    """Mean predicted probability against the share of positives, in ten bins of equal width."""
    bins = np.clip((scores * 10).astype(int), 0, 9)
    filled = np.unique(bins)
    figure, axes = _axes("Calibration", "predicted probability", "share of positives")
    axes.plot([0, 1], [0, 1], color=FAINT, linestyle="--", linewidth=1)
    axes.plot([scores[bins == each].mean() for each in filled], [label[bins == each].mean() for each in filled], "o-", color=INK)
    return figure


def _confusion(label: Vector, given: Vector, classes: tuple[str, ...]) -> Figure:
    counts = np.zeros((len(classes), len(classes)), dtype=int)
    np.add.at(counts, (label.astype(int), given.astype(int)), 1)
    figure, axes = _axes("Confusion", "answer", "truth")
    axes.imshow(counts, cmap="Blues")
    axes.set_xticks(range(len(classes)), classes)
    axes.set_yticks(range(len(classes)), classes)
    for row, column in np.ndindex(counts.shape):
        axes.text(
            column,
            row,
            str(counts[row, column]),
            ha="center",
            va="center",
            color="white" if counts[row, column] > counts.max() / 2 else "black",
        )
    return figure


def _residuals(label: Vector, scores: Vector) -> Figure:
    figure, axes = _axes("Residuals", "predicted", "truth minus predicted")
    axes.axhline(0, color=FAINT, linestyle="--", linewidth=1)
    axes.scatter(scores, label - scores, s=8, alpha=0.5, color=INK)
    return figure
