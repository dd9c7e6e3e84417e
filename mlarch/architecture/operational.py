"""The metrics of a system in operation: the one table that SLOs, alerts, rollback and circuit breakers share."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from .blocks.system import Problem
from .metrics import MetricKind, metrics_for
from .quantities import Dimension


class Origin(StrEnum):
    """What emits a metric; the value is the block that must be there."""

    REQUESTS = "deployment"  # counted by a deployment that answers requests
    WATCHED = "monitor"  # worked out by a monitor, from inputs, predictions or the labels that follow


class OperationalMetric(msgspec.Struct, frozen=True):
    """A metric of a running system: in which units a bound on it is written, and the values that it can take (in base units)."""

    name: str
    dimensions: tuple[Dimension, ...]
    low: float | None
    high: float | None
    origin: Origin
    doc: str


_SHARE = (Dimension.RATIO, Dimension.NUMBER)

#: What a system emits whatever its model predicts.
OPERATIONAL: tuple[OperationalMetric, ...] = (
    *(
        OperationalMetric(f"p{rank}", (Dimension.DURATION,), 0, None, Origin.REQUESTS, f"{rank}th percentile of latency.")
        for rank in (50, 95, 99)
    ),
    OperationalMetric("throughput", (Dimension.RATE,), 0, None, Origin.REQUESTS, "Requests a second."),
    OperationalMetric("availability", _SHARE, 0, 1, Origin.REQUESTS, "Share of requests answered."),
    OperationalMetric("error_rate", _SHARE, 0, 1, Origin.REQUESTS, "Share of requests that failed."),
    OperationalMetric("drift.ks", _SHARE, 0, 1, Origin.WATCHED, "Kolmogorov-Smirnov distance of the input that drifted most."),
    OperationalMetric("drift.js", _SHARE, 0, 1, Origin.WATCHED, "Jensen-Shannon distance of the input that drifted most."),
    OperationalMetric("drift.psi", _SHARE, 0, None, Origin.WATCHED, "Population stability index of the input that drifted most."),
)


def operational_metrics(problem: Problem) -> dict[str, OperationalMetric]:
    """Return what a system of this problem type emits: requests and drift, and each metric of its model with how much worse it became."""
    found = {metric.name: metric for metric in OPERATIONAL}
    for metric in metrics_for(problem).values():
        for each in _of_a_model(metric):
            found[each.name] = each
    return found


def _of_a_model(metric: MetricKind) -> tuple[OperationalMetric, OperationalMetric]:
    """The metric on live rows, and its distance from the test rows, named so that more is worse: `accuracy_drop`, `rmse_rise`."""
    dimensions = _SHARE if metric.high is not None else (Dimension.NUMBER,)
    most = metric.high - metric.low if metric.high is not None and metric.low is not None else None
    worse = f"{metric.name}_{'drop' if metric.greater_is_better else 'rise'}"
    least = -most if most is not None else None
    return (
        OperationalMetric(metric.name, dimensions, metric.low, metric.high, Origin.WATCHED, f"{metric.doc} On live rows."),
        OperationalMetric(worse, dimensions, least, most, Origin.WATCHED, f"How much worse `{metric.name}` is on live rows."),
    )
