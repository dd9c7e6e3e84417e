"""What is said of the word that a person points at."""

from __future__ import annotations

import re
import typing
from collections.abc import Sequence
from enum import Enum
from pathlib import Path
from typing import Any

from lsprotocol import types as lsp

from ..architecture.blocks import KINDS, NAMELESS
from ..architecture.families import FAMILIES, family_named
from ..architecture.functions import FUNCTIONS
from ..architecture.nodes import abouts
from ..architecture.types import ColumnType
from ..architecture.values import alternatives, tag_of
from ..architecture.vocabulary import About, Block, Variant
from ..language import tree
from ..language.codes import CODES
from ..language.diagnostics import Diagnostic, Severity
from ..language.pieces import in_file
from ..language.source import Span
from .cursor import TOP, Cursor, Token, cursor_at
from .index import Index
from .meanings import family_text, function_text, key_text, kind_text, quantity_text, settings_of, variant_text
from .navigation import use_at
from .offer import Place
from .places import offset_of
from .terms import term_text
from .typed import type_of_feature
from .yaml_form import in_yaml, said_at

#: A block of so many lines is shown as it is, a longer one by its head.
SHORT = 8


def hover(path: Path, text: str, position: lsp.Position, index: Index, found: Sequence[Diagnostic]) -> lsp.Hover | None:
    """Return what is said of a position: what is wrong there, then what the word means, then what is only to be known."""
    offset = offset_of(text, position)
    here = [item for item in found if item.span is not None and _is_at(item.span, offset)]
    said = [_wrong(item) for item in here if item.severity is Severity.ERROR]
    meant = _declared(index, path, offset) or (
        _word_of_yaml(text, offset, index) if in_yaml(path) else _word(text, cursor_at(text, offset), index)
    )
    said += [meant] if meant else []
    said += [_wrong(item) for item in here if item.severity is not Severity.ERROR]
    return lsp.Hover(lsp.MarkupContent(lsp.MarkupKind.Markdown, "\n\n---\n\n".join(dict.fromkeys(said)))) if said else None


def _is_at(span: Span, offset: int) -> bool:
    start, end = in_file(span)
    return start <= offset <= end


def _wrong(item: Diagnostic) -> str:
    """The explanation of a code, as `mlarch explain` gives it."""
    code = CODES.get(item.code)
    return f"**{item.code}**" + (f": {code.title}\n\n{code.explanation}" if code is not None else "")


def _declared(index: Index, path: Path, offset: int) -> str:
    """What is said of a name that the files declare."""
    use = use_at(index, path, offset)
    found = index.declared.get(use.symbol) if use is not None else None
    if found is None:
        return ""
    match found.node:
        case tree.Block(kind, name):
            head = _whole(found.node) or f"{kind.text} {name.text if name else ''}"
            source = index.source_of(kind.text, name.text) if name else None
            facts = [f"Over `source.{source}`."] if source and kind.text != "source" else []
        case _:
            head, facts = re.sub(r"[ \t]{2,}", " ", found.whole.text), [f"In `{_owner(found.symbol)}`."]
            if isinstance(found.node, tree.Attribute) and found.symbol.startswith("features."):
                kind_of = type_of_feature(index, found.symbol.split(".")[1], found.node)
                facts += [f"Type: {kind_of}."] if kind_of else []
    return "\n\n".join([f"```mlarch\n{head}\n```", *([found.doc] if found.doc else []), *facts])


def _whole(block: tree.Block) -> str:
    """A block that is short enough to be read at a glance."""
    text = re.sub(r"(?<=\S)[ \t]{2,}", " ", block.span.text)  # not aligned with neighbours that are not shown
    return text if text.count("\n") <= SHORT else ""


def _owner(symbol: str) -> str:
    parts = symbol.split(".")
    return ".".join(parts[:2]) if len(parts) > 2 else parts[0]


def _word_of_text(text: str, offset: int, index: Index) -> str:
    return _word(text, cursor_at(text, offset), index)


def _word_of_yaml(text: str, offset: int, index: Index) -> str:
    said = said_at(text, offset)
    return _word(said.text, cursor_at(said.text, said.offset), index) if said is not None else ""


def _word(text: str, cursor: Cursor, index: Index) -> str:
    """What the vocabulary says of a word."""
    word, block = cursor.word, cursor.block
    if cursor.inside == "code" and word.kind == "number":
        return quantity_text(word.text)
    if cursor.inside != "code" or word.kind != "name":
        return ""
    if not cursor.path:
        kind = cursor.statement[0].name if cursor.statement else word.name
        kinds = KINDS | NAMELESS
        return "" if cursor.statement else kind_text(kind, kinds[kind]) if kind in kinds else TOP.get(kind, "")
    if block is None:
        return ""
    said = abouts(block)
    if not cursor.statement and word.name in said and not said[word.name][2].bare:
        return key_text(block, word.name)
    return _value(text, cursor, word, block, index)


def _value(text: str, cursor: Cursor, word: Token, block: type[Block], index: Index) -> str:
    """What a word in a value means: a function, a call, a member, a metric, a family, a type, a hyperparameter."""
    said = abouts(block)
    called = text[word.end : word.end + 1] == "("
    key = cursor.statement[0].name if cursor.statement else word.name
    _, hint, about = said.get(key, (None, None, About("")))
    if called and (variant := _variant(hint, word.name)):
        return variant_text(variant)
    if called and word.name in FUNCTIONS:
        return function_text(FUNCTIONS[word.name])
    if not cursor.dotted and (member := _member(hint, word.name)):
        return f"`{word.name}`: {about.doc}" + (f"\n\n{member.__doc__}" if member.__doc__ else "")
    if about.word == "family" and word.name in FAMILIES:
        return family_text(family_named(word.name))
    if not cursor.statement and cursor.top is not None and cursor.path[-1] in ("hyperparameters", "search"):
        return settings_of(_family(index, *cursor.top)).get(word.name, ("", ""))[1]
    if any(token.text == ":" for token in cursor.statement) and word.name in set(ColumnType):
        return f"`{word.name}`: the type of a column; it holds a {_kind(word.name)}."
    return _argument(text, cursor, word, index) or term_text(Place(cursor, index), word.name)


def _argument(text: str, cursor: Cursor, word: Token, index: Index) -> str:
    """The name of an argument of a call that is a value."""
    variant = Place(cursor, index).variant
    said = abouts(variant) if variant is not None else {}
    return f"`{word.name}`: {said[word.name][2].doc}" if word.name in said and re.match(r"\s*=(?!=)", text[word.end :]) else ""


def _kind(name: str) -> str:
    from ..architecture.types import KIND_OF

    return KIND_OF[ColumnType(name)].value


def _family(index: Index, kind: str, name: str) -> str | None:
    block = index.block(kind, name)
    body = block.body if block is not None else ()
    return next((each.value.span.text for each in body if isinstance(each, tree.Attribute) and each.name.text == "family"), None)


def _members(hint: Any) -> tuple[Any, ...]:
    members = alternatives(hint)
    return alternatives(typing.get_args(members[0])[0]) if typing.get_origin(members[0]) is tuple else members


def _variant(hint: Any, name: str) -> type[Variant] | None:
    found = [each for each in _members(hint) if isinstance(each, type) and issubclass(each, Variant)]
    return next((each for each in found if tag_of(each) == name), None)


def _member(hint: Any, name: str) -> type[Enum] | None:
    found = [each for each in _members(hint) if isinstance(each, type) and issubclass(each, Enum)]
    return next((each for each in found if name in [str(member.value) for member in each]), None)
