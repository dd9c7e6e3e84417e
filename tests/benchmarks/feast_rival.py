"""The joins of `feast_join.py` as somebody would run them with Feast and nothing else; a process of its own, as its memory is its own.

`python feast_rival.py STORE FOLDER` reads the tables in the folder, joins with an offline store (`dask`, which Feast also calls `file`, or
`duckdb`), writes the answers beside them and prints the seconds of the processor and of the clock. It runs in any environment with Feast.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
import warnings
from datetime import timedelta
from pathlib import Path

import pandas as pd
from feast import Entity, FeatureStore, FeatureView, Field, FileSource, RepoConfig, ValueType
from feast.types import Float64, String


def repository(store: str, folder: Path, views: dict[str, list[str]], scratch: Path) -> FeatureStore:
    """Return a feature store with a view for each file: the first of its columns is the key, the others are features."""
    settings = RepoConfig(
        project="rival",
        provider="local",
        registry=str(scratch / "registry.db"),
        online_store={"type": "sqlite", "path": str(scratch / "online.db")},
        offline_store={"type": store},
        entity_key_serialization_version=3,
        repo_path=scratch,
    )
    found, applied = FeatureStore(config=settings), []
    for name, (key, *features) in views.items():
        entity = Entity(name=key, join_keys=[key], value_type=ValueType.STRING)
        file = str(folder / f"{name}.parquet")
        source = FileSource(name=f"{name}_file", path=file, timestamp_field="happened", created_timestamp_column="known")
        fields = [Field(name=key, dtype=String), *(Field(name=each, dtype=Float64) for each in features)]
        applied += [entity, FeatureView(name=name, entities=[entity], ttl=timedelta(0), schema=fields, source=source)]
    found.apply(applied)
    return found


def join(found: FeatureStore, folder: Path, name: str, features: list[str]) -> tuple[float, float]:
    """Join one view to its questions after a few that are not measured; return seconds of the processor and of the clock.

    A row that was created after the moment is left out, as Feast does where it is told to.
    """
    questions = pd.read_parquet(folder / f"asked_{name}.parquet")
    wanted = [f"{name}:{each}" for each in features]
    for part in (questions.head(10), questions):
        cpu, clock = time.process_time(), time.perf_counter()
        answers = found.get_historical_features(entity_df=part, features=wanted, filter_by_created_timestamp=True).to_df()
        spent = time.process_time() - cpu, time.perf_counter() - clock
    answers.to_parquet(folder / f"answered_{name}.parquet")
    return spent


def join_naively(found: FeatureStore, folder: Path, name: str, features: list[str]) -> None:
    """Join as Feast does by default: a row counts from its timestamp on, whenever it was created."""
    questions = pd.read_parquet(folder / f"asked_{name}.parquet")
    wanted = [f"{name}:{each}" for each in features]
    found.get_historical_features(entity_df=questions, features=wanted).to_df().to_parquet(folder / f"naive_{name}.parquet")


def main(store: str, folder: Path) -> int:
    """Join all views and print what each took, as JSON."""
    warnings.filterwarnings("ignore")
    views = json.loads((folder / "views.json").read_text())
    with tempfile.TemporaryDirectory() as scratch:
        found = repository(store, folder, views, Path(scratch))
        join_naively(found, folder, "aircraft", views["aircraft"][1:])
        print(json.dumps({name: join(found, folder, name, features) for name, (_, *features) in views.items()}))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2])))
