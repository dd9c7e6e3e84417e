"""A file read piece by piece: what begins at the left margin is parsed by itself, so that an edit leaves the other pieces as they are.

Each piece is a source of its own that knows at which line it stands, so that its spans stay right when it moves. Where the margin tells
nothing, as in a file without indentation, the whole is one piece.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from . import tree
from .diagnostics import Findings
from .parsing.parser import parse
from .reuse import once, reads_in_pieces, told_once
from .source import Source, Span

_MARGIN = re.compile(r"^[A-Za-z_`]", re.MULTILINE)
_WORD = re.compile(r'#[^\n]*|"(?:[^"\\\n]|\\.)*"|`[^`\n]*`|(?P<open>[{(\[])|(?P<close>[})\]])|(?P<other>[^\s"`#{}()\[\]]+)')
_CLOSED = {"{": "}", "(": ")", "[": "]"}
_GOES_ON = re.compile(r"(?:[-+*/<>]|[<>=!]=|\b(?:and|or|not|in|over))$")


@dataclass
class _Place:
    line: int = 0
    offset: int = 0


@dataclass(frozen=True, eq=False)
class Piece(Source):
    """A part of a file; its offsets are its own, its lines those of the file."""

    place: _Place = field(default_factory=_Place)

    def position(self, offset: int) -> tuple[int, int]:
        line, column = super().position(offset)
        return line + self.place.line, column

    def line(self, number: int) -> str:
        return super().line(number - self.place.line)


def in_file(span: Span) -> tuple[int, int]:
    """Return the offsets of a span in its file."""
    moved = span.source.place.offset if isinstance(span.source, Piece) else 0
    return span.start + moved, span.end + moved


@dataclass(frozen=True)
class _Read:
    piece: Piece
    statements: tuple[tree.Statement, ...]
    findings: Findings
    opens: bool  # a bracket is left open, or the last line goes on
    closes: bool  # a bracket is closed that was not opened here


def statements(source: Source, findings: Findings) -> tuple[tree.Statement, ...]:
    """Return the statements of a file; with a memory, what has not changed is the same objects as before."""
    if not reads_in_pieces():
        return told_once("text", (source.name, source.text), findings, lambda own: parse(source, own).body)
    read = list(_pieces(source))
    if any(each.opens for each in read) and any(each.closes for each in read):
        read = [_read(source, source.text, 0)]
    for each in read:
        findings.items += each.findings.items
    return tuple(statement for each in read for statement in each.statements)


def _pieces(source: Source) -> Iterator[_Read]:
    text, line = source.text, 0
    seen: Counter[str] = Counter()
    for start, end in pairwise([*_bounds(text), len(text)]):
        part = text[start:end]
        seen[part] += 1
        read = _read(source, part, seen[part])
        read.piece.place.line, read.piece.place.offset = line, start
        line += part.count("\n")
        yield read


def _bounds(text: str) -> list[int]:
    """Where pieces begin: at a name at the margin, or at the comments above it."""
    bounds = [0]
    for match in _MARGIN.finditer(text):
        start = match.start()
        while start > bounds[-1] and text.startswith("#", above := text.rfind("\n", 0, start - 1) + 1):
            start = above
        if start > bounds[-1]:
            bounds.append(start)
    return bounds


def _read(source: Source, text: str, number: int) -> _Read:
    """Parse a piece; the same text twice in a file is two pieces."""

    def make() -> _Read:
        piece, findings = Piece(source.name, text, source.path), Findings()
        body = parse(piece, findings).body
        return _Read(piece, body, findings, *_balance(text))

    return once("piece", (source.name, text, str(number)), make)


def _balance(text: str) -> tuple[bool, bool]:
    """Tell whether a piece leaves something open, and whether it closes what it has not opened."""
    depth, closes, last = dict.fromkeys(_CLOSED.values(), 0), False, ""
    for match in _WORD.finditer(text):
        if not match[0].startswith("#"):
            last = match[0]
        if match.lastgroup == "open":
            depth[_CLOSED[last]] += 1
        elif match.lastgroup == "close":
            closes = closes or depth[last] == 0
            depth[last] = max(0, depth[last] - 1)
    return any(depth.values()) or _GOES_ON.search(last) is not None, closes
