"""What a running server says of itself: its version, since when it runs, and the quantiles of its own latency."""

from __future__ import annotations

import re
import time
import urllib.request
from collections.abc import Sequence

import msgspec

from .hosting import answering_version

_BUCKET = re.compile(r'^mlarch_request_seconds_bucket\{le="([^"]+)",status="200"\} (\S+)$', re.MULTILINE)
_START = re.compile(r"^mlarch_start_time_seconds (\S+)$", re.MULTILINE)


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """Latencies are of answered requests, in seconds, measured in the server from request to answer; None before the first."""

    version: str
    uptime: float
    requests: int
    p50: float | None = None
    p95: float | None = None
    p99: float | None = None


def figures_of(url: str, *, seconds: float = 2.0) -> Figures | None:
    """Ask a server for its figures; None when it does not answer. Of several replicas one answers, for itself."""
    version = answering_version(url)
    if version is None:
        return None
    try:
        with urllib.request.urlopen(f"{url}/metrics", timeout=seconds) as answer:
            text = answer.read().decode()
    except (OSError, ValueError):
        return None
    buckets = [(float(edge), int(float(count))) for edge, count in _BUCKET.findall(text)]
    start = _START.search(text)
    return Figures(
        version=version,
        uptime=max(0.0, time.time() - float(start[1])) if start else 0.0,
        requests=buckets[-1][1] if buckets else 0,
        p50=quantile(buckets, 0.50),
        p95=quantile(buckets, 0.95),
        p99=quantile(buckets, 0.99),
    )


def quantile(buckets: Sequence[tuple[float, int]], share: float) -> float | None:
    """Return a quantile of a histogram, as Prometheus' histogram_quantile does: linear within the bucket that holds it.

    `buckets` are upper edges with how many were at most so large, ascending, the last edge infinite. What lies beyond the last finite edge
    is given as that edge.
    """
    total = buckets[-1][1] if buckets else 0
    if not total:
        return None
    rank = share * total
    low, below = 0.0, 0
    for edge, count in buckets:
        if count >= rank:
            return low if edge == float("inf") else low + (edge - low) * (rank - below) / max(1, count - below)
        low, below = edge, count
    return low
