"""Offsets and the protocol's positions: lines from 0, columns in UTF-16 code units."""

from __future__ import annotations

from pathlib import Path

from lsprotocol.types import Location, Position, Range
from pygls.uris import from_fs_path

from ..language.source import Source, Span


def position_of(source: Source, offset: int) -> Position:
    """Return the position of an offset."""
    line, column = source.position(offset)
    return Position(line - 1, units(source.line(line)[: column - 1]))


def range_of(span: Span) -> Range:
    """Return the range of a span."""
    return Range(position_of(span.source, span.start), position_of(span.source, span.end))


def offset_of(text: str, position: Position) -> int:
    """Return the offset of a position; what lies beyond a line or the text is its end."""
    start = 0
    for _ in range(position.line):
        end = text.find("\n", start)
        if end < 0:
            return len(text)
        start = end + 1
    end = text.find("\n", start)
    line = text[start : len(text) if end < 0 else end]
    if line.isascii():
        return start + min(position.character, len(line))
    units = 0
    for column, char in enumerate(line):
        if units >= position.character:
            return start + column
        units += 1 + (char > "\uffff")
    return start + len(line)


def units(text: str) -> int:
    """Return the length of a text in UTF-16 code units."""
    return len(text) if text.isascii() else len(text) + sum(char > "\uffff" for char in text)


def uri_of(path: Path) -> str:
    """Return the address of a file."""
    return from_fs_path(str(path)) or path.as_uri()


def location_of(span: Span, uri: str) -> Location:
    """Return a span as a place in a file."""
    return Location(uri, range_of(span))
