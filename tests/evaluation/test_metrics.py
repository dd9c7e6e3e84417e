"""Metrics are what their definitions say, by plain Python, and what scikit-learn gives."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from matplotlib import image
from sklearn import metrics as formulas

from mlarch.architecture.blocks.system import Problem
from mlarch.architecture.metrics import METRICS, metrics_for
from mlarch.runtime.evaluation.metrics import measure
from mlarch.runtime.evaluation.plots import draw


def binary(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Labels and probabilities, with ties among them."""
    draw = np.random.default_rng(seed)
    label = draw.integers(0, 2, 200)
    return label, np.clip(np.round(0.3 * label + draw.random(200) * 0.7, 2), 0, 1)


def several(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Labels of three classes and probabilities that add up to 1."""
    draw = np.random.default_rng(seed)
    label = draw.integers(0, 3, 150)
    raw = draw.random((150, 3)) + np.eye(3)[label]
    return label, raw / raw.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("threshold", [0.5, 0.3, 0.8])
def test_binary_metrics_follow_their_definitions(seed: int, threshold: float) -> None:
    """Counted and summed by hand, every metric of two classes comes out the same; those that are thresholded move with the threshold."""
    label, scores = binary(seed)
    found = measure(Problem.CLASSIFICATION, label, scores, threshold)
    pairs = list(zip(label.tolist(), scores.tolist(), strict=True))
    yes, no = [s for t, s in pairs if t], [s for t, s in pairs if not t]
    hit = sum(s >= threshold for s in yes)
    false = sum(s >= threshold for s in no)
    precision, recall = hit / (hit + false), hit / len(yes)
    wanted = {
        "roc_auc": sum((a > b) + 0.5 * (a == b) for a in yes for b in no) / (len(yes) * len(no)),
        "accuracy": (hit + len(no) - false) / len(pairs),
        "balanced_accuracy": (recall + (len(no) - false) / len(no)) / 2,
        "precision": precision,
        "recall": recall,
        "f1": 2 * precision * recall / (precision + recall),
        "brier": sum((s - t) ** 2 for t, s in pairs) / len(pairs),
        "average_precision": formulas.average_precision_score(label, scores),
    }
    tiny = np.finfo(float).eps
    wanted["log_loss"] = -sum(math.log(min(max(s if t else 1 - s, tiny), 1)) for t, s in pairs) / len(pairs)
    assert found == pytest.approx(wanted, rel=1e-9)


@pytest.mark.parametrize("seed", range(3))
def test_metrics_of_several_classes_follow_their_definitions(seed: int) -> None:
    """Macro averages over the classes, one against the rest; the answer is the most probable class, whatever the threshold."""
    label, scores = several(seed)
    found = measure(Problem.CLASSIFICATION, label, scores, 0.9)
    assert found == measure(Problem.CLASSIFICATION, label, scores, 0.1)
    answers = scores.argmax(axis=1)
    one = [measure(Problem.CLASSIFICATION, (label == each).astype(int), scores[:, each], 0.5) for each in range(3)]
    recall = [float((answers[label == each] == each).mean()) for each in range(3)]
    precision = [float((label[answers == each] == each).mean()) for each in range(3)]
    wanted = {
        "roc_auc": np.mean([each["roc_auc"] for each in one]),
        "average_precision": np.mean([each["average_precision"] for each in one]),
        "accuracy": float((answers == label).mean()),
        "balanced_accuracy": np.mean(recall),
        "precision": np.mean(precision),
        "recall": np.mean(recall),
        "f1": np.mean([2 * p * r / (p + r) for p, r in zip(precision, recall, strict=True)]),
        "log_loss": -np.mean(np.log(scores[np.arange(len(label)), label])),
        "brier": np.mean(((scores - np.eye(3)[label]) ** 2).sum(axis=1)),
    }
    assert found == pytest.approx(wanted, rel=1e-9)


def test_regression_metrics_follow_their_definitions() -> None:
    """Errors in the label's unit, and the share of the variance that is explained."""
    draw = np.random.default_rng(0)
    label = draw.normal(size=100)
    values = label + draw.normal(size=100) * 0.3
    wanted = {
        "rmse": math.sqrt(((label - values) ** 2).mean()),
        "mae": np.abs(label - values).mean(),
        "r2": 1 - ((label - values) ** 2).sum() / ((label - label.mean()) ** 2).sum(),
    }
    assert measure(Problem.REGRESSION, label, values, 0.5) == pytest.approx(wanted, rel=1e-9)


@pytest.mark.parametrize(("problem", "data"), [(Problem.CLASSIFICATION, binary(1)), (Problem.CLASSIFICATION, several(1))])
def test_every_metric_of_the_table_is_measured_within_its_ends(problem: Problem, data: tuple[np.ndarray, np.ndarray]) -> None:
    """What the table of metrics promises is emitted, no more and no less, and lies between the ends that it states."""
    found = measure(problem, *data, 0.5)
    assert set(found) == set(metrics_for(problem))
    for name, value in found.items():
        low, high = METRICS[name].low, METRICS[name].high
        assert (low is None or value >= low) and (high is None or value <= high)
    assert set(measure(Problem.REGRESSION, np.arange(3.0), np.zeros(3), 0.5)) == set(metrics_for(Problem.REGRESSION))


def test_greater_is_better_where_the_table_says_so() -> None:
    """A better answer moves every metric the way that the table calls better."""
    label, scores = binary(2)
    better = np.clip(scores + 0.2 * (2 * label - 1), 0, 1)
    worse, good = (measure(Problem.CLASSIFICATION, label, each, 0.5) for each in (scores, better))
    assert all((good[name] > worse[name]) == METRICS[name].greater_is_better for name in good)
    truth = np.arange(10.0)
    worse, good = (measure(Problem.REGRESSION, truth, truth + each, 0.5) for each in (2.0, 1.0))
    assert all((good[name] > worse[name]) == METRICS[name].greater_is_better for name in good)


PLOTS = {
    "binary": (Problem.CLASSIFICATION, binary(1), ("no", "yes"), {"roc.png", "precision_recall.png", "calibration.png", "confusion.png"}),
    "several": (Problem.CLASSIFICATION, several(1), ("a", "b", "c"), {"confusion.png"}),
    "values": (Problem.REGRESSION, (np.arange(9.0), np.arange(9.0) + 1), (), {"residuals.png"}),
}


@pytest.mark.parametrize("kind", PLOTS)
def test_plots_are_pictures_and_the_same_for_the_same_figures(kind: str, tmp_path: Path) -> None:
    """Each problem has its plots, as PNG files of some size with something drawn, byte for byte the same a second time."""
    problem, (label, scores), classes, wanted = PLOTS[kind]
    for folder in ("first", "second"):
        (tmp_path / folder).mkdir()
        assert set(draw(problem, label, scores, 0.5, classes, tmp_path / folder)) == wanted
    for name in wanted:
        file = tmp_path / "first" / name
        assert file.read_bytes().startswith(b"\x89PNG\r\n\x1a\n") and file.read_bytes() == (tmp_path / "second" / name).read_bytes()
        picture = image.imread(file)
        assert picture.shape[0] > 300 and picture.shape[1] > 300 and len(np.unique(picture.reshape(-1, picture.shape[2]), axis=0)) > 10
