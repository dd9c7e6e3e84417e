"""Which blocks stand on one line: those that did, if they are short enough in both forms, so that both agree."""

from __future__ import annotations

from .. import tree
from ..formatting.printing import STEP, WIDTH
from ..shapes import Shapes
from .expressions import statement_text
from .flow import flow_of
from .outline import Item


def stays_inline(item: Item, path: tuple[str, ...], depth: int, shapes: Shapes) -> bool:
    """Tell whether a block is written on one line; `depth` counts the blocks that it is in."""
    if not item.inline or not all(not each.leading and each.bare for each in item.items) or item.dangling:
        return False
    flow = flow_of(item, path, shapes)
    # In YAML a block is at most twice as deep as in text: its kind and its name are two lines.
    return flow is not None and len(flow) + 2 * STEP * (depth + 1) <= WIDTH and text_width(item) + STEP * depth <= WIDTH


def text_width(item: Item) -> int:
    """Return how wide a statement is on one line of text."""
    head = len(statement_text(item.statement))
    inner = sum(text_width(each) + 2 for each in item.items)
    return head + 3 + inner if isinstance(item.statement, tree.Block) else head
