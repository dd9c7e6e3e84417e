"""Forms: how each key of a block is written, and what has been read of a block so far."""

from __future__ import annotations

import typing
from functools import cache
from typing import Any

from ..language import tree
from ..language.source import Span
from ..language.suggest import nearest
from .nodes import abouts
from .types import Column
from .values import alternatives
from .vocabulary import Block, Condition, Definition, Limit


@cache
def form_of(hint: Any) -> str:
    """Say how a field is written: `block`, `blocks`, `definitions`, `conditions`, `columns`, `settings`, `limit` or `value`."""
    first = alternatives(hint)[0]
    origin, arguments = typing.get_origin(first), typing.get_args(first)
    if origin is dict:
        return "blocks" if is_a(arguments[1], Block) else "definitions" if is_a(arguments[1], Definition) else "settings"
    if origin is tuple and is_a(arguments[0], Condition):
        return "conditions"
    if origin is tuple and is_a(arguments[0], Column):
        return "columns"
    if is_a(first, Block):
        return "block"
    return "limit" if first is Limit else "value"


def is_a(hint: Any, base: type) -> bool:
    """Tell whether a type hint is a class below another."""
    return isinstance(hint, type) and issubclass(hint, base)


class Scope:
    """The values read so far of one block."""

    def __init__(self, cls: type[Block], node: tree.Block, at: str, top: str) -> None:
        self.cls = cls
        self.at = at
        self.top = top
        self.inner = at[len(top) + 1 :].partition(".")[0]
        self.said = abouts(cls)
        self.written = {word.text for each in node.body if (word := key_of(each)) is not None}
        self.values: dict[str, Any] = {}
        self.seen: dict[str, Span] = {}
        self.failed: set[str] = set()

    def bare(self, form: str) -> str | None:
        """Return the field that takes unlabelled statements of a form."""
        return next((key for key, (_, hint, about) in self.said.items() if about.bare and form_of(hint) == form), None)

    def form(self, key: str) -> str | None:
        """Return how a key of the block is written, or None where it has no such key."""
        return form_of(self.said[key][1]) if key in self.said else None

    def meant(self, word: str, known: list[str]) -> str | None:
        """Return the key that a misspelt one stands for: rather one that is not there already."""
        return nearest(word, [key for key in known if key not in self.written]) or nearest(word, known)


def key_of(node: tree.Statement) -> tree.Word | None:
    """Return the word by which a statement names a key of its block."""
    if isinstance(node, tree.Block):
        return node.kind
    return node.label or (node.name if isinstance(node, (tree.Attribute, tree.TypedName)) else None)
