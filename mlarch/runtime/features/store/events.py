"""The events of one entity as an online store keeps them: one blob, columns side by side, read without unpacking what is not asked for.

All numbers are little-endian, and every part begins at a multiple of eight bytes:

| part                | what                                                                                                       |
|---------------------|------------------------------------------------------------------------------------------------------------|
| header              | `HEADER`: mark, checksum of what follows, format, latest rows kept, events, bytes of schema and in all, two times |
| schema              | how rows become visible, and each column: kind and name                                                    |
| visible             | int64 for each event, ascending: from when on it is seen, in microseconds since 1970                       |
| latest              | uint32: the places of the events by recency, the latest last                                               |
| each column         | number: float64, missing NaN · boolean: byte, missing 2 · timestamp: int64 in microseconds, missing `NEVER` |
|                     | · text: int32, where it ends in its bytes, the complement of it where it is missing                        |
| texts               | the UTF-8 of each text column, one after the other                                                         |

An event is left out when no window reaches it and later rows displace it. Then the blob is exact from a moment on: see `exact_after`.
"""

from __future__ import annotations

import struct
import zlib
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from ....architecture.blocks.source import Refresh
from ....architecture.types import ValueKind

#: Mark, CRC-32, format, latest rows kept, events, bytes of the schema, bytes in all, `dropped`, `settled`.
HEADER = struct.Struct("<4sIHHIIIqq")
MARK = b"mlEv"
FORMAT = 1
#: Where what the checksum is of begins.
CHECKED = 8
#: A time before all others.
NEVER = -(2**63)
#: The letter of each kind in the schema, and how wide its column is.
LETTERS = {ValueKind.NUMBER: b"n", ValueKind.BOOLEAN: b"b", ValueKind.TEXT: b"t", ValueKind.TIMESTAMP: b"m"}
WIDTHS = {b"n": 8, b"b": 1, b"t": 4, b"m": 8}
_KINDS = {letter: kind for kind, letter in LETTERS.items()}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_BOOLEANS = (False, True, None)


class UnreadableEvents(Exception):
    """A blob is damaged, is none of ours, or lacks what is asked for: it was written for another version of the file."""


class AskedTooEarly(Exception):
    """The moment is one of which the blob no longer holds everything. `since`: answers are exact after it, in µs since 1970."""

    def __init__(self, since: int) -> None:
        super().__init__(f"what was known then is no longer kept; answers are exact after {_time(since) or 'the last event'}")
        self.since = since


@dataclass(frozen=True)
class Schema:
    """What a blob says of its events beside their values: the columns that make a row visible, and the kind and place of each column.

    A column's place is how many columns of 8, 4 and 1 byte come before it.
    """

    timestamp: str
    known_at: str | None
    refresh: Refresh
    columns: dict[str, tuple[ValueKind, int, int, int]]
    totals: tuple[int, int, int]

    @property
    def texts(self) -> tuple[str, ...]:
        """The columns of texts, in order."""
        return tuple(name for name, (kind, *_) in self.columns.items() if kind is ValueKind.TEXT)


def schema_bytes(timestamp: str, known_at: str | None, refresh: Refresh, columns: Sequence[tuple[str, ValueKind]]) -> bytes:
    """Return the schema as it stands in a blob: texts with their lengths before them."""
    parts = [b"".join(_counted(text) for text in (timestamp, known_at or "", refresh.value))]
    parts += [LETTERS[kind] + _counted(name) for name, kind in columns]
    return b"".join(parts)


def _counted(text: str) -> bytes:
    data = text.encode()
    return len(data).to_bytes(2, "little") + data


@lru_cache(maxsize=1024)
def schema_of(data: bytes) -> Schema:
    """Return the schema that bytes say."""
    texts: list[str] = []
    letters: list[bytes] = []
    place = 0
    while place < len(data):
        if len(texts) >= 3:
            letters.append(data[place : place + 1])
            place += 1
        size = int.from_bytes(data[place : place + 2], "little")
        texts.append(data[place + 2 : place + 2 + size].decode())
        place += 2 + size
    timestamp, known_at, refresh, *names = texts
    before = {8: 0, 4: 0, 1: 0}
    columns = {}
    for name, letter in zip(names, letters, strict=True):
        columns[name] = (_KINDS[letter], before[8], before[4], before[1])
        before[WIDTHS[letter]] += 1
    return Schema(timestamp, known_at or None, Refresh(refresh), columns, (before[8], before[4], before[1]))


def padded(size: int) -> int:
    """Return a number of bytes, rounded up to a multiple of eight."""
    return -(-size // 8) * 8


def decode(blob: bytes) -> EntityHistory:
    """Return the events of a blob. Raises UnreadableEvents where it is not one."""
    try:
        mark, checksum, form, rank, count, width, size, dropped, settled = HEADER.unpack_from(blob)
    except struct.error:
        raise UnreadableEvents(f"{len(blob)} bytes are no history") from None
    if mark != MARK or size != len(blob):
        raise UnreadableEvents("the bytes are no history, or not all of one")
    if form != FORMAT:
        raise UnreadableEvents(f"the history is of format {form}, and this version of mlarch reads {FORMAT}")
    data = memoryview(blob)
    if zlib.crc32(data[CHECKED:]) != checksum:
        raise UnreadableEvents("the history is damaged: its checksum does not hold")
    start = HEADER.size + padded(width)
    return EntityHistory(data, start, schema_of(bytes(data[HEADER.size : HEADER.size + width])), rank, count, dropped, settled)


class EntityHistory:
    """The events of one entity, in the order in which they became visible; columns are read where they lie.

    `rank` is how many of the latest rows are always among them. `dropped` is when the last one became visible that was left out, and
    `settled` from when on none of those is among the latest `rank` rows; both are `NEVER` where all events are there.
    """

    __slots__ = ("_data", "_start", "_texts", "count", "dropped", "latest", "rank", "schema", "settled", "visible")

    def __init__(self, data: memoryview, start: int, schema: Schema, rank: int, count: int, dropped: int, settled: int) -> None:
        self._data, self.schema, self.count, self._texts = data, schema, count, None
        self.rank, self.dropped, self.settled = rank, dropped, settled
        middle = start + 8 * count
        self._start = middle + padded(4 * count)
        self.visible: memoryview[int] = data[start:middle].cast("q")
        self.latest: memoryview[int] = data[middle : middle + 4 * count].cast("I")

    _texts: dict[str, int] | None

    def exact_after(self, window: int, rank: int) -> int:
        """Return the moment after which windows so long (0: there are none) and so many of the latest rows are exact, in µs since 1970.

        Raises UnreadableEvents where so many rows are not kept at all.
        """
        if self.dropped == NEVER:
            return NEVER
        if rank > self.rank:
            raise UnreadableEvents(f"{rank} of the latest rows are asked for, and {self.rank} are kept")
        return max(self.dropped + window if window else NEVER, self.settled if rank else NEVER)

    def before(self, moment: int) -> int:
        """Return how many events became visible before a moment."""
        return bisect_left(self.visible, moment)

    def latest_before(self, end: int, many: int) -> list[int]:
        """Return the places of the most recent events among the first `end`, at most so many, the latest first."""
        if end == self.count:
            return self.latest[max(0, end - many) :].tolist()[::-1]
        found: list[int] = []
        for place in reversed(self.latest):
            if place < end:
                found.append(place)
                if len(found) >= many:
                    break
        return found

    def numbers(self, name: str, start: int, end: int) -> list[float]:
        """Return the values of a column of numbers, NaN where they are missing."""
        at = self._place(name)
        return list(self._data[at + 8 * start : at + 8 * end].cast("d"))

    def values(self, name: str, start: int, end: int) -> list[Any]:
        """Return the values of a column as closures of single rows take them; a missing number is NaN."""
        return _VALUES[self.schema.columns[name][0]](self, name, start, end)

    def _place(self, name: str) -> int:
        """Return where a column begins."""
        _, wide, middle, narrow = self.schema.columns[name]
        return self._start + 8 * self.count * wide + padded(4 * self.count) * middle + padded(self.count) * narrow

    def _booleans(self, name: str, start: int, end: int) -> list[Any]:
        at = self._place(name)
        return [_BOOLEANS[value] for value in self._data[at + start : at + end]]

    def _times(self, name: str, start: int, end: int) -> list[Any]:
        at = self._place(name)
        return [None if value == NEVER else _time(value) for value in self._data[at + 8 * start : at + 8 * end].cast("q")]

    def _strings(self, name: str, start: int, end: int) -> list[Any]:
        if start >= end:
            return []
        ends, data = self._ends(name), self._data
        at = (self._texts or self._find_texts())[name]
        begin, found = ends[start - 1] if start else 0, list[Any]()
        begin = begin if begin >= 0 else ~begin
        for stop in ends[start:end]:
            if stop < 0:
                found.append(None)
            else:
                found.append(str(data[at + begin : at + stop], "utf-8"))
                begin = stop
        return found

    def _ends(self, name: str) -> memoryview[int]:
        at = self._place(name)
        return self._data[at : at + 4 * self.count].cast("i")

    def _find_texts(self) -> dict[str, int]:
        """Find where the bytes of each column of texts begin: after all columns, one after the other."""
        wide, middle, narrow = self.schema.totals
        at = self._start + 8 * self.count * wide + padded(4 * self.count) * middle + padded(self.count) * narrow
        self._texts = {}
        for name in self.schema.texts:
            self._texts[name] = at
            last = self._ends(name)[-1]
            at += last if last >= 0 else ~last
        return self._texts


_VALUES: dict[ValueKind, Callable[[EntityHistory, str, int, int], list[Any]]] = {
    ValueKind.NUMBER: EntityHistory.numbers,
    ValueKind.BOOLEAN: EntityHistory._booleans,
    ValueKind.TEXT: EntityHistory._strings,
    ValueKind.TIMESTAMP: EntityHistory._times,
}


def _time(microseconds: int) -> datetime | None:
    """Return a time as a request has it; none where it is in no year from 1 to 9999."""
    try:
        return _EPOCH + timedelta(microseconds=microseconds)
    except OverflowError:
        return None
