"""Writing Markdown: tables, code spans and prose that no text of the user's can break."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence
from urllib.parse import quote

#: What begins a heading, a list, a quotation, a rule or a fence at the start of a line.
_BLOCK = re.compile(r"^(\d*)([#>+\-=*_~.)]|`{3})(?=\s|$|[#>+\-=~`])")
_SPAN = re.compile(r"(`+)(?!`).+?(?<!`)\1(?!`)")

#: What has a meaning in Markdown inside a code span's replacement, beside what `html.escape` covers.
_MARKS = str.maketrans({mark: f"&#{ord(mark)};" for mark in "|`*_[]\\~"})


def code(text: str) -> str:
    """Return a text as a code span; one with a backtick, a pipe or a line break becomes HTML, since no code span can hold it in a table."""
    if not text:
        return "<code></code>"
    if any(mark in text for mark in "`|\n\r") or text != text.strip():
        shown = html.escape(text, quote=False).translate(_MARKS).replace("\r", "").replace("\n", "<br>")
        return f"<code>{shown}</code>"
    return f"`{text}`"


def prose(text: str) -> str:
    """Return a text for one paragraph or one cell: its inline Markdown stays; HTML, line breaks and what would begin a block do not."""
    flat = " ".join(text.split())
    plain, start = [], 0
    for span in _SPAN.finditer(flat):
        plain += [flat[start : span.start()].replace("<", "&lt;"), span[0]]
        start = span.end()
    flat = "".join([*plain, flat[start:].replace("<", "&lt;")]).replace("|", "\\|")
    return _BLOCK.sub(r"\1\\\2", flat)


def link(text: str, path: str) -> str:
    """Return a link to a file; `path` is as it stands on the disk."""
    shown = prose(text).replace("[", "\\[").replace("]", "\\]")
    return f"[{shown}]({quote(path)})"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; cells are Markdown already, from `code` or `prose`."""
    lines = [_row(head), _row(["---"] * len(head))]
    for cells in rows:
        assert len(cells) == len(head), (head, cells)
        lines.append(_row(cells))
    return "\n".join(lines)


def bullets(items: Iterable[str]) -> str:
    """Return a list."""
    return "\n".join(f"- {item}" for item in items)


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
