"""One thing that may be written, and where the statement stands in which it would be."""

from __future__ import annotations

import typing
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from lsprotocol.types import CompletionItemKind as Kind

from ..architecture.blocks.system import Problem
from ..architecture.expressions import word
from ..architecture.metrics import METRICS, MetricKind, metrics_for
from ..architecture.nodes import abouts
from ..architecture.values import alternatives, is_expression, tag_of
from ..architecture.vocabulary import About, Variant
from ..language import tree
from .cursor import Cursor, Opening, Token
from .index import Index

__all__ = [
    "Kind",
    "Offer",
    "Place",
    "arguments_of",
    "declared",
    "described",
    "holds_expressions",
    "members_of",
    "said_of",
    "variants_of",
]

_NO_OPERAND = ("and", "or", "not", "in", "over")


@dataclass(frozen=True)
class Offer:
    """One thing that may be written: the name shown, the text (with `$1` where the cursor goes on), and what is said of it."""

    label: str
    kind: Kind
    detail: str = ""
    doc: str = ""
    text: str = ""


def declared(index: Index, prefix: str, kind: Kind, detail: str = "") -> Iterator[Offer]:
    """What is declared below a path."""
    for name, each in index.names(prefix).items():
        yield Offer(name, kind, detail or described(each.node), each.doc or "", word(name))


def described(node: tree.Statement) -> str:
    """Return what a declaration says in a line: a column's type, a feature's expression."""
    match node:
        case tree.TypedName(_, name):
            return node.span.text[name.span.end - node.span.start :].lstrip(" :")
        case tree.Attribute(_, _, value):
            return value.span.text
        case tree.Block(kind):
            return kind.text
    return ""


def holds_expressions(hint: Any) -> bool:
    """Tell whether a key takes an expression, or several."""
    first = alternatives(hint)[0]
    return is_expression(hint) or (typing.get_origin(first) is tuple and is_expression(typing.get_args(first)[0]))


def members_of(hint: Any) -> tuple[Any, ...]:
    """Return the types that a value may have, or that an item of a list may."""
    members = alternatives(hint)
    return alternatives(typing.get_args(members[0])[0]) if typing.get_origin(members[0]) is tuple else members


def variants_of(hint: Any) -> tuple[type[Variant], ...]:
    """Return the calls that a key takes, alone or in a list."""
    return tuple(each for each in members_of(hint) if isinstance(each, type) and issubclass(each, Variant))


@dataclass(frozen=True)
class Place:
    """A place in a statement, with what the files around it declare."""

    cursor: Cursor
    index: Index

    @property
    def tokens(self) -> tuple[Token, ...]:
        """The tokens of the statement before the word."""
        return self.cursor.statement

    @property
    def path(self) -> tuple[str, ...]:
        """The kinds of the blocks around."""
        return self.cursor.path

    @cached_property
    def source(self) -> str | None:
        """The source whose columns bare names are here."""
        return self.index.source_of(*self.cursor.top) if self.cursor.top else None

    @cached_property
    def key(self) -> tuple[str, Any, About] | None:
        """The key that the statement begins with: its name, type and description; None where it begins with none."""
        said = abouts(self.cursor.block) if self.cursor.block else {}
        first = self.tokens[0].name if self.tokens else ""
        return (first, said[first][1], said[first][2]) if first in said and not said[first][2].bare else None

    @cached_property
    def call(self) -> Opening | None:
        """The innermost call that is open."""
        return next((each for each in reversed(self.cursor.openings) if each.function), None)

    @cached_property
    def variant(self) -> type[Variant] | None:
        """The innermost call that is open, where it is one of the vocabulary's."""
        if self.key is None or self.call is None:
            return None
        known = list(variants_of(self.key[1]))
        for each in known:
            known += [inner for _, hint, _ in abouts(each).values() for inner in variants_of(hint) if inner not in known]
        return next((each for each in known if tag_of(each) == self.call.function), None)

    @cached_property
    def argument(self) -> tuple[Any, About] | None:
        """Type and description of the argument that is being written in such a call; None where any may follow, or none."""
        if self.variant is None or self.call is None:
            return None
        said = abouts(self.variant)
        parts = arguments_of(self.call.tokens)
        current = parts[-1]
        name = current[0].name if len(current) > 1 and current[1].text == "=" else None
        if name is None and any(len(part) > 1 and part[1].text == "=" for part in parts[:-1]):
            return None
        keys = [*said]
        at = keys.index(name) if name in said else len(parts) - 1 if name is None else len(keys)
        return said[keys[at]][1:] if at < len(keys) else None

    @property
    def in_list(self) -> set[str]:
        """What stands already in the list that is open."""
        opening = self.cursor.openings[-1] if self.cursor.openings else None
        return set() if opening is None or opening.function else {"".join(t.text for t in part) for part in arguments_of(opening.tokens)}

    @property
    def after_operand(self) -> bool:
        """Tell whether an operand is complete, so that an operator follows."""
        tokens: Sequence[Token] = self.cursor.openings[-1].tokens if self.cursor.openings else self.tokens
        if not self.cursor.openings and self.key is not None:
            starts = [number for number, token in enumerate(tokens) if token.text == "="]
            tokens = tokens[starts[0] + 1 :] if starts else tokens[1:]
        last = tokens[-1] if tokens else None
        return last is not None and last.text not in _NO_OPERAND and (last.kind in ("name", "number", "string") or last.text in (")", "]"))

    @cached_property
    def problem(self) -> Problem | None:
        """What kind of answer the system gives, where it says so."""
        for each in self.index.names("system").values():
            said = said_of(each.node, "problem")
            if said in set(Problem):
                return Problem(said)
        return None

    @property
    def metrics(self) -> dict[str, MetricKind]:
        """The metrics of the system's problem."""
        return metrics_for(self.problem) if self.problem is not None else METRICS

    @property
    def family(self) -> str | None:
        """The family of the model around."""
        return said_of(self.index.block(*self.cursor.top), "family") if self.cursor.top else None


def said_of(block: tree.Statement | None, key: str) -> str | None:
    """Return what a block says of a key, as written."""
    body = block.body if isinstance(block, tree.Block) else ()
    return next((each.value.span.text for each in body if isinstance(each, tree.Attribute) and each.name.text == key), None)


def arguments_of(tokens: Sequence[Token]) -> list[list[Token]]:
    """Return the tokens of each argument in brackets; the last one is being written."""
    parts: list[list[Token]] = [[]]
    depth = 0
    for token in tokens:
        depth += (token.text in ("(", "[")) - (token.text in (")", "]"))
        if token.text == "," and depth <= 0:
            parts.append([])
        else:
            parts[-1].append(token)
    return parts
