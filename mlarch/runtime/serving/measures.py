"""What a deployment counts of itself, in Prometheus' text format."""

from __future__ import annotations

import time

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

#: Edges in seconds. A small model answers in a tenth of a millisecond: the first ones are that fine.
BUCKETS = (0.00005, 0.0001, 0.00015, 0.00025, 0.0005, 0.00075, 0.001, 0.0015, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)


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
