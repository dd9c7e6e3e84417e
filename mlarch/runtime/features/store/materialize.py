"""Materialization: what is known of each entity, written into the online store, and as tables beside it.

Only what has changed is written, and what is gone is taken out. The moment of the store is that of the newest row, and not a clock's: the
same rows give the same store, unless some are of the future. What was cut short is carried on by doing it again: the manifest says of an
entity what was written, or that it was about to be.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import polars as pl

from ....architecture.errors import ArchitectureError
from ....architecture.feature_views import FeatureView, store_of, views_of
from ....architecture.lock import Lock
from ....architecture.nodes import digest
from ....architecture.program import History
from ....architecture.stored_features import MOMENT, CurrentValues, blocks_over, current_values
from ....architecture.types import Column, ColumnType
from ...artifacts import Dataset, Materialized
from ...state import State, disk_space
from .changes import of_histories, of_values
from .current import begun, changing, entities_at, moment, newest_of, values_at
from .encoding import TooMuchOfOne, encode
from .events import FORMAT
from .manifest import Manifests
from .matching import written_as
from .opening import opened, told_place
from .parts import entity_parts
from .registering import registered
from .tables import Tables
from .writing import Session, Told, ViewWriting, nobody

#: As far back as anybody asks: 73,000 years in microseconds.
EVER = 2**61


def materialize(
    lock: Lock,
    name: str,
    dataset: Dataset,
    state: State,
    repository: Path,
    *,
    views: Mapping[str, FeatureView] | None = None,
    full: bool = False,
    dry: bool = False,
    told: Told = nobody,
) -> Materialized:
    """Write what is known of the entities of a view, and the values of the blocks over it.

    `dataset` has the rows of its source, and `repository` the definitions that Feast registers: those of `views`, all that the store is to
    keep, which are the file's where nothing more is said. `full` writes every entity, changed or not; `dry` writes nothing and counts.
    Another materialization waits its turn. Raises ArchitectureError when Feast is not installed (MLA602), the store is out of reach
    (MLA612), the folder stays in use (MLA902), or the disk is full (MLA901).
    """
    begun = time.perf_counter()
    views = views_of(lock.architecture) if views is None else views
    work = _Work(lock, state, views[name], dataset)
    with disk_space(state.root), state.lock("materialize"), opened(lock, state, dry=dry) as online:
        manifests = Manifests.of(online, state, dry=dry)
        if not dry:
            names = {*views, *(each.view for each in current_values(lock.architecture))}
            manifests.only(names)
            online.only(names)
            registered(repository, state, manifests.token)
        events, *values = work.write(Session(online, manifests, repository, full, dry, told))
        if not dry:
            online.written(name)
            work.tables()
    return Materialized(
        view=name,
        source=dataset.source,
        digest=written_as(lock.architecture, work.view, dataset),
        kept=work.view,
        path=manifests.path(name).relative_to(state.root).as_posix(),
        store=told_place(lock),
        entities=events.entities,
        written=events.written,
        deleted=events.deleted,
        unchanged=events.unchanged,
        values={each.view: each.written for each in values},
        newest=work.newest,
        since=None if work.moment is None else work.moment - work.keep,
        seconds=round(time.perf_counter() - begun, 3),
    )


def history_of(view: FeatureView) -> History:
    """Return the history that a view keeps, with the columns of the source that are read for it."""
    times = [Column(name=name, type=ColumnType.TIMESTAMP) for name in (view.timestamp, view.known_at) if name is not None]
    columns = {column.name: column for column in (*times, *view.keys, *view.columns)}
    return History(view.source, view.entity, view.timestamp, view.known_at, view.refresh, tuple(columns.values()), ())


@dataclass
class _Work:
    """A view and the blocks over it, with the rows of their source."""

    lock: Lock
    state: State
    view: FeatureView
    dataset: Dataset

    @cached_property
    def history(self) -> History:
        return history_of(self.view)

    @cached_property
    def blocks(self) -> list[CurrentValues]:
        return [*blocks_over(self.lock.architecture, self.view)]

    @cached_property
    def keep(self) -> int:
        """How far back from the newest row requests are answered exactly, in microseconds."""
        return int(store_of(self.lock.architecture).keep.base * 1_000_000)

    @cached_property
    def newest(self) -> int | None:
        """When the newest row became visible; found out from the times alone."""
        return newest_of(self.history, pl.scan_parquet(self.state.root / self.dataset.path))

    @cached_property
    def moment(self) -> int | None:
        """The moment that the store is of: that of the newest row, or now where a row is of the future and takes nothing away."""
        return None if self.newest is None else min(self.newest, time.time_ns() // 1000)

    def write(self, session: Session) -> list[ViewWriting]:
        """Write the events, and the values of the blocks as of the moment."""
        entity = list(self.view.entity)
        events = ViewWriting(session, self.view.name, entity, [self.view.field])
        values = [ViewWriting(session, block.view, entity, list(block.program.names)) for block in self.blocks]
        with entity_parts(self.history, self.dataset, self.state) as parts:
            for rows in parts if self.moment is not None else ():
                self._events(events, rows)
                for block, writing in zip(self.blocks, values, strict=True):
                    self._values(block, writing, rows)
        for writing in (events, *values):
            writing.end()
        return [events, *values]

    def _events(self, writing: ViewWriting, rows: pl.DataFrame) -> None:
        assert self.moment is not None, "there are rows that are visible"
        at = self.moment
        digests = of_histories(self.history, rows, _salt([FORMAT, self.history, self.view.window, self.view.rank, self.keep]))

        def encoded(entities: pl.DataFrame) -> pl.DataFrame:
            theirs = rows.join(entities, on=list(self.view.entity), how="semi", maintain_order="left")
            return self._blobs(theirs, self.keep, at).with_columns(moment(at))

        writing.part(digests, encoded)

    def _values(self, block: CurrentValues, writing: ViewWriting, rows: pl.DataFrame) -> None:
        assert self.moment is not None, "there are rows that are visible"
        values = values_at(block, entities_at(block, rows, self.moment + 1), rows)
        digests = of_values(values, self.view.entity, MOMENT, _salt([block.program]))
        writing.part(digests, lambda entities: values.join(entities, on=list(self.view.entity), how="semi"))

    def _blobs(self, rows: pl.DataFrame, keep: int, newest: int) -> pl.DataFrame:
        try:
            blobs = encode(self.view, rows, keep, newest)
        except TooMuchOfOne as problem:
            at, help = f"source.{self.view.source}.entity", "is it one thing, and not what is written where none is known?"
            raise ArchitectureError("MLA613", str(problem), at=at, help=help) from None
        return blobs.select(*self.view.entity, pl.col("events").alias(self.view.field))

    def tables(self) -> None:
        """Make the tables beside the store anew, those that would be others now."""
        tables = Tables(self.lock.architecture, self.state)
        of = {self.view.name: digest([self.dataset.digest, FORMAT, self.history])}
        of |= {block.view: digest([self.dataset.digest, block.program]) for block in self.blocks}
        stale = {view: made for view, made in of.items() if tables.stale(view, made)}
        if not stale or self.newest is None:
            return
        with ExitStack() as stack, entity_parts(self.history, self.dataset, self.state) as parts:
            growing = {view: stack.enter_context(tables.writing(view, made)) for view, made in stale.items()}
            for rows in parts:
                if self.view.name in growing:
                    growing[self.view.name].add(self._whole(rows))
                for block in self.blocks:
                    if block.view in growing:
                        growing[block.view].add(values_at(block, changing(block, rows), rows))

    def _whole(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Return all that is ever known of each entity."""
        assert self.newest is not None, "there are rows that are visible"
        return self._blobs(rows, EVER, self.newest).join(begun(self.history, rows), on=list(self.view.entity))


def _salt(said: object) -> int:
    return int(digest(said), 16)
