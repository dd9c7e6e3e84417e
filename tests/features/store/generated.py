"""Generated systems with a real store: their rows arrive bit by bit, are materialized, and requests are completed from what was written."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import polars as pl

from mlarch.architecture.architecture import Architecture
from mlarch.architecture.blocks.deployment import Deployment
from mlarch.architecture.blocks.features import FeatureStore, Redis, Sqlite
from mlarch.architecture.feature_views import view_of, views_of
from mlarch.architecture.histories import program_of
from mlarch.architecture.lock import Lock, LockedFile, LockFile
from mlarch.architecture.nodes import digest
from mlarch.architecture.quantities import parse_quantity
from mlarch.architecture.vocabulary import Reference
from mlarch.runtime.artifacts import Dataset, Materialized
from mlarch.runtime.features.histories.offline import with_histories
from mlarch.runtime.features.requests import lower
from mlarch.runtime.features.store.materialize import materialize
from mlarch.runtime.features.store.writing import Told, nobody
from mlarch.runtime.serving.online_store import histories_of
from mlarch.runtime.state import State
from mlarch.targets.feast.repository import repository

from ..histories.cases import Case, Row
from ..histories.test_lowerings import SCHEMA, same

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
#: How much a system keeps, in the way in which it is declared by default.
DAY = timedelta(days=1) // timedelta(microseconds=1)


class Running:
    """A generated system that is deployed, in a folder of its own."""

    def __init__(self, made: Case, folder: Path, redis: str | None = None) -> None:
        self.made, self.folder = made, folder
        self.lock = _lock(_deployed(made.architecture, redis), folder)
        self.state = State(folder)
        self.newest: dict[str, int] = {}

    def keeping(self, time: str) -> Running:
        """Return the system with another time that its store keeps."""
        made = Running(self.made, self.folder)
        (store,) = self.lock.architecture.feature_store.values()
        longer = msgspec.structs.replace(store, keep=parse_quantity(time))
        made.lock = _lock(msgspec.structs.replace(self.lock.architecture, feature_store={store.name: longer}), self.folder)
        return made

    def with_features(self, *groups: str) -> Running:
        """Return the system with a model that reads other blocks."""
        architecture = self.lock.architecture
        model = msgspec.structs.replace(architecture.model["m"], features=tuple(Reference("features", name) for name in groups))
        lock = _lock(msgspec.structs.replace(architecture, model={"m": model}), self.folder)
        made = Running(replace(self.made, program=program_of(lock.architecture, model)), self.folder)
        made.lock = lock
        return made

    def materialized(self, rows: Mapping[str, Sequence[Row]], told: Told = nobody, views: Sequence[str] = ()) -> dict[str, Materialized]:
        """Write what is known now into the store, view by view; some of the views, or all."""
        folder, made = repository(self.lock, self.state), {}
        for name, view in views_of(self.lock.architecture).items():
            if views and name not in views:
                continue
            made[name] = done = materialize(self.lock, name, self._dataset(view.source, rows[view.source]), self.state, folder, told=told)
            if done.newest is not None:
                self.newest[name] = max(done.newest, self.newest.get(name, done.newest))
        return made

    def compared(self, rows: Mapping[str, Sequence[Row]], asked: Sequence[Row]) -> int:
        """Complete requests from the store, and assert that each value is what training would see in the rows; return how many were.

        A moment that is further back than the store keeps may be refused, and no other.
        """
        program, known = self.made.program, replace(self.made, rows={name: [*each] for name, each in rows.items()})
        tables = {name: pl.DataFrame(list(each), schema=SCHEMA) for name, each in rows.items()}
        wanted = with_histories(program, pl.DataFrame(list(asked), schema=SCHEMA), tables).to_dicts()
        count, answers = 0, self.completed(asked)
        for row, want, (found, refused) in zip(asked, wanted, answers, strict=True):
            for history in program.histories:
                if (name := view_of(history)) in refused:
                    assert self._moment(row) <= self.newest[name] - DAY, (name, row)
                    continue
                for value in history.values:
                    assert same(want[value.name], found[value.name], history, value, row, known), (value, row, want, found)
                    count += 1
        return count

    def completed(self, asked: Sequence[Row]) -> list[tuple[Mapping[str, Any], list[str]]]:
        """Return the rows of one request with their values, and the views that gave none."""
        histories = histories_of(self.lock, self.made.program)
        assert histories is not None
        made = asyncio.run(histories.complete(asked))
        histories.reader.close()
        return list(zip(made.rows, made.fallback, strict=True))

    def _moment(self, row: Row) -> int:
        assert self.made.program.as_of is not None
        moment: datetime = lower(self.made.program.as_of, self.made.program.columns)(row)
        return (moment - EPOCH) // timedelta(microseconds=1)

    def _dataset(self, source: str, rows: Sequence[Row]) -> Dataset:
        table = pl.DataFrame(list(rows), schema=SCHEMA)
        file = self.state.path("data", f"{source}.parquet")
        table.write_parquet(file)
        path = file.relative_to(self.folder).as_posix()
        content = digest(table.to_dicts())
        columns, size = tuple(table.columns), file.stat().st_size
        return Dataset(source=source, path=path, digest=content, rows=len(table), columns=columns, bytes=size, origin="generated")


def arriving(made: Case, steps: int, draw: random.Random) -> list[dict[str, list[Row]]]:
    """Return what there is of the rows at each step: they come at any, out of order, and a few are corrected or taken back in the end."""
    when = {name: [draw.randrange(steps) for _ in rows] for name, rows in made.rows.items()}
    found = [
        {name: [row for row, come in zip(rows, when[name], strict=True) if come <= step] for name, rows in made.rows.items()}
        for step in range(steps)
    ]
    corrected = {}
    for name, rows in made.rows.items():
        left = [row for row in rows if draw.random() < 0.8]
        corrected[name] = [{**row, "x": 7.5} if draw.random() < 0.2 else row for row in left]
    return [*found, corrected]


def _deployed(architecture: Architecture, redis: str | None) -> Architecture:
    served = {"api": Deployment(name="api", model=Reference("model", "m"))}
    patient = parse_quantity("10s")  # what is tested is what is answered, and not how soon
    store = FeatureStore(name="store", online=Redis(redis) if redis else Sqlite(), deadline=patient)
    return msgspec.structs.replace(architecture, deployment=served, feature_store={"store": store})


def _lock(architecture: Architecture, folder: Path) -> Lock:
    file = LockFile(1, "", digest(architecture), (LockedFile("s.mlarch", "../../s.mlarch", ""),), architecture, {})
    return Lock(file, folder / "build" / "s" / "architecture.lock.json")
