"""What the vocabulary and the declared names offer at one place of a file."""

from __future__ import annotations

import typing
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any

from lsprotocol.types import CompletionItemKind as Kind

from ..architecture.binding import LANGUAGE, form_of
from ..architecture.blocks import KINDS, NAMELESS
from ..architecture.blocks.system import Problem
from ..architecture.expressions import word
from ..architecture.families import FAMILIES, family_named
from ..architecture.functions import FUNCTIONS, OPERATORS, Role
from ..architecture.metrics import METRICS, metrics_for
from ..architecture.nodes import abouts
from ..architecture.quantities import Quantity
from ..architecture.types import ColumnType
from ..architecture.values import alternatives, is_expression, tag_of
from ..architecture.vocabulary import About, Block, Reference, Variant
from ..language import tree
from ..language.parameters import TYPES
from .cursor import TOP, Cursor
from .index import Index
from .meanings import choices_of, family_text, function_text, key_text, kind_text, settings_of, takes, variant_text, written

__all__ = ["Here", "Kind", "Offer", "declared"]


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


class Here:
    """What may stand at one place."""

    def __init__(self, cursor: Cursor, index: Index) -> None:
        self.cursor = cursor
        self.index = index
        self.tokens = cursor.statement
        self.source = index.source_of(*cursor.top) if cursor.top else None

    def offers(self) -> Iterable[Offer]:
        """Return the offers, the likeliest first."""
        cursor, tokens = self.cursor, self.tokens
        if cursor.dotted:
            return self._below(cursor.dotted)
        if not cursor.path:
            return self._top()
        if cursor.block is None:
            return ()
        if not tokens:
            return self._statement(cursor.block)
        said = abouts(cursor.block)
        first, signs = tokens[0].name, [token.text for token in tokens]
        if ":" in signs and "columns" in self._bare(cursor.block):
            return self._type() if signs[-1] == ":" else ()
        if first in said and not said[first][2].bare:
            return self._after(first, said[first][1], said[first][2])
        if "settings" in self._bare(cursor.block):
            return self._setting(first) if signs[1:] == ["="] else ()
        return self._expression() if "conditions" in self._bare(cursor.block) else ()

    def _bare(self, cls: type[Block]) -> set[str]:
        return {form_of(hint) for _, hint, about in abouts(cls).values() if about.bare}

    # --- the top of a file -------------------------------------------------------------------------------------------

    def _top(self) -> Iterator[Offer]:
        signs = [token.text for token in self.tokens]
        if not signs:
            for kind, cls in KINDS.items():
                yield Offer(kind, Kind.Class, "block", kind_text(kind, cls), f"{kind} ${{1:name}} {{\n  $0\n}}")
            for kind, cls in NAMELESS.items():
                yield Offer(kind, Kind.Class, "block", kind_text(kind, cls), f"{kind} {{\n  $0\n}}")
            texts = {
                "language": f'language = "{LANGUAGE}"',
                "import": 'import "$1"',
                "param": "param $1 : ",
                "overlay": "overlay ${1:name} {\n  $0\n}",
            }
            for key, doc in TOP.items():
                if key != "overlay" or not self.cursor.blocks:
                    yield Offer(key, Kind.Keyword, "", doc, texts[key])
        elif signs[0] == "param" and signs[-1] == ":":
            yield from (Offer(each, Kind.TypeParameter, "type of a parameter") for each in TYPES)

    # --- the start of a statement ------------------------------------------------------------------------------------

    def _statement(self, cls: type[Block]) -> Iterator[Offer]:
        present = self._present()
        for key, (_, hint, about) in abouts(cls).items():
            form = form_of(hint)
            if about.bare:
                yield from self._filling(form)
            elif key not in present or form in ("blocks", "definitions", "conditions"):
                yield Offer(key, Kind.Property, written(key, hint), key_text(cls, key), _start(key, form, hint, about))

    def _present(self) -> set[str]:
        """The keys that the block has already."""
        top = self.cursor.top
        block = self.index.block(*top) if top else None
        for kind, name in [each for each in self.cursor.blocks if each[0] != "overlay"][1:]:
            inner = block.body if block is not None else ()
            block = next(
                (
                    each
                    for each in inner
                    if isinstance(each, tree.Block) and (each.kind.text, each.name.text if each.name else "") == (kind, name)
                ),
                None,
            )
        body = block.body if block is not None else ()
        attributes = {each.name.text for each in body if isinstance(each, tree.Attribute) and each.label is None}
        return attributes | {each.kind.text for each in body if isinstance(each, tree.Block) and each.name is None}

    def _filling(self, form: str) -> Iterator[Offer]:
        """What fills a block without a label."""
        if form == "settings":
            for name, (short, long) in self._settings().items():
                yield Offer(name, Kind.Property, short, long, f"{name} = ")
        elif form == "conditions":
            yield from self._expression()

    def _settings(self) -> dict[str, tuple[str, str]]:
        return {key: each for key, each in settings_of(self._said("family")).items() if key not in self._present()}

    def _said(self, key: str) -> str | None:
        """What the top-level block around says of a key, as written."""
        block = self.index.block(*self.cursor.top) if self.cursor.top else None
        body = block.body if block is not None else ()
        return next((each.value.span.text for each in body if isinstance(each, tree.Attribute) and each.name.text == key), None)

    # --- behind a key ------------------------------------------------------------------------------------------------

    def _after(self, key: str, hint: Any, about: About) -> Iterable[Offer]:
        form, signs = form_of(hint), [token.text for token in self.tokens]
        if form == "blocks":
            return self._named(key) if len(signs) == 1 else ()
        if form == "definitions":
            return self._expression() if "=" in signs else ()
        if form == "conditions":
            return self._expression()
        if form == "value" and "=" in signs:
            return self._expression() if is_expression(hint) else self._values(hint, about)
        return ()

    def _named(self, key: str) -> Iterator[Offer]:
        """The name of a metric of the system is one of the table."""
        if key == "metric":
            yield from self._metrics()

    def _values(self, hint: Any, about: About) -> Iterator[Offer]:
        members = alternatives(hint)
        if typing.get_origin(members[0]) is tuple:
            members = alternatives(typing.get_args(members[0])[0])
        variants = [each for each in members if isinstance(each, type) and issubclass(each, Variant)]
        opening = next((each for each in self.cursor.openings if each.function), None)
        if opening is not None:
            yield from self._arguments(next((each for each in variants if tag_of(each) == opening.function), None), opening.tokens)
            return
        for member in members:
            if member is Reference:
                for kind in about.refers:
                    for name, each in self.index.names(kind).items():
                        yield Offer(f"{kind}.{name}", Kind.Reference, kind, each.doc or "", f"{kind}.{word(name)}")
            elif member is bool:
                yield from (Offer(each, Kind.Keyword) for each in ("true", "false"))
            elif isinstance(member, type) and issubclass(member, Enum):
                planned = dict.fromkeys(about.planned, "planned")
                yield from (
                    Offer(str(each.value), Kind.EnumMember, planned.get(str(each.value), ""), member.__doc__ or "") for each in member
                )
        for cls in variants:
            arguments = "$1" if abouts(cls) else ""
            yield Offer(
                tag_of(cls),
                Kind.Function,
                "planned" if tag_of(cls) in about.planned else "",
                variant_text(cls),
                f"{tag_of(cls)}({arguments})$0",
            )
        yield from self._words(about)
        if str in members or Quantity in members:
            yield from self._parameters()

    def _words(self, about: About) -> Iterator[Offer]:
        if about.word == "family":
            yield from (Offer(each, Kind.EnumMember, "family", family_text(family_named(each))) for each in FAMILIES)
        elif about.word == "column":
            yield from self._columns()
        elif about.word == "metric":
            yield from self._metrics()

    def _arguments(self, cls: type[Variant] | None, before: list[Any]) -> Iterator[Offer]:
        """The arguments of a call that are not given yet, or the values of the one that is named."""
        if cls is None:
            return
        said = abouts(cls)
        if before and before[-1].text == "=" and len(before) > 1 and before[-2].name in said:
            _, hint, about = said[before[-2].name]
            yield from _members(hint)
            return
        given = {token.name for token in before if token.kind == "name"}
        for key, (_, hint, about) in said.items():
            if key not in given:
                yield Offer(key, Kind.Property, takes(hint, about), about.doc, f"{key}=")

    def _setting(self, key: str) -> Iterator[Offer]:
        """The values of a hyperparameter, where they are words."""
        yield from (Offer(each, Kind.EnumMember, key) for each in choices_of(self._said("family"), key))
        yield from self._parameters()

    def _type(self) -> Iterator[Offer]:
        yield from (Offer(each.value, Kind.TypeParameter, "type of a column") for each in ColumnType)

    # --- expressions -------------------------------------------------------------------------------------------------

    def _expression(self) -> Iterator[Offer]:
        kind = self.cursor.path[0]
        if kind == "evaluation":
            yield from self._metrics()
            yield Offer("champion", Kind.Module, "the metrics of the model in production", text="champion.")
        if kind != "evaluation" or (self.cursor.openings and self.tokens[-1].text == "="):
            yield from self._columns()
        if self.cursor.path == ("source", "expect"):
            yield Offer("rows", Kind.Variable, "number", "The number of rows of the table.")
        if kind in ("features", "model"):
            for name, each in self.index.names("features").items():
                yield Offer(name, Kind.Module, "features", each.doc or "", f"{word(name)}.")
        if kind == "model":
            for name, each in self.index.names("source").items():
                yield Offer(name, Kind.Module, "source", each.doc or "", f"{word(name)}.")
        if kind in ("source", "features", "model"):
            yield from self._functions(aggregates=self.cursor.path == ("source", "expect"))
        yield from self._parameters()

    def _functions(self, *, aggregates: bool) -> Iterator[Offer]:
        """Functions, those of whole tables first where a table is spoken of."""
        known = [each for each in FUNCTIONS.values() if each not in OPERATORS]
        for function in sorted(known, key=lambda each: (each.role is Role.AGGREGATE) != aggregates):
            yield Offer(function.name, Kind.Function, function.signature, function_text(function), f"{function.name}($1)$0")

    def _columns(self) -> Iterator[Offer]:
        for source in [self.source] if self.source else self.index.names("source"):
            yield from declared(self.index, f"source.{source}.schema", Kind.Field)

    def _metrics(self) -> Iterator[Offer]:
        for metric in self._known_metrics():
            yield Offer(metric, Kind.Value, "metric", METRICS[metric].doc)

    def _known_metrics(self) -> Iterable[str]:
        for each in self.index.names("system").values():
            block = each.node
            body = block.body if isinstance(block, tree.Block) else ()
            said = next((node.value.span.text for node in body if isinstance(node, tree.Attribute) and node.name.text == "problem"), "")
            if said in set(Problem):
                return metrics_for(Problem(said))
        return METRICS

    def _parameters(self) -> Iterator[Offer]:
        for name, each in self.index.names("param").items():
            yield Offer(f"param.{name}", Kind.Constant, described(each.node), each.doc or "")

    def _below(self, parts: tuple[str, ...]) -> Iterator[Offer]:
        """What may stand behind the dot of a path."""
        first = parts[0]
        if len(parts) == 1:
            if first == "champion":
                yield from self._metrics()
            if first in KINDS or first == "param":
                yield from declared(self.index, first, Kind.Reference, first)
            if first not in KINDS or self.index.block("features", first):
                yield from declared(self.index, f"features.{first}.feature", Kind.Field)
                yield from declared(self.index, f"source.{first}.schema", Kind.Field)
        elif first in ("source", "features") and len(parts) == 2:
            yield from declared(self.index, f"{first}.{parts[1]}.{'schema' if first == 'source' else 'feature'}", Kind.Field)


def _start(key: str, form: str, hint: Any, about: About) -> str:
    """Return how a statement with a key begins."""
    match form:
        case "block":
            return f"{key} {{\n  $0\n}}"
        case "blocks":
            return f"{key} ${{1:name}} {{ $0 }}"
        case "definitions":
            return f"{key} ${{1:name}} = $0"
        case "conditions":
            return f"{key} "
        case "limit":
            return f"{key} {about.operators[0] if about.operators else '<'} "
    first = alternatives(hint)[0]
    return f'{key} = "$1"' if first is str and not about.word else f"{key} = "


def _members(hint: Any) -> Iterator[Offer]:
    for member in alternatives(hint):
        if isinstance(member, type) and issubclass(member, Enum):
            yield from (Offer(str(each.value), Kind.EnumMember) for each in member)
        elif member is bool:
            yield from (Offer(each, Kind.Keyword) for each in ("true", "false"))
