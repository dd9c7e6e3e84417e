"""`deployment`: where predictions are given, and how well."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, ClassVar

from ..expressions import Expression
from ..quantities import Dimension, Quantity
from ..vocabulary import PLANNED, Block, Limit, NamedBlock, Python, Reference, Variant, about
from .training import Cron, Stage


class Mode(StrEnum):
    ONLINE = "online"
    BATCH = "batch"
    STREAMING = "streaming"


BELOW, ABOVE = ("<", "<="), (">", ">=")


class Slo(Block, frozen=True, kw_only=True):
    """What callers are promised."""

    p50: Annotated[Limit | None, about("Median latency.", operators=BELOW, dimension=Dimension.DURATION)] = None
    p95: Annotated[Limit | None, about("95th percentile of latency.", operators=BELOW, dimension=Dimension.DURATION)] = None
    p99: Annotated[Limit | None, about("99th percentile of latency.", operators=BELOW, dimension=Dimension.DURATION)] = None
    throughput: Annotated[Limit | None, about("Requests a second.", operators=ABOVE, dimension=Dimension.RATE)] = None
    availability: Annotated[
        Limit | None, about("Share of requests answered.", operators=ABOVE, dimension=(Dimension.RATIO, Dimension.NUMBER))
    ] = None


class Autoscale(Variant, frozen=True, tag="autoscale"):
    """Between two numbers of replicas, following the load."""

    min: Annotated[int, about("At least so many.")] = 1
    max: Annotated[int, about("At most so many.")] = 4


class Canary(Variant, frozen=True, tag="canary"):
    """The new version gets a growing share of the traffic."""

    steps: Annotated[tuple[Quantity, ...], about("The shares.", dimension=Dimension.RATIO)]
    hold: Annotated[Quantity, about("How long each share is held.", dimension=Dimension.DURATION)]


class Shadow(Variant, frozen=True, tag="shadow"):
    """The new version gets a copy of the traffic, and its answers are only compared."""

    hold: Annotated[Quantity, about("For how long.", dimension=Dimension.DURATION)]


class AbTest(Variant, frozen=True, tag="ab_test"):
    """A fixed share of callers gets the new version."""

    share: Annotated[Quantity, about("The share.", dimension=Dimension.RATIO)]
    hold: Annotated[Quantity, about("For how long.", dimension=Dimension.DURATION)]


class BlueGreen(Variant, frozen=True, tag="blue_green"):
    """The new version is started beside the old one, then takes all the traffic."""


class Release(Block, frozen=True, kw_only=True):
    """How a new version takes over."""

    strategy: Annotated[Canary | Shadow | AbTest | BlueGreen, about("The way.", PLANNED)] = BlueGreen()
    rollback: Annotated[Expression | None, about("When the old version comes back.", PLANNED)] = None


class CircuitBreaker(Block, frozen=True, kw_only=True):
    """When requests are turned away early."""

    open: Annotated[Expression, about("When it opens.", PLANNED)]
    retry_after: Annotated[Quantity | None, about("What callers are told.", PLANNED, dimension=Dimension.DURATION)] = None


class ParquetOutput(Variant, frozen=True, tag="parquet"):
    """Parquet files."""

    path: Annotated[str, about("The folder.")]


class Deployment(NamedBlock, frozen=True, kw_only=True):
    """One place where a model answers."""

    kind: ClassVar[str] = "deployment"

    model: Annotated[Reference, about("The model; its champion is served unless `stage` says otherwise.", refers="model")]
    mode: Annotated[Mode, about("Requests, tables, or a stream.", planned=("batch", "streaming"))] = Mode.ONLINE
    stage: Annotated[Stage, about("The stage whose version is served.")] = Stage.PRODUCTION
    hardware: Annotated[Reference | None, about("Where it runs; this machine if absent.", refers="hardware")] = None
    replicas: Annotated[int | Autoscale, about("How many replicas, or `autoscale(min, max)`.")] = 1
    host: Annotated[str, about("The address that the server binds.")] = "127.0.0.1"
    port: Annotated[int, about("The port.")] = 8000
    slo: Annotated[Slo | None, about("What callers are promised.")] = None
    release: Annotated[Release | None, about("How a new version takes over.", PLANNED)] = None
    circuit_breaker: Annotated[CircuitBreaker | None, about("When requests are turned away early.", PLANNED)] = None
    serving: Annotated[Python | None, about("An ASGI app of the user's own that answers in the place of mlarch's.", PLANNED)] = None
    input: Annotated[Reference | None, about("The source of a batch deployment.", PLANNED, refers="source")] = None
    output: Annotated[ParquetOutput | None, about("Where a batch deployment writes.", PLANNED)] = None
    schedule: Annotated[Cron | None, about("When a batch deployment runs.", PLANNED)] = None

    @property
    def most_replicas(self) -> int:
        """The number of replicas under the highest load."""
        return self.replicas.max if isinstance(self.replicas, Autoscale) else self.replicas
