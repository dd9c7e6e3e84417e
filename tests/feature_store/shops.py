"""A small system whose requests look back: visits of shops and prices of goods, with late and missing values; and its steps by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

import mlarch
from mlarch.architecture.lock import Lock
from mlarch.architecture.stored_features import MOMENT, exact_values
from mlarch.runtime.artifacts import Dataset, Materialized
from mlarch.runtime.features.histories.offline import with_histories
from mlarch.runtime.features.tables import OF_KIND, lower
from mlarch.runtime.state import State
from mlarch.targets.dagster.work import Work
from mlarch.targets.feast.repository import repository

START = datetime(2024, 3, 1, tzinfo=UTC)
SHOPS = ("oslo", "rome", "bern", "日本", "riga")

TEXT = """language = "1.0"
system shops {
  problem = classification
  owners  = ["team:shops"]
  metric roc_auc { baseline = 0.5 }
}
source visits {
  connector = parquet("visits.parquet")
  entity    = shop
  timestamp = started
  known_at  = ended
  refresh   = hourly
  schema {
    shop    : string?
    good    : int?
    started : timestamp
    ended   : timestamp?
    spent   : float?
    note    : string?
    alone   : bool?
    bought  : bool
  }
}
source prices {
  connector = parquet("prices.parquet")
  entity    = good
  timestamp = since
  schema {
    good  : int?
    since : timestamp
    price : float?
  }
}
features visit {
  from = source.visits
  feature hour = hour(started)
}
## What is known of a shop.
features shop {
  from = source.visits
  ## Mean of what was spent in the last hours.
  feature spent_3h = mean(spent) over 3h
  feature visits   = count() over 1d
  feature usual    = impute_median(sum(spent) over 2d)
  feature alone    = last(alone) over 7d
  feature noted    = ordinal(lag(note, 1))
  feature before   = coalesce(lag(spent, 2), 0)
  feature much     = spent > mean(spent) over 1d
}
features good {
  from = source.prices
  feature price = price
  feature dear  = price > 5
  feature rises = price - min(price) over 12h
}
model buyer {
  family   = lightgbm
  as_of    = started
  label    = visits.bought
  features = [features.visit, features.shop, features.good]
}
deployment api { model = model.buyer }
"""


def rows(count: int, seed: int = 0) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return visits and prices over some days: with missing values, rows that are never known, and equal times."""
    random = np.random.default_rng(seed)
    started = np.sort(random.integers(0, 6 * 24 * 60, count)) * 60
    late = random.integers(0, 9 * 3600, count)

    def some(values: Any, share: float = 0.1) -> list[Any]:
        return [None if missing else value for value, missing in zip(values, random.random(count) < share, strict=True)]

    visits = pl.DataFrame(
        {
            "shop": some(random.choice(SHOPS, count)),
            "good": some(random.integers(1, 4, count).tolist()),
            "started": [START + timedelta(seconds=int(each)) for each in started],
            "ended": some([START + timedelta(seconds=int(each)) for each in started + late]),
            "spent": some(np.round(random.random(count) * 10, 3).tolist(), 0.2),
            "note": some(random.choice(["a", "b", "", "日"], count), 0.2),
            "alone": some((random.random(count) < 0.5).tolist()),
            "bought": (random.random(count) < 0.4).tolist(),
        },
        schema_overrides={"started": pl.Datetime("us", "UTC"), "ended": pl.Datetime("us", "UTC"), "good": pl.Int64},
    )
    prices = pl.DataFrame(
        {
            "good": some(random.integers(1, 5, count).tolist()),
            "since": [START + timedelta(seconds=int(each)) for each in random.integers(0, 6 * 24 * 3600, count)],
            "price": some(np.round(random.random(count) * 9, 2).tolist()),
        },
        schema_overrides={"since": pl.Datetime("us", "UTC"), "good": pl.Int64},
    )
    return visits, prices


def write(folder: Path, more: str = "", count: int = 300) -> Path:
    """Write the system with its rows into a folder, and return its architecture file."""
    visits, prices = rows(count)
    visits.write_parquet(folder / "visits.parquet")
    prices.write_parquet(folder / "prices.parquet")
    file = folder / "shops.mlarch"
    file.write_text(TEXT + more, encoding="utf-8")
    return file


class Shop:
    """The system, and its steps one by one."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.lock: Lock = mlarch.load(file).compile().lock
        self.state = State(self.lock.root)
        self.work = Work(self.lock, self.state)

    def dataset(self, source: str) -> Dataset:
        """Ingest a source."""
        made: Dataset = self.work.steps[f"{source}/ingested"].run()
        return made

    def materialize(self, view: str) -> Materialized:
        """Materialize a view of the rows as they are."""
        step = self.work.steps[f"{view}/materialized"]
        made: Materialized = step.run(self.dataset(step.inputs[0].partition("/")[0]))
        return made

    def all(self) -> dict[str, Materialized]:
        """Materialize all views."""
        return {view: self.materialize(view) for view in ("visits_by_shop", "prices_by_good")}

    @property
    def repository(self) -> Path:
        """The folder of the feature repository."""
        return repository(self.lock, self.state)

    def client(self) -> Any:
        """Open the store as a standard Feast client."""
        from feast import FeatureStore

        return FeatureStore(repo_path=str(self.repository))

    def tables(self) -> dict[str, pl.DataFrame]:
        """The rows as they were ingested."""
        return {source: pl.read_parquet(self.lock.root / self.dataset(source).path) for source in ("visits", "prices")}


def trained(shop: Shop, asked: pl.DataFrame) -> pl.DataFrame:
    """Return the features of the model for requests, by the lowering to tables that training takes."""
    (model,) = exact_values(shop.lock.architecture)
    completed = with_histories(model.program, asked, shop.tables())
    made = [lower(each.expression, model.program.columns).cast(OF_KIND[each.kind]).alias(each.name) for each in model.program.features]
    return completed.select(made)


def requests(count: int, first: datetime, last: datetime, seed: int = 7) -> pl.DataFrame:
    """Return requests at whole seconds between two moments, some about entities that nothing is known of."""
    random = np.random.default_rng(seed)
    seconds = random.integers(0, int((last - first).total_seconds()), count)
    return pl.DataFrame(
        {
            "shop": random.choice([*SHOPS, "nowhere"], count).tolist(),
            "good": random.integers(1, 6, count).tolist(),
            "started": [first + timedelta(seconds=int(each)) for each in seconds],
            "spent": np.round(random.random(count) * 10, 2).tolist(),
        },
        schema_overrides={"started": pl.Datetime("us", "UTC")},
    )


def equal(found: Any, expected: Any) -> bool:
    """Tell whether two values are the same; numbers by 1e-9 of their size, since their sums may be added up in another order."""
    if isinstance(found, float) and isinstance(expected, float):
        return abs(found - expected) <= 1e-9 * max(1.0, abs(found), abs(expected))
    return bool(found == expected)


__all__ = ["MOMENT", "SHOPS", "START", "Shop", "equal", "requests", "rows", "trained", "write"]
