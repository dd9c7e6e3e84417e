"""Blobs written into an online store by Feast itself."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from redis import Redis

from mlarch.architecture.feature_views import field_of
from mlarch.runtime.features.store.layout import keys_of
from mlarch.runtime.features.store.online import Online, RedisStore, SqliteStore

PROJECT = "shops"
Entity = tuple[Any, ...]
WHEN = datetime(2024, 3, 1, tzinfo=UTC)
#: The columns of each view's entities, and what is written of each entity.
NAMES = {"sales_by_shop": ("shop",), "trips_by_n_m": ("n", "m")}
VIEWS: dict[str, dict[Entity, bytes]] = {
    "sales_by_shop": {("a",): b"A", ("é",): b"x" * 3000, ("",): b"of nobody"},
    "trips_by_n_m": {(5, "q"): b"", (-7, "日本"): b"negative", (2**62, "a b"): b"\0" * 70_000},
}


def every_key() -> dict[tuple[str, bytes], bytes]:
    """View and key of everything that is written, with what is written."""
    return {(view, keys_of(NAMES[view])(entity)): blob for view, blobs in VIEWS.items() for entity, blob in blobs.items()}


def online(folder: Path, redis: str | None) -> Any:
    """Return Feast's store, in Redis at an address or else in SQLite in a folder."""
    from feast import FeatureStore, RepoConfig

    told: dict[str, str] = {"type": "redis", "connection_string": redis} if redis else {"type": "sqlite", "path": str(folder / "online.db")}
    config = RepoConfig(
        project=PROJECT,
        provider="local",
        registry=str(folder / "registry.db"),
        online_store=told,
        offline_store={"type": "file"},
        entity_key_serialization_version=3,
        repo_path=folder,
    )
    return FeatureStore(config=config)


def write(folder: Path, views: Mapping[str, Mapping[Entity, bytes]], names: Mapping[str, Sequence[str]], redis: str | None = None) -> None:
    """Write the blobs of entities into their views; `names` are the columns of each view's entities."""
    import pandas as pd
    from feast import Entity as FeastEntity
    from feast import FeatureView, Field, FileSource
    from feast.types import Bytes
    from feast.value_type import ValueType

    store = online(folder, redis)
    entities, made = {}, []
    for view, blobs in views.items():
        first = next(iter(blobs))
        kinds = [ValueType.INT64 if isinstance(value, int) else ValueType.STRING for value in first]
        for name, kind in zip(names[view], kinds, strict=True):
            entities[name] = FeastEntity(name=name, join_keys=[name], value_type=kind)
        source = FileSource(name=view, path=str(folder / f"{view}.parquet"), timestamp_field="event_timestamp")
        schema = [Field(name=field_of(view), dtype=Bytes)]
        made.append(FeatureView(name=view, entities=[entities[name] for name in names[view]], schema=schema, source=source, ttl=None))
        _like(folder, view, names[view], first)
    store.apply([*entities.values(), *made])
    said(folder, redis)
    for view, blobs in views.items():
        rows = [
            {**dict(zip(names[view], entity, strict=True)), field_of(view): blob, "event_timestamp": WHEN} for entity, blob in blobs.items()
        ]
        store.write_to_online_store(view, pd.DataFrame(rows))


def said(folder: Path, redis: str | None = None) -> None:
    """Let a store say that its views were written, as materialization does."""
    if redis:
        with Redis.from_url(f"redis://{redis}") as client:
            _say(RedisStore(client, PROJECT))
    else:
        with contextlib.closing(sqlite3.connect(folder / "online.db")) as connection:
            _say(SqliteStore(connection, PROJECT))


def _say(store: Online) -> None:
    store.name("token")
    for view in VIEWS:
        store.written(view)


def _like(folder: Path, view: str, names: Sequence[str], entity: Entity) -> None:
    """Feast looks into the file of a source when it is applied."""
    import polars as pl

    pl.DataFrame([{**dict(zip(names, entity, strict=True)), field_of(view): b"", "event_timestamp": WHEN}]).write_parquet(
        folder / f"{view}.parquet"
    )
