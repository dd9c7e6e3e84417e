"""Versions of a source's rows: each is a Parquet file with a manifest, and stays where it is when there is a newer one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import polars as pl

from ...architecture.errors import ArchitectureError
from ..artifacts import Dataset, Drift
from ..state import State, read_value
from .pins import DIGITS
from .profiles import OTHER, psi

_BINS = 16


@dataclass(frozen=True)
class Version:
    """A version, and when it was first ingested."""

    dataset: Dataset
    made: datetime

    @property
    def name(self) -> str:
        return self.dataset.digest[:DIGITS]


@dataclass(frozen=True)
class Difference:
    """What distinguishes two versions; rows are counted by their whole contents, with repetitions."""

    added: int
    removed: int
    columns_added: tuple[str, ...]
    columns_removed: tuple[str, ...]
    drifts: tuple[Drift, ...]


def versions_of(state: State, source: str) -> list[Version]:
    """Return the versions of a source that are kept, the oldest first."""
    found = []
    for file in state.path("data", source, "manifest").parent.glob("*.json"):
        dataset = read_value(file, Dataset)
        if dataset is not None and (state.root / dataset.path).exists():
            found.append(Version(dataset, datetime.fromtimestamp(file.stat().st_mtime, UTC)))
    return sorted(found, key=lambda version: (version.made, version.name))


def version_named(state: State, source: str, name: str) -> Version:
    """Return the one version whose digest begins so.

    Raises ArchitectureError (MLA515) when there is none, or more than one.
    """
    versions = versions_of(state, source)
    found = [version for version in versions if version.name.startswith(name)]
    if len(found) == 1:
        return found[0]
    told = f"{len(found)} versions of `{source}` begin with {name}" if found else f"`{source}` has no version {name}"
    raise ArchitectureError("MLA515", told, help=f"there are {', '.join(each.name for each in versions) or 'none yet: `mlarch run`'}")


def difference(state: State, before: Version, after: Version) -> Difference:
    """Compare two versions of a source; what is compared row by row is held in memory as one number a row."""
    old, new = (pl.scan_parquet(state.root / version.dataset.path) for version in (before, after))
    was, now = before.dataset.columns, after.dataset.columns
    shared = [name for name in now if name in was]
    removed, added = _moved(old, new, shared)
    return Difference(
        added=added,
        removed=removed,
        columns_added=tuple(name for name in now if name not in was),
        columns_removed=tuple(name for name in was if name not in now),
        drifts=tuple(_drifts(old, new, shared)),
    )


def _moved(old: pl.LazyFrame, new: pl.LazyFrame, columns: list[str]) -> tuple[int, int]:
    """How many rows are in the first only, and in the second only."""
    counted = [
        frame.select(pl.struct(columns).hash(0).alias("row")).group_by("row").agg(pl.len().cast(pl.Int64).alias(name))
        for frame, name in ((old, "was"), (new, "now"))
    ]
    joined = (
        counted[0]
        .join(counted[1], on="row", how="full", coalesce=True)
        .select(gone=pl.col("was").fill_null(0) - pl.col("now").fill_null(0))
    )
    result = joined.select(pl.col("gone").clip(0).sum(), (-pl.col("gone")).clip(0).sum().alias("came")).collect(engine="streaming")
    return int(result["gone"][0]), int(result["came"][0])


def _drifts(old: pl.LazyFrame, new: pl.LazyFrame, columns: list[str]) -> Iterator[Drift]:
    """Yield how far each column has moved: numbers over the sixteenths of the old ones, other values by the most frequent old ones."""
    types = old.collect_schema()
    for name in columns:
        if types[name].is_numeric():
            shares = [place / _BINS for place in range(1, _BINS)]
            cuts = sorted(set(old.select(pl.col(name).quantile(share).alias(str(share)) for share in shares).collect().row(0)) - {None})
            bin = pl.sum_horizontal(pl.lit(0), *(pl.col(name) > cut for cut in cuts)).cast(pl.String)
        elif types[name] in (pl.String, pl.Boolean):
            text = pl.col(name).cast(pl.String)
            most = old.select(text).group_by(name).len().sort("len", name, descending=True).head(_BINS).collect()[name].drop_nulls()
            bin = pl.when(text.is_in(most.to_list())).then(text).otherwise(pl.lit(OTHER))
        else:
            continue
        key = pl.when(pl.col(name).is_not_null()).then(bin).alias("bin")
        counts = [dict(frame.group_by(key).len().collect(engine="streaming").rows()) for frame in (old, new)]
        bins = list(dict.fromkeys((*counts[0], *counts[1])))
        yield Drift(column=name, psi=psi([counts[0].get(each, 0) for each in bins], [counts[1].get(each, 0) for each in bins]))
