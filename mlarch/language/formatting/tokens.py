"""A file as the formatter sees it: its tree, and its words with the comments between them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from lark import Token

from .. import tree
from ..diagnostics import Findings
from ..parsing.parser import parse
from ..reuse import told_once
from ..source import Source, Span
from .nodes import Comment

_COMMENT_OR_BREAK = re.compile(r"(#[^\n]*)|\n")
_TRAILING = re.compile(r"[ \t]*\r?$")


@dataclass(slots=True)
class Word:
    """A token with what stands before it: comments, and how the lines run.

    `ended` says that a line break before it ends a statement, `broken` that there is a line break at all, `blank` that a blank line is
    right before it. The last word of a file has the kind `$END` and no text. `start` is where it begins.
    """

    kind: str
    text: str
    start: int = 0
    comments: list[Comment] = field(default_factory=list)
    ended: bool = False
    broken: bool = False
    blank: bool = False


@dataclass(frozen=True, slots=True)
class Collected:
    """A file without syntax errors."""

    document: tree.Document
    tokens: list[Word]

    def comments(self) -> list[str]:
        """Return all comments in their order."""
        return [comment.text for word in self.tokens for comment in word.comments]


def collected(source: Source, findings: Findings) -> Collected | None:
    """Parse a file and return its words, or None where it has errors."""
    return told_once("collected", (source.name, source.text), findings, lambda own: _collected(source, own))


def _collected(source: Source, findings: Findings) -> Collected | None:
    taken: list[Token] = []
    own = Findings()
    body = told_once("text", (source.name, source.text), own, lambda found: parse(source, found, taken).body)
    if not taken and not own.failed:  # somebody else has read it, and kept no tokens
        body = parse(source, Findings(), taken).body
    findings.items += own.items
    document = tree.Document(body, Span(source, 0, len(source.text)))
    return None if own.failed else Collected(document, list(_words(source.text, taken)))


def _words(text: str, taken: list[Token]) -> Iterator[Word]:
    """Yield the words, and the comments that lie in the gaps between them."""
    position, ended = 0, False
    for token in taken:
        if token.type == "NL":
            ended = True
            continue
        start = token.start_pos or 0
        yield _word(token.type, str(token), text, (position, start), ended)
        position, ended = token.end_pos or 0, False
    yield _word("$END", "", text, (position, len(text)), True)


def _word(kind: str, said: str, text: str, gap: tuple[int, int], ended: bool) -> Word:
    word = Word(kind, said, gap[1], ended=ended)
    breaks = 0 if gap[0] else 1  # the file's first line begins like any other
    for found in _COMMENT_OR_BREAK.finditer(text, *gap):
        if found[1] is None:
            breaks += 1
            word.broken = True
        else:
            word.comments.append(Comment(_TRAILING.sub("", found[1]), own=breaks > 0, blank=breaks > 1))
            breaks = 0
    word.blank = breaks > 1
    return word
