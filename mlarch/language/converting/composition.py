"""A YAML file with config groups becomes one outline: what the groups say, in its place, with the file's own comments."""

from __future__ import annotations

from dataclasses import replace

from .. import tree
from ..data import Mapping, Sequence
from ..diagnostics import Findings
from ..formatting.nodes import Comment
from ..forming import Former
from ..shapes import Shapes
from ..source import Source
from ..yaml.composing import compose
from .expressions import statement_text
from .outline import Item, Outlined, settle_docs


def composed(source: Source, data: Mapping, own: Outlined, shapes: Shapes, findings: Findings) -> Outlined | None:
    """Return the outline of a file and of its config groups; `own` is the file without them."""
    whole = compose(source, data, [], findings)
    statements = list(Former(shapes, findings).top(whole)) if whole is not None else []
    if findings.failed:
        return None
    before = own.comments()
    items = [_plain(each) for each in statements]
    left = _graft(items, own.items)
    _reorder(items, own.items)
    note = Comment(f"# Composed of its own keys and of the config groups {_chosen(data)}.", own=True)
    # What could not be put at its statement goes below the last one.
    dangling = [*own.dangling, *(Comment(each.text, own=True) for each in left)]
    items[0].leading = [note, *items[0].leading]
    settle_docs(items)
    made = Outlined(items, dangling)
    added = made.comments()
    for text in before:
        added.remove(text)
    return Outlined(items, dangling, tuple(added))


def _plain(statement: tree.Statement) -> Item:
    item = Item(statement, [], inline="\n" not in statement.span.text)
    if isinstance(statement, tree.Block):
        item.items = [_plain(each) for each in statement.body]
    return item


def _graft(items: list[Item], own: list[Item]) -> list[Comment]:
    """Give statements the comments of the file's own ones; return the comments of those that are no longer there."""
    left: list[Comment] = []
    places = {_place(each.statement): each for each in items}
    for each in own:
        found = places.pop(_place(each.statement), None)
        if found is None:
            left += each.comments()
            continue
        found.leading, found.trailing, found.blank, found.inline = each.leading, each.trailing, each.blank, each.inline
        found.dangling = each.dangling
        left += _graft(found.items, each.items)
    return left


def _reorder(items: list[Item], own: list[Item]) -> None:
    """Put the file's own statements into its order, and what only the groups say below them."""
    order = {_place(each.statement): number for number, each in enumerate(own)}
    items.sort(key=lambda each: order.get(_place(each.statement), len(order)))
    inside = {_place(each.statement): each.items for each in own}
    for each in items:
        _reorder(each.items, inside.get(_place(each.statement), []))
        if isinstance(each.statement, tree.Block):
            each.statement = replace(each.statement, body=tuple(inner.statement for inner in each.items))


def _place(statement: tree.Statement) -> str:
    text = statement_text(statement)
    return text if isinstance(statement, (tree.Block, tree.Constraint)) else text.partition(" =")[0].partition(" :")[0]


def _chosen(data: Mapping) -> str:
    value = data.entries["defaults"].value
    items = value.items if isinstance(value, Sequence) else (value,)
    names = [" ".join(each.span.text.split("#")[0].split()) for each in items]
    return ", ".join(name for name in names if name != "_self_")
