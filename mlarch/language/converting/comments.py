"""The comments of a file, wherever no word of either form stands."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from ..formatting.nodes import Comment

_COMMENT = re.compile(r"#[^\n]*")
_BLANK = re.compile(r"\n[ \t\f\r]*\n")


def comments_of(text: str, words: Iterable[tuple[int, int]]) -> Iterator[tuple[int, Comment]]:
    """Yield each comment with its offset; `words` are the ranges of all words, in their order."""
    position = 0
    for start, end in (*words, (len(text), len(text))):
        for found in _COMMENT.finditer(text, position, max(position, start)):
            line = text.rfind("\n", 0, found.start()) + 1
            yield found.start(), Comment(found[0].rstrip(" \t\r\f"), own=not text[line : found.start()].strip())
        position = max(position, end)


def blank_between(text: str, start: int, end: int) -> bool:
    """Tell whether an empty line lies between two offsets."""
    return _BLANK.search(text, start, end) is not None
