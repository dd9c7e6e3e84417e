"""Source text and positions in it: integer offsets inside, line and column only when something is printed."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from pathlib import Path


@dataclass(frozen=True, eq=False)
class Source:
    """One text that can be pointed at: a file, standard input, or a command-line override.

    `name` is what a message shows (`flights.mlarch`, `<override:2>`); `path` is None where no file stands behind it.
    """

    name: str
    text: str
    path: Path | None = None

    @cached_property
    def _line_starts(self) -> list[int]:
        return [0] + [i + 1 for i, char in enumerate(self.text) if char == "\n"]

    def position(self, offset: int) -> tuple[int, int]:
        """Return the 1-based line and column (in characters) of an offset."""
        line = bisect_right(self._line_starts, offset)
        return line, offset - self._line_starts[line - 1] + 1

    def line(self, number: int) -> str:
        """Return the text of a 1-based line, without its newline."""
        start = self._line_starts[number - 1]
        end = self._line_starts[number] - 1 if number < len(self._line_starts) else len(self.text)
        return self.text[start:end].rstrip("\r")


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open range of characters in one source."""

    source: Source
    start: int
    end: int

    def to(self, other: Span) -> Span:
        """Return the span from the start of this one to the end of the other."""
        return Span(self.source, self.start, max(self.end, other.end))

    @property
    def text(self) -> str:
        return self.source.text[self.start : self.end]

    @property
    def place(self) -> str:
        """`file:line:column`, as compilers print it."""
        line, column = self.source.position(self.start)
        return f"{self.source.name}:{line}:{column}"


class SpanIndex:
    """Spans by their place, so that each is found without looking at the others."""

    def __init__(self, spans: Iterable[Span]) -> None:
        self._spans: dict[int, list[Span]] = {}
        for span in spans:
            self._spans.setdefault(id(span.source), []).append(span)
        for found in self._spans.values():
            found.sort(key=_start)

    def __bool__(self) -> bool:
        return bool(self._spans)

    def first_within(self, whole: Span) -> Span | None:
        """Return the first span that begins in another, its end included."""
        found = self._spans.get(id(whole.source), [])
        place = bisect_left(found, whole.start, key=_start)
        return found[place] if place < len(found) and found[place].start <= whole.end else None

    def last_before(self, part: Span) -> Span | None:
        """Return the last span that begins before another does, or where it does."""
        found = self._spans.get(id(part.source), [])
        place = bisect_right(found, part.start, key=_start)
        return found[place - 1] if place else None


class Covered:
    """What spans cover, so that it is found without looking at each whether one of them overlaps another."""

    def __init__(self, spans: Iterable[Span]) -> None:
        self._spans: dict[int, tuple[list[int], list[int]]] = {}
        sources: dict[int, list[Span]] = {}
        for span in spans:
            sources.setdefault(id(span.source), []).append(span)
        for source, found in sources.items():
            found.sort(key=_start)
            self._spans[source] = [span.start for span in found], list(accumulate((span.end for span in found), max))

    def overlaps(self, part: Span) -> bool:
        """Tell whether one of the spans has something in common with another."""
        starts, furthest = self._spans.get(id(part.source), ((), ()))
        before = bisect_left(starts, part.end)
        return before > 0 and furthest[before - 1] > part.start


def _start(span: Span) -> int:
    return span.start
