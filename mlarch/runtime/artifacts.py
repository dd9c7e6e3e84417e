"""What the steps hand to one another: small values that name files by path and digest, never the data themselves.

Paths are relative to the folder of the architecture file, so that a project can be moved.
"""

from __future__ import annotations

import msgspec

from ..architecture.feature_views import FeatureView

Scalar = float | int | str | bool | None


class Repair(msgspec.Struct, frozen=True, kw_only=True):
    """One repair of `clean`, with the number of rows that it has changed or left out. `at` is its path in the architecture."""

    rule: str
    at: str
    rows: int


class SourceFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file that rows were read from: where it lay, how long it was, and its SHA-256."""

    path: str
    bytes: int
    digest: str


class Stream(msgspec.Struct, frozen=True, kw_only=True):
    """How far a stream was read: the next offset of each partition. `said` is the digest of what the file said of the source then."""

    offsets: dict[str, int]
    said: str


class Dataset(msgspec.Struct, frozen=True, kw_only=True):
    """An ingested source: a Parquet file with exactly the schema's columns. `digest` is the SHA-256 of its contents.

    `files` are those that it was read from. Of a stream it has all rows that were ever read, and `stream` says up to where.
    """

    source: str
    path: str
    digest: str
    rows: int
    columns: tuple[str, ...]
    bytes: int
    origin: str
    sample: float | None = None
    repairs: tuple[Repair, ...] = ()
    quarantine: str | None = None
    quarantined: int = 0
    stream: Stream | None = None
    files: tuple[SourceFile, ...] = ()


class RuleResult(msgspec.Struct, frozen=True, kw_only=True):
    """One rule of a schema or one expectation, with the rows that break it. `at` is its path in the architecture."""

    name: str
    rule: str
    at: str
    passed: bool
    failing: int = 0
    measured: Scalar = None
    examples: tuple[dict[str, Scalar], ...] = ()

    def told(self, rows: int) -> str:
        """Return the rule with what broke it, of so many rows: `age in 0..120, in 3 of 569 rows`."""
        return f"{self.rule}, in {self.failing} of {rows} rows" if self.examples else f"{self.rule} ({self.measured})"


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """How the values of a column are distributed: how many lie between `edges`, or are each of `labels`; `bars` is that as a picture."""

    column: str
    missing: int
    low: float | None = None
    high: float | None = None
    edges: tuple[float, ...] = ()
    labels: tuple[str, ...] = ()
    counts: tuple[int, ...] = ()
    bars: str = ""


class Drift(msgspec.Struct, frozen=True, kw_only=True):
    """How far the values of a column have moved from the version before: the population stability index."""

    column: str
    psi: float


class ValidationReport(msgspec.Struct, frozen=True, kw_only=True):
    """Every rule of a source, checked on one dataset, and how its columns are distributed; `before` is the version that is compared."""

    source: str
    digest: str
    rows: int
    rules: tuple[RuleResult, ...]
    path: str
    profiles: tuple[Profile, ...] = ()
    before: str | None = None
    drifts: tuple[Drift, ...] = ()

    @property
    def passed(self) -> bool:
        return all(rule.passed for rule in self.rules)


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """One part of a split: its rows, and the share of positive labels (binary classification only)."""

    rows: int
    positive: float | None = None


class Prepared(msgspec.Struct, frozen=True, kw_only=True):
    """The matrices of a model and its fitted feature program, in one folder: `train.parquet`, `test.parquet`, `program.json`, …

    `dataset` is the digest of the observations; `histories` are the datasets by source whose rows were read as histories; `code` is the
    digest of the code that the features call; `sample` is the share of the observations, where it was taken here: else it is the
    dataset's.
    """

    model: str
    folder: str
    digest: str
    dataset: str
    features: tuple[str, ...]
    classes: tuple[str, ...]
    parts: dict[str, Part]
    histories: dict[str, Dataset] = {}
    code: str | None = None
    sample: float | None = None


class Trained(msgspec.Struct, frozen=True, kw_only=True):
    """A model bundle and the tracking run that records how it came about. `key` identifies the work: the same key, the same model."""

    model: str
    folder: str
    digest: str
    key: str
    run_id: str
    tracking_uri: str
    experiment: str
    seconds: float


class MetricResult(msgspec.Struct, frozen=True, kw_only=True):
    """A measured metric beside its declared target and baseline; `met` is None where no target is declared."""

    name: str
    value: float
    target: str | None = None
    baseline: float | None = None
    met: bool | None = None


class GateResult(msgspec.Struct, frozen=True, kw_only=True):
    """One condition of the gate with the numbers that decided it."""

    condition: str
    at: str
    passed: bool
    left: float | None = None
    right: float | None = None
    note: str | None = None


class Evaluated(msgspec.Struct, frozen=True, kw_only=True):
    """The metrics of a model on its test rows, and whether the gate lets it through."""

    model: str
    folder: str
    run_id: str
    key: str
    rows: int
    metrics: tuple[MetricResult, ...]
    gate: tuple[GateResult, ...]
    blocking: bool
    champion: str | None = None
    plots: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        return all(result.passed for result in self.gate)


class Registered(msgspec.Struct, frozen=True, kw_only=True):
    """A version in the registry. Its URI is the model's only identity."""

    model: str
    name: str
    version: str
    uri: str
    stages: tuple[str, ...]
    run_id: str
    key: str
    tracking_uri: str
    new: bool


class Materialized(msgspec.Struct, frozen=True, kw_only=True):
    """A view of the online store, as of the dataset that it was written from: `path` has the digest of each entity.

    `written`, `deleted` and `unchanged` are entities; `values` are those written of each block, by its view. What was visible at `newest`
    is in it, and requests after `since` are answered exactly, in microseconds since 1970; where no row is ever visible there is neither.
    `kept` is the view with all that is kept of its events.
    """

    view: str
    source: str
    digest: str
    path: str
    store: str
    entities: int
    written: int
    deleted: int
    unchanged: int
    values: dict[str, int]
    newest: int | None
    since: int | None
    seconds: float
    kept: FeatureView | None = None
