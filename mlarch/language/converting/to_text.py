"""From an outline to `.mlarch` text; the formatter then lays it out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from .. import tree
from ..diagnostics import Findings
from ..files import display
from ..formatting import format_source
from ..formatting.nodes import Comment
from ..shapes import Shapes
from ..source import Source
from .expressions import statement_text, written
from .groups import inner_path
from .inlining import stays_inline
from .outline import Item, Outlined
from .proof import Unsayable


def text_of(outlined: Outlined, shapes: Shapes, twin: Path) -> str:
    """Return the text of a file in the canonical style."""
    if any(_is_language(each.statement) for each in outlined.items[1:]):
        raise Unsayable("`language` stands first there: move it to the top")
    writer = _Writer(shapes)
    lines = [*writer.body(outlined.items, (), 0), *_notes(outlined.dangling)]
    text = "\n".join(lines) + "\n"
    return format_source(Source(display(twin), text, twin), Findings()) or text  # what has errors is said by the proof


def _is_language(statement: tree.Statement) -> bool:
    return isinstance(statement, tree.Attribute) and statement.label is None and statement.name.text == "language"


#: What a condition of a text begins with; `not` would be read as the label of what follows.
_BEGINS = re.compile(r"(?!not\b)[^\W\d]|`")


class _Writer:
    def __init__(self, shapes: Shapes) -> None:
        self.shapes = shapes

    def body(self, items: list[Item], path: tuple[str, ...], depth: int) -> Iterator[str]:
        """Yield the lines of some statements."""
        before: Item | None = None
        for item in items:
            leading = _notes(item.leading)
            apart = item.leading[0].blank if item.leading else item.blank
            if apart if depth else before is None or _sort(before) != _sort(item):
                yield ""
            yield from leading[1:] if leading and not leading[0] else leading
            if item.leading and item.blank:
                yield ""
            yield from self.item(item, path, depth)
            before = item

    def item(self, item: Item, path: tuple[str, ...], depth: int) -> Iterator[str]:
        end = f" {item.trailing.text}" if item.trailing else ""
        head = _head(item)
        if not isinstance(item.statement, tree.Block):
            yield head + end
        elif stays_inline(item, path, depth, self.shapes):
            yield f"{head} {{ {', '.join(_inline(each) for each in item.items)} }}{end}"
        else:
            yield f"{head} {{{end}"
            yield from self.body(item.items, inner_path(item.statement, path), depth + 1)
            yield from _notes(item.dangling)
            yield "}"


def _head(item: Item) -> str:
    """Return a statement's own line. Raises Unsayable where a text would read it otherwise."""
    if isinstance(item.statement, tree.Constraint) and not _BEGINS.match(written(item.statement.term)):
        raise Unsayable(f"a condition begins with a name there, and not as `{written(item.statement.term)}` does")
    return statement_text(item.statement)


def _inline(item: Item) -> str:
    head = _head(item)
    return f"{head} {{ {', '.join(map(_inline, item.items))} }}" if isinstance(item.statement, tree.Block) else head


def _sort(item: Item) -> str:
    statement = item.statement
    return statement.kind.text if isinstance(statement, tree.Block) else type(statement).__name__


def _notes(comments: list[Comment]) -> list[str]:
    return [line for comment in comments for line in (*([""] if comment.blank else []), comment.text)]
