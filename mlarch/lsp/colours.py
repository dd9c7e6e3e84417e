"""Semantic tokens: what each word of a file is, by the trees and the index, and the rest by its form."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from ..language import tree
from ..language.pieces import in_file
from ..language.source import Span
from .index import Index, parts_of
from .places import units

#: The kinds of tokens that are told apart, in the order of their numbers.
KINDS = ("keyword", "class", "property", "variable", "parameter", "function", "type", "number", "string", "comment", "namespace")
_NUMBERS = {kind: number for number, kind in enumerate(KINDS)}
_COMMENT = re.compile(r'"(?:[^"\\\n]|\\.)*"|`[^`\n]*`|(#[^\n]*)')


def semantic_tokens(body: Iterable[tree.Statement], whole: Span, index: Index) -> list[int]:
    """Return the tokens of a file as the protocol packs them: five numbers each, relative to the one before."""
    found: dict[tuple[int, int], str] = {}
    for start, end, kind in (*_comments(whole.source.text), *_statements(body), *_names(index, whole)):
        if start < end:
            found[start, end] = kind
    return _packed(sorted((start, end, kind) for (start, end), kind in found.items()), whole)


Token = tuple[int, int, str]


def _packed(tokens: list[Token], whole: Span) -> list[int]:
    data: list[int] = []
    text = whole.source.text
    lines = column = last = 0  # since the token before
    begin, over = 0, text.find("\n")
    for start, end, kind in tokens:
        while 0 <= over < start:
            lines, column, begin, over = lines + 1, 0, over + 1, text.find("\n", over + 1)
        if start < last or 0 <= over < end:
            continue
        here = units(text[begin:start])
        data += (lines, here - column, units(text[start:end].rstrip("\r")), _NUMBERS[kind], 0)
        lines, column, last = 0, here, end
    return data


def _comments(text: str) -> Iterator[Token]:
    for match in _COMMENT.finditer(text):
        if match[1]:
            yield match.start(1), match.end(1), "comment"


def _names(index: Index, whole: Span) -> Iterator[Token]:
    """What a name means by its declaration."""
    for use in index.uses:
        if use.span.source.path == whole.source.path:
            depth = use.symbol.count(".")
            kind = "parameter" if use.symbol.startswith("param.") else "class" if depth == 1 else "variable"
            yield _at(use.span, kind)


def _statements(body: Iterable[tree.Statement]) -> Iterator[Token]:
    for node in body:
        match node:
            case tree.Block(kind, name):
                yield _at(kind.span, "keyword")
                if name is not None:
                    yield _at(name.span, "class")
                yield from _statements(node.body)
            case tree.Attribute(label, name, value):
                if label is not None:
                    yield _at(label.span, "keyword")
                yield _at(name.span, "variable" if label else "property")
                yield from _expression(value)
            case tree.Constraint(label, term):
                if label is not None:
                    yield _at(label.span, "keyword")
                yield from _expression(term)
            case tree.LabelledString(label, value):
                yield _at(label.span, "keyword")
                yield _at(value.span, "string")
            case tree.TypedName(label, name, kind):
                if label is not None:
                    yield _at(label.span, "keyword")
                yield _at(name.span, "parameter" if label else "variable")
                yield _at(kind.function.span if isinstance(kind, tree.Call) else kind.span, "type")
                for part in (*parts_of(kind), node.within, node.default):
                    yield from _expression(part)


def _expression(node: Any) -> Iterator[Token]:
    match node:
        case tree.Number() | tree.Date() | tree.Interval():
            yield _at(node.span, "number")
        case tree.String():
            yield _at(node.span, "string")
        case tree.Call(function, arguments):
            yield _at(function.span, "function")
            yield from (_at(each.name.span, "property") for each in arguments if each.name is not None)
        case tree.Path(parts):
            yield from (_at(word.span, "namespace") for word in parts[:-1])
            yield _at(parts[-1].span, "variable")
        case tree.Over(_, window):
            yield _at(window.span, "number")
    for part in parts_of(node):
        yield from _expression(part)


def _at(span: Span, kind: str) -> Token:
    return *in_file(span), kind
