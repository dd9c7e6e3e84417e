"""From a file of either form to its outline."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator

from .. import tree
from ..data import Data, Mapping
from ..diagnostics import Findings
from ..formatting import formatted
from ..shapes import Shapes
from ..source import Source
from ..yaml.reading import formed, mapping_of
from .comments import comments_of
from .outline import Outlined, is_renaming, outlined, settle_docs


def read(source: Source, is_yaml: bool, shapes: Shapes, findings: Findings) -> Outlined | None:
    """Return the outline of a file, or None where it cannot be read, which is then among the findings."""
    if not is_yaml:
        return _text(source, findings)
    before = len(findings)
    data = mapping_of(source, findings)
    if data is None:
        return None
    statements = formed(data.without("defaults") if "defaults" in data.entries else data, shapes, findings)
    layout = _YamlLayout(source.text, data)
    items, dangling = outlined(statements, layout, layout.comments)
    if "defaults" in data.entries and len(findings) == before:
        from .composition import composed

        return composed(source, data, Outlined(items, dangling), shapes, findings)
    settle_docs(items)
    return None if findings.failed else Outlined(items, dangling)


def _text(source: Source, findings: Findings) -> Outlined | None:
    """The outline of a text; its layout is the canonical one, so that it does not matter how it was written."""
    found = formatted(source, findings)
    if found is None:
        return None
    text = found.document.span.source.text
    words = [(word.start, word.start + len(word.text)) for word in found.tokens if word.kind != "$END"]
    closers = {word.start for word in found.tokens if word.kind == "RPAR"}
    items, dangling = outlined(found.document.body, _TextLayout(text, words, closers), list(comments_of(text, words)))
    settle_docs(items)
    return Outlined(items, dangling)


class _TextLayout:
    """Where statements end in `.mlarch` text: a group's brackets are no part of its span."""

    def __init__(self, text: str, words: list[tuple[int, int]], closers: set[int]) -> None:
        self.text = text
        self.words = words
        self.closers = closers

    def start(self, statement: tree.Statement) -> int:
        return statement.span.start

    def end(self, statement: tree.Statement) -> int:
        end = statement.span.end
        for start, after in self.words[bisect_left(self.words, (end, 0)) :]:
            if start not in self.closers:
                break
            end = after
        return end

    def inside(self, block: tree.Block) -> int:
        return block.span.end - 1


class _YamlLayout:
    """Where statements end in YAML: the span of what has no bracket goes on to the next word, and indentation tells what is inside."""

    def __init__(self, text: str, data: Mapping) -> None:
        self.text = text
        self.words = sorted(_scalars(data, text))
        self.comments = list(comments_of(text, self.words))

    def start(self, statement: tree.Statement) -> int:
        if isinstance(statement, tree.Block) and statement.body and is_renaming(statement):
            return statement.body[0].span.start  # several stand under one key
        return statement.span.start

    def end(self, statement: tree.Statement) -> int:
        if isinstance(statement, tree.Block) and statement.body and is_renaming(statement):
            last = self.end(statement.body[-1])
            closer = re.match(r"\s*\}", self.text[last:])
            return last + (closer.end() if closer else 0)
        start, end = self.start(statement), statement.span.end
        last = self.words[bisect_left(self.words, (end, 0)) - 1][1] if self.words else start
        gap, end = last, min(end, len(self.text))
        while gap < end and self.text[gap] in " \t\r\n:,[]{}#":
            last = gap + 1 if self.text[gap] in "]}" else last
            gap = self.text.find("\n", gap) if self.text[gap] == "#" else gap + 1
            if gap < 0:
                break
        return last if not isinstance(statement, tree.Block) or "\n" not in self.text[start:last] else self._with_comments(start, last)

    def inside(self, block: tree.Block) -> int:
        return self.end(block)

    def _with_comments(self, start: int, end: int) -> int:
        """The end of a block with the comments that are indented as its statements are."""
        column = self._column(start)
        for place, comment in self.comments[bisect_left(self.comments, end, key=lambda each: each[0]) :]:
            gap = self.text[end:place]
            if gap.strip() or (self._column(place) <= column if comment.own else "\n" in gap):
                break
            end = place + len(comment.text)
        return end

    def _column(self, place: int) -> int:
        return place - self.text.rfind("\n", 0, place) - 1


def _scalars(data: Data, text: str) -> Iterator[tuple[int, int]]:
    """Yield where the keys and values of a file stand; of a text of several lines, without the comment after its sign."""
    if isinstance(data, Mapping):
        for entry in data.entries.values():
            yield from _scalars(entry.key, text)
            yield from _scalars(entry.value, text)
    elif isinstance(data, tree.Scalar):
        start, end = data.span.start, data.span.end
        if data.text or data.quoted:
            head = text.find("\n", start, end)
            if text[start] in "|>" and (sign := text.find("#", start, head)) > 0:
                yield start, sign
                start = head
            yield start, start + len(text[start:end].rstrip())
    else:
        for item in data.items:
            yield from _scalars(item, text)
