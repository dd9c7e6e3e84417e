"""What a deployment counts of itself, in Prometheus' text format."""

from __future__ import annotations

import time
from collections.abc import Iterable
from itertools import product

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

#: Edges in seconds. A small model answers in a tenth of a millisecond: the first ones are that fine.
BUCKETS = (0.00005, 0.0001, 0.00015, 0.00025, 0.0005, 0.00075, 0.001, 0.0015, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)


#: Edges in seconds for looks into the online store, around its usual deadlines.
STORE_BUCKETS = (0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0015, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1.0)


class Measures:
    """Counters of one server. `bounds` are the latencies that the SLO names, in seconds: each is the edge of a bucket."""

    def __init__(self, model: str, version: str, bounds: tuple[float, ...] = ()) -> None:
        self.registry = CollectorRegistry()
        edges = sorted({*BUCKETS, *bounds})
        self.seconds = Histogram(
            "mlarch_request_seconds", "Time in the server, by answer", ["status"], buckets=edges, registry=self.registry
        )
        self.predictions = Counter("mlarch_predictions", "Rows answered", registry=self.registry)
        Gauge("mlarch_model_info", "The model that answers", ["model", "version"], registry=self.registry).labels(model, version).set(1)
        Gauge("mlarch_start_time_seconds", "When the server began, in seconds since 1970", registry=self.registry).set(time.time())
        self._ok = self.seconds.labels("200")

    def answered(self, seconds: float, rows: int) -> None:
        """Count an answered request."""
        self._ok.observe(seconds)
        self.predictions.inc(rows)

    def refused(self, seconds: float, status: int) -> None:
        """Count a refused request."""
        self.seconds.labels(str(status)).observe(seconds)

    def text(self) -> bytes:
        """Return everything counted so far."""
        return generate_latest(self.registry)


class StoreMeasures:
    """Counters of the looks into an online store. `reasons` are those for which there may be no answer."""

    def __init__(self, views: Iterable[str], reasons: Iterable[str]) -> None:
        self.registry = CollectorRegistry()
        self.seconds = Histogram(
            "mlarch_store_read_seconds", "Time for one look into the feature store", buckets=STORE_BUCKETS, registry=self.registry
        )
        self._fallbacks = Counter(
            "mlarch_store_fallbacks", "Rows of which a view gave no answer", ["view", "reason"], registry=self.registry
        )
        self._age = Gauge(
            "mlarch_store_age_seconds", "Time since the newest row that was read became visible", ["view"], registry=self.registry
        )
        self._newest: dict[str, int] = {}
        for view, reason in product(views, reasons):
            self._fallbacks.labels(view, reason)

    def fell_back(self, view: str, reason: str) -> None:
        """Count a row of which a view gave no answer."""
        self._fallbacks.labels(view, reason).inc()

    def seen(self, view: str, visible: int) -> None:
        """Note when the newest row of an entity became visible, in microseconds since 1970."""
        if visible > self._newest.get(view, -(2**63)):
            if view not in self._newest:
                self._age.labels(view).set_function(lambda: time.time() - self._newest[view] / 1e6)
            self._newest[view] = visible

    def text(self) -> bytes:
        """Return everything counted so far."""
        return generate_latest(self.registry)
