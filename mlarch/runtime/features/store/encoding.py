"""From the rows of a source to the blobs of its entities: whole tables at once, without a step for each event."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from ....architecture.feature_views import FeatureView
from ....architecture.types import Column, ValueKind
from ..histories.timeline import Integers
from ..histories.visibility import microseconds, visible_from
from .events import CHECKED, FORMAT, HEADER, MARK, NEVER, schema_bytes

#: The header as numpy sees it, field by field as in `HEADER`.
_HEADER = np.dtype(
    [
        *(("mark", "S4"), ("checksum", "<u4"), ("format", "<u2"), ("rank", "<u2"), ("count", "<u4"), ("schema", "<u4"), ("size", "<u4")),
        *(("dropped", "<i8"), ("settled", "<i8")),
    ]
)
#: The longest blob and the longest texts of one entity: their ends are 32-bit numbers with a sign.
MOST_BYTES = 2**31 - 1


class TooMuchOfOne(Exception):
    """An entity has more events than one blob can hold; `entity` says which."""

    def __init__(self, entity: tuple[object, ...], size: int) -> None:
        super().__init__(f"the history of {', '.join(map(repr, entity))} would take {size:,} bytes")
        self.entity, self.size = entity, size


def encode(view: FeatureView, table: pl.DataFrame, keep_us: int, newest: int | None = None) -> pl.DataFrame:
    """Return for each entity of a table its columns and its `events` as one blob.

    `table` has the rows of the view's source in the order in which they were written: all of those of some entities. Answers are exact
    for every moment after `newest` - `keep_us`, and later ones. `newest` is that of the view, where the table is a part of it, or
    earlier; without it, that of the table. The same rows give the same bytes, and rows that no answer needs leave no trace. Raises
    TooMuchOfOne where the events of an entity are more than a blob holds.
    """
    rows = table.drop_nulls(list(view.entity))
    visible, ever = visible_from(view, rows)
    rows, visible = rows.filter(ever), visible[ever]
    if newest is None:
        newest = int(visible.max(initial=NEVER))
    keys = rows.select(view.entity).unique(maintain_order=True)
    events = _Events.sorted(view, rows, visible, keys, max(newest - keep_us - view.window, NEVER + 1))
    blobs = _Writing(view, events, rows, keys).blobs()
    return keys.with_columns(pl.Series("events", blobs, pl.Binary))


@dataclass(frozen=True)
class _Events:
    """The events that are kept, by entity and visible time: row numbers, visible times and entities, and the `latest` of each entity.

    `starts`, `counts`, `dropped` and `settled` are for each entity.
    """

    rows: Integers
    visible: Integers
    latest: Integers
    starts: Integers
    counts: Integers
    dropped: Integers
    settled: Integers

    @classmethod
    def sorted(cls, view: FeatureView, rows: pl.DataFrame, visible: Integers, keys: pl.DataFrame, cut: int) -> _Events:
        """Sort events and leave out those before the cut that are not among the latest of that time."""
        count = len(keys)
        numbers = rows.select(view.entity).join(keys.with_row_index(""), on=view.entity, how="left", maintain_order="left")
        entities = numbers[""].cast(pl.Int64).to_numpy()
        order = np.lexsort((visible, entities))  # stable: equal ones stay in the table's order
        happened = microseconds(rows[view.timestamp])[order]
        entities, visible = entities[order], visible[order]
        recent = np.lexsort((happened, entities))
        old = visible < cut
        kept = ~old
        if view.rank:
            after = _counted_after(old[recent], entities[recent], count)
            kept[recent[old[recent] & (after < view.rank)]] = True
        dropped = _latest(np.where(kept, NEVER, visible), entities, count)
        settled = np.where(dropped == NEVER, NEVER, _latest(np.where(kept & old, visible, NEVER), entities, count))
        place = np.cumsum(kept) - 1
        counts = np.bincount(entities[kept], minlength=count)
        starts = np.cumsum(counts) - counts
        latest = place[recent[kept[recent]]] - np.repeat(starts, counts)
        return cls(order[kept], visible[kept], latest, starts, counts, dropped, settled)


def _counted_after(flags: npt.NDArray[np.bool_], entities: Integers, count: int) -> Integers:
    """Return how many of the same entity are flagged after each position, by entity."""
    until = np.cumsum(flags)
    ends = until[np.cumsum(np.bincount(entities, minlength=count)) - 1]
    return ends[entities] - until


def _latest(times: Integers, entities: Integers, count: int) -> Integers:
    """Return the latest time of each entity; every entity has one, and they are in order."""
    if not len(times):
        return np.empty(0, np.int64)
    first = np.searchsorted(entities, np.arange(count))
    return np.maximum.reduceat(times, first)


class _Writing:
    """Writes blobs of many entities into one array, part by part: where each part begins is an array over the entities."""

    def __init__(self, view: FeatureView, events: _Events, rows: pl.DataFrame, keys: pl.DataFrame) -> None:
        self.view, self.events, self.rows, self.keys = view, events, rows, keys
        said = schema_bytes(view.timestamp, view.known_at, view.refresh, [(column.name, column.kind) for column in view.columns])
        self.schema_size, self.schema = len(said), np.frombuffer(said.ljust(-(-len(said) // 8) * 8, b"\0"), "<i8")
        self.texts = [_Text.of(rows[column.name], events) for column in view.columns if column.kind is ValueKind.TEXT]

    def blobs(self) -> list[bytes]:
        """Return the blobs."""
        counts, place = self.events.counts, np.full(len(self.keys), HEADER.size + 8 * len(self.schema), np.int64)
        parts: list[tuple[Integers, npt.NDArray[np.generic]]] = [(place, self.events.visible)]
        place = place + 8 * counts
        parts.append((place, self.events.latest.astype("<u4")))
        place = place + _padded(4 * counts)
        texts = iter(self.texts)
        for column in self.view.columns:
            held = next(texts).ends if column.kind is ValueKind.TEXT else _held(self.rows[column.name], column, self.events.rows)
            parts.append((place, held))
            place = place + _padded(held.itemsize * counts)
        bodies = []
        for text in self.texts:
            bodies.append((place, text))
            place = place + text.sizes
        sizes = _padded(place)
        self._fitting(sizes)
        starts = np.cumsum(sizes) - sizes
        written = np.zeros(int(sizes.sum()), np.uint8)
        self._heads(written, starts, sizes)
        for at, held in parts:
            self._column(written, starts + at, held)
        for at, text in bodies:
            written[_spread(starts + at, text.sizes)] = text.data
        return _cut(written, starts, sizes)

    def _fitting(self, sizes: Integers) -> None:
        """Refuse an entity that has too much: what is written is no longer than the numbers in it can say."""
        large = int(sizes.argmax()) if len(sizes) else 0
        if len(sizes) and sizes[large] > MOST_BYTES:
            raise TooMuchOfOne(self.keys.row(large), int(sizes[large]))

    def _heads(self, written: npt.NDArray[np.uint8], starts: Integers, sizes: Integers) -> None:
        heads = np.zeros(len(starts), _HEADER)
        for name, value in (
            *(("mark", MARK), ("format", FORMAT), ("rank", self.view.rank), ("count", self.events.counts), ("size", sizes)),
            *(("schema", self.schema_size), ("dropped", self.events.dropped), ("settled", self.events.settled)),
        ):
            heads[name] = value
        words, first = written.view("<i8"), starts[:, None] // 8
        width = HEADER.size // 8
        words[first + np.arange(width)] = heads.view("<i8").reshape(-1, width)
        words[first + width + np.arange(len(self.schema))] = self.schema

    def _column(self, written: npt.NDArray[np.uint8], at: Integers, held: npt.NDArray[np.generic]) -> None:
        written.view(held.dtype)[_spread(at // held.itemsize, self.events.counts)] = held


@dataclass(frozen=True)
class _Text:
    """A column of texts: where each ends in the bytes of its entity, those bytes, and how many each entity has."""

    ends: npt.NDArray[np.int32]
    data: npt.NDArray[np.uint8]
    sizes: Integers

    @classmethod
    def of(cls, series: pl.Series, events: _Events) -> _Text:
        series = series.gather(events.rows)
        ends = series.str.len_bytes().cast(pl.Int64).fill_null(0).cum_sum().to_numpy()
        before = np.concatenate((np.zeros(1, np.int64), ends))
        first = before[events.starts]
        sizes = before[events.starts + events.counts] - first
        own = ends - np.repeat(first, events.counts)
        data = np.frombuffer((series.str.join("").item() or "").encode(), np.uint8)
        return cls(np.where(series.is_null().to_numpy(), ~own, own).astype("<i4"), data, sizes)


def _held(series: pl.Series, column: Column, rows: Integers) -> npt.NDArray[np.generic]:
    """Return the values of a column as they are kept; what is missing, and for numbers what is not finite, has its mark."""
    series = series.gather(rows)
    if column.kind is ValueKind.BOOLEAN:
        return series.cast(pl.UInt8).fill_null(2).to_numpy()
    if column.kind is ValueKind.TIMESTAMP:
        return series.dt.epoch("us").fill_null(NEVER).to_numpy().astype("<i8", copy=False)
    values = series.cast(pl.Float64).fill_null(np.nan).to_numpy()
    return np.where(np.isfinite(values), values, np.nan).astype("<f8", copy=False)


def _padded(sizes: Integers) -> Integers:
    return (sizes + 7) // 8 * 8


def _spread(starts: Integers, counts: Integers) -> Integers:
    """Return the places of values that are in order by entity: those of each entity from its start on."""
    ahead = np.cumsum(counts) - counts
    return np.repeat(starts - ahead, counts) + np.arange(int(counts.sum()))


def _cut(written: npt.NDArray[np.uint8], starts: Integers, sizes: Integers) -> list[bytes]:
    """Return each blob, with its checksum put in."""
    data, first, last = written.data, starts.tolist(), (starts + sizes).tolist()
    checksums = [zlib.crc32(data[begin + CHECKED : end]) for begin, end in zip(first, last, strict=True)]
    written.view("<u4")[starts // 4 + 1] = checksums
    return [data[begin:end].tobytes() for begin, end in zip(first, last, strict=True)]
