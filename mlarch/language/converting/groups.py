"""Statements under their keys: what stands in a text one after the other is one mapping in YAML."""

from __future__ import annotations

from collections.abc import Iterable

from .. import tree
from .expressions import bound, written
from .outline import Item, is_renaming


def grouped(items: Iterable[Item]) -> dict[str, list[Item]]:
    """Return the statements of a body by their keys in YAML, each group where its first one stands."""
    found: dict[str, list[Item]] = {}
    for item in items:
        found.setdefault(key_of(item.statement), []).append(item)
    return found


def key_of(statement: tree.Statement) -> str:
    """Return the key that a statement stands under."""
    match statement:
        case tree.Block(kind):
            return kind.text
        case tree.Constraint(None, term):
            sides = bound(term)
            return _key(term) if sides else written(term)
        case tree.Constraint(tree.Word() as label) | tree.LabelledString(label):
            return label.text
        case tree.Attribute(label, name) | tree.TypedName(label, name):
            return (label or name).text
    raise AssertionError(statement)


def _key(term: tree.Expression) -> str:
    """The left side of a comparison: a name as it is, an expression as it is written."""
    left = term.left if isinstance(term, tree.Binary) else term
    return left.parts[0].text if isinstance(left, tree.Path) and len(left.parts) == 1 else written(left)


def name_of(statement: tree.Statement) -> str | None:
    """Return the name under the key, for statements that have one there."""
    match statement:
        case tree.Block(_, tree.Word() as name):
            return name.text
        case tree.Attribute(tree.Word(), name) | tree.TypedName(tree.Word(), name):
            return name.text
    return None


def as_conditions(items: list[Item]) -> bool:
    """Tell whether the body of a block of conditions is a list: all are conditions, or some cannot be keys."""
    conditions = [item.statement for item in items if isinstance(item.statement, tree.Constraint)]
    keys = [key_of(item.statement) for item in items]
    return len(conditions) == len(items) or len(set(keys)) < len(keys) or any(bound(each.term) is None for each in conditions)


def inner_path(block: tree.Block, path: tuple[str, ...]) -> tuple[str, ...]:
    """Return the kinds from the top to what is in a block; an overlay holds what a file holds."""
    return () if block.kind.text == "overlay" and not path else (*path, block.kind.text)


def is_listed(statement: tree.Statement) -> bool:
    """Tell whether a statement is an item of a list under its key."""
    match statement:
        case tree.LabelledString() | tree.Constraint(tree.Word()):
            return True
    return is_renaming(statement)
