"""Sources as an online store keeps them, in memory: a blob for each entity in each view."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from mlarch.architecture.feature_views import FeatureView, columns_read, highest_rank, longest_window, view_of
from mlarch.architecture.program import FeatureProgram, History
from mlarch.runtime.features.store.answering import to_store_completion
from mlarch.runtime.features.store.encoding import encode
from mlarch.runtime.features.store.events import decode

HOUR = 3_600_000_000
Row = dict[str, Any]


def view(history: History) -> FeatureView:
    """The view of one history alone."""
    columns = {column.name: column for column in history.columns}
    return FeatureView(
        name=view_of(history),
        source=history.source,
        entity=history.entity,
        keys=tuple(columns[name] for name in history.entity),
        timestamp=history.timestamp,
        known_at=history.known_at,
        refresh=history.refresh,
        columns=tuple(column for column in history.columns if column.name in columns_read(history)),
        window=longest_window(history),
        rank=highest_rank(history),
        models=("m",),
        deployments=("d",),
    )


def blobs(encoded: pl.DataFrame) -> dict[tuple[Any, ...], bytes]:
    """The blob of each entity."""
    return {row[:-1]: row[-1] for row in encoded.iter_rows()}


class Stored:
    """Completes rows from what was kept of tables, for as long as is asked for."""

    def __init__(self, program: FeatureProgram, tables: Mapping[str, pl.DataFrame], keep: int) -> None:
        self.completion = to_store_completion(program)
        self.kept = {view_of(each): blobs(encode(view(each), tables[each.source], keep)) for each in program.histories}

    def __call__(self, row: Row) -> Row:
        """The row with the values of its histories. Raises AskedTooEarly as the completion does."""
        found = zip(self.completion.views, self.completion.keys(row), strict=True)
        held = [self.kept[name].get(key) if key is not None else None for name, key in found]
        return dict(self.completion.complete(row, [decode(blob) if blob is not None else None for blob in held]))
