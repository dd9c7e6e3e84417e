"""Feast by itself, on one table: which row it takes as the latest of an entity, offline as of a moment and online at it.

Only its own Python API is used, with the file offline store and the SQLite online store. What it is given is what its documentation asks
for: every row has its keys and a timestamp, all times are aware, `known` is the created timestamp.
"""

from __future__ import annotations

import contextlib
import io
import tempfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
from feast import Entity, FeatureStore, FeatureView, Field, FileSource, RepoConfig, ValueType
from feast.types import Float64, Int64, PrimitiveFeastType, String

KEYS: dict[str, tuple[ValueType, PrimitiveFeastType]] = {"who": (ValueType.STRING, String), "place": (ValueType.INT64, Int64)}
BEGINNING = datetime(1900, 1, 1, tzinfo=UTC)
#: The columns of an entity, and the moment.
Question = dict[str, Any]
#: The number of a row, and its `x`; None where there is none.
Answer = tuple[int | None, float | None]
#: A question that is not in what Feast returns.
LOST: Answer = (-1, None)
WANTED = ["latest:row", "latest:x"]


class PlainFeast:
    """A feature view over one table with the columns of the entity, `happened`, `known` where it has one, the row's number and `x`."""

    def __init__(self, folder: Path, entity: Sequence[str], *, created: bool) -> None:
        self.folder, self.entity = folder, tuple(entity)
        config = RepoConfig(
            project="plain",
            provider="local",
            registry=str(folder / "registry.db"),
            online_store={"type": "sqlite", "path": str(folder / "online.db")},
            offline_store={"type": "file"},
            entity_key_serialization_version=3,
            repo_path=folder,
        )
        self.store = FeatureStore(config=config)
        self.created = created
        keys = [Entity(name=name, join_keys=[name], value_type=KEYS[name][0]) for name in entity]
        file = FileSource(
            name="file",
            path=str(folder / "rows.parquet"),
            timestamp_field="happened",
            created_timestamp_column="known" if created else "",
        )
        fields = [
            *(Field(name=name, dtype=KEYS[name][1]) for name in entity),
            Field(name="row", dtype=Int64),
            Field(name="x", dtype=Float64),
        ]
        self._applied = [*keys, FeatureView(name="latest", entities=keys, ttl=timedelta(0), schema=fields, source=file)]

    def hold(self, rows: pl.DataFrame) -> None:
        """Make these the rows of the table."""
        rows.write_parquet(self.folder / "rows.parquet")
        if self._applied:
            self.store.apply(self._applied)
            self._applied = []

    def offline(self, asked: Sequence[Question], *, by_created: bool) -> list[Answer]:
        """Return what is known of each question's entity as of its moment; `by_created` leaves out rows that were created later."""
        frame = pd.DataFrame([{**{name: each[name] for name in self.entity}, "event_timestamp": each["moment"]} for each in asked])
        frame = frame.drop_duplicates().reset_index(drop=True)
        job = self.store.get_historical_features(entity_df=frame, features=WANTED, filter_by_created_timestamp=by_created)
        found: dict[tuple[Any, ...], Answer] = {}
        for each in job.to_df().to_dict("records"):
            key = (*(each[name] for name in self.entity), each["event_timestamp"].to_pydatetime())
            found[key] = _answer(each["row"], each["x"])
        return [found.get((*(each[name] for name in self.entity), each["moment"]), LOST) for each in asked]

    def materialize(self, end: datetime, *, begin: datetime | None = None) -> None:
        """Bring rows up to a moment into the online store: from a beginning, or from where the last time ended."""
        if begin is None:
            self.store.materialize_incremental(end_date=end)
        else:
            self.store.materialize(start_date=begin, end_date=end)

    def online(self, asked: Sequence[Question]) -> list[Answer]:
        """Return what the online store has of each question's entity now."""
        rows = [{name: each[name] for name in self.entity} for each in asked]
        found = self.store.get_online_features(features=WANTED, entity_rows=rows).to_dict()
        return [_answer(row, x) for row, x in zip(found["row"], found["x"], strict=True)]


def _answer(row: Any, x: Any) -> Answer:
    return (None if row is None or row != row else int(row), None if x is None or x != x else float(x))


@contextlib.contextmanager
def plain_feast(entity: Sequence[str], *, created: bool) -> Iterator[PlainFeast]:
    """Yield a Feast of its own, which prints nothing; its folder is removed."""
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        yield PlainFeast(Path(folder), entity, created=created)
