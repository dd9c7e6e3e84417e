"""The one table of model metrics: gates, targets, baselines and documents all name these.

Formulas are scikit-learn's of the same name unless said otherwise; `thresholded` metrics use `model.threshold`.
"""

from __future__ import annotations

import msgspec

from .blocks.system import Problem


class MetricKind(msgspec.Struct, frozen=True):
    """A metric of a model: for which problems it exists, which way is better, and the values that it can take."""

    name: str
    problems: tuple[Problem, ...]
    greater_is_better: bool
    low: float | None
    high: float | None
    thresholded: bool
    doc: str


_C, _R = (Problem.CLASSIFICATION,), (Problem.REGRESSION,)

METRICS: dict[str, MetricKind] = {
    metric.name: metric
    for metric in (
        MetricKind("roc_auc", _C, True, 0, 1, False, "Area under the ROC curve; one-vs-rest, macro-averaged over more than two classes."),
        MetricKind(
            "average_precision", _C, True, 0, 1, False, "Area under the precision-recall curve; macro-averaged over more than two classes."
        ),
        MetricKind("accuracy", _C, True, 0, 1, True, "Share of right answers."),
        MetricKind("balanced_accuracy", _C, True, 0, 1, True, "Mean recall over the classes."),
        MetricKind(
            "precision", _C, True, 0, 1, True, "Share of right answers among the positive ones; macro-averaged over more than two classes."
        ),
        MetricKind(
            "recall", _C, True, 0, 1, True, "Share of the positive cases that are found; macro-averaged over more than two classes."
        ),
        MetricKind("f1", _C, True, 0, 1, True, "Harmonic mean of precision and recall; macro-averaged over more than two classes."),
        MetricKind("log_loss", _C, False, 0, None, False, "Negative log-likelihood of the true class."),
        MetricKind("brier", _C, False, 0, 2, False, "Mean squared error of the probabilities (binary: of the positive class)."),
        MetricKind("rmse", _R, False, 0, None, False, "Root of the mean squared error, in the label's unit."),
        MetricKind("mae", _R, False, 0, None, False, "Mean absolute error, in the label's unit."),
        MetricKind("r2", _R, True, None, 1, False, "Share of the variance that is explained."),
    )
}


def metrics_for(problem: Problem) -> dict[str, MetricKind]:
    """Return the metrics that a model of this problem type emits."""
    return {name: metric for name, metric in METRICS.items() if problem in metric.problems}


#: How far groups of rows are apart: of the classes that a model predicts, so that a classification alone has them.
FAIRNESS: dict[str, MetricKind] = {
    metric.name: metric
    for metric in (
        MetricKind("demographic_parity_difference", _C, False, 0, 1, True, "Difference of the shares of positive answers."),
        MetricKind("equal_opportunity_difference", _C, False, 0, 1, True, "Difference of the recalls."),
        MetricKind("equalized_odds_difference", _C, False, 0, 1, True, "The larger difference of recall and of false positive rate."),
        MetricKind("demographic_parity_ratio", _C, True, 0, 1, True, "Smallest share of positive answers by the largest."),
    )
}
