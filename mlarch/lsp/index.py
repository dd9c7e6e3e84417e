"""What every name in the files of an architecture means: where it is declared, and where it is used.

A symbol is the path of what it names, as positions have it: `source.nuclei`, `source.nuclei.schema.age`, `features.shape.feature.size`,
`param.data`.

The index is made of the trees, so that it also tells of a file with mistakes; what the value of a key names is said by the vocabulary.
"""

from __future__ import annotations

import re
import typing
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ..architecture.blocks import KINDS, NAMELESS
from ..architecture.forms import form_of
from ..architecture.nodes import abouts
from ..architecture.shapes import block_at
from ..architecture.values import alternatives, is_expression
from ..architecture.vocabulary import About, Block
from ..language import tree
from ..language.source import Span

_PARAMETER = re.compile(r"(?<!\\)\$\{\s*param\.(\w+)\s*\}")
_ANYTHING = About("")


@dataclass(frozen=True, slots=True)
class Use:
    """One place where a symbol is named; `declares` tells whether it begins to exist there."""

    symbol: str
    span: Span
    declares: bool = False


@dataclass(frozen=True, slots=True)
class Declaration:
    """Where a symbol is declared: its name, all of it, and its doc comment."""

    symbol: str
    name: Span
    whole: Span
    node: tree.Statement

    @property
    def doc(self) -> str | None:
        return self.node.doc


class Index:
    """Declarations and uses of the statements of several files."""

    def __init__(self, files: Iterable[Iterable[tree.Statement]]) -> None:
        self._bodies = [tuple(body) for body in files]
        self.declared: dict[str, Declaration] = {}
        for body in self._bodies:
            self._declare(body)

    @cached_property
    def uses(self) -> list[Use]:
        """Every place that names a symbol; most questions are answered without them."""
        found: list[Use] = []
        for body in self._bodies:
            _Uses(self, found).top(body)
        return found

    def of(self, symbol: str) -> list[Use]:
        """Return every place that names a symbol."""
        return [use for use in self.uses if use.symbol == symbol]

    def names(self, prefix: str) -> dict[str, Declaration]:
        """Return what is declared directly below a path, by name: `source`, `source.nuclei.schema`."""
        depth = len(prefix) + 1
        return {
            symbol[depth:]: each
            for symbol, each in self.declared.items()
            if symbol.startswith(f"{prefix}.") and ("." not in symbol[depth:] or each.name.text.startswith("`"))
        }

    def block(self, kind: str, name: str) -> tree.Block | None:
        """Return a top-level block."""
        found = self.declared.get(f"{kind}.{name}")
        return found.node if found is not None and isinstance(found.node, tree.Block) else None

    def body(self, blocks: Iterable[tuple[str, str]]) -> tuple[tree.Statement, ...]:
        """Return what a block says, by the kinds and names of the blocks around, the outermost first; an overlay may be one."""
        around = tuple(blocks)
        for body in self._bodies:
            for each in around:
                body = next((node.body for node in body if isinstance(node, tree.Block) and _head(node) == each), ())
            if body:
                return body
        return ()

    def _declare(self, body: Iterable[tree.Statement]) -> None:
        for node in body:
            if isinstance(node, tree.TypedName) and node.label is not None and node.label.text == "param":
                self._add(f"param.{node.name.text}", node.name, node)
            elif isinstance(node, tree.Block) and node.kind.text == "overlay":
                self._declare(node.body)
            elif isinstance(node, tree.Block) and node.name is not None and node.kind.text in KINDS:
                at = f"{node.kind.text}.{node.name.text}"
                self._add(at, node.name, node)
                self._inside(at, node)

    def _inside(self, at: str, block: tree.Block) -> None:
        for node in block.body:
            match node:
                case tree.Attribute(tree.Word() as label, name):
                    self._add(f"{at}.{label.text}.{name.text}", name, node)
                case tree.TypedName(None, name):
                    self._add(f"{at}.{name.text}", name, node)
                case tree.Block(kind, name):
                    self._inside(f"{at}.{kind.text}" + (f".{name.text}" if name else ""), node)

    def _add(self, symbol: str, name: tree.Word, node: tree.Statement) -> None:
        self.declared.setdefault(symbol, Declaration(symbol, name.span, node.span, node))

    # --- whose columns a block speaks of -----------------------------------------------------------------------------

    def source_of(self, kind: str, name: str, seen: tuple[str, ...] = ()) -> str | None:
        """Return the source whose columns the expressions of a block name, found along its references."""
        if kind == "source":
            return name
        block, at = self.block(kind, name), f"{kind}.{name}"
        if block is None or at in seen:
            return None
        found = {node.name.text: node.value for node in block.body if isinstance(node, tree.Attribute) and node.label is None}
        label = next((part for part in _paths(found["label"]) if len(part.parts) >= 2), None) if "label" in found else None
        said = found.get("observations")
        if kind == "model" and said is None and label is not None:
            return label.parts[-2].text
        for value in [said] if said is not None else found.values():
            if isinstance(value, tree.Path) and len(value.parts) == 2 and value.parts[0].text in KINDS:
                further = self.source_of(value.parts[0].text, value.parts[1].text, (*seen, at))
                if further is not None:
                    return further
        return None


def _head(block: tree.Block) -> tuple[str, str]:
    return block.kind.text, block.name.text if block.name else ""


def _paths(node: Any) -> Iterator[tree.Path]:
    """Yield the paths in an expression."""
    if isinstance(node, tree.Path):
        yield node
    for part in parts_of(node):
        yield from _paths(part)


def parts_of(node: Any) -> Iterator[Any]:
    """Yield the direct parts of an expression."""
    match node:
        case tree.Items(items):
            yield from items
        case tree.Call(_, arguments):
            yield from (argument.value for argument in arguments)
        case tree.Unary(_, operand) | tree.Over(operand, _):
            yield operand
        case tree.Binary(_, left, right):
            yield left
            yield right


class _Uses:
    """Walks the statements and finds what they name."""

    def __init__(self, index: Index, found: list[Use]) -> None:
        self.index = index
        self.found = found
        self.source: str | None = None  # whose columns bare names are

    def top(self, body: Iterable[tree.Statement]) -> None:
        for node in body:
            match node:
                case tree.TypedName(tree.Word("param"), name):
                    self._use(f"param.{name.text}", name.span, True)
                case tree.Block(tree.Word("overlay")):
                    self.top(node.body)
                case tree.Block(kind, tree.Word() as name) if kind.text in KINDS:
                    at = f"{kind.text}.{name.text}"
                    self._use(at, name.span, self._is_first(at, name.span))
                    self.source = self.index.source_of(kind.text, name.text)
                    self._block(node, (kind.text,), at)
                case tree.Block(kind, None) if kind.text in NAMELESS:
                    self._block(node, (kind.text,), kind.text)

    def _block(self, block: tree.Block, path: tuple[str, ...], at: str) -> None:
        cls = block_at(path)
        said = abouts(cls) if cls is not None else {}
        for node in block.body:
            match node:
                case tree.Attribute(None, name, value):
                    _, hint, about = said.get(name.text, (None, None, _ANYTHING))
                    if hint is None and path[0] == "source":
                        self._column(name)  # `fill { temp = 50 }`
                    self._value(hint, about, value)
                case tree.Attribute(tree.Word() as label, name, value):
                    symbol = f"{at}.{label.text}.{name.text}"
                    self._use(symbol, name.span, self._is_first(symbol, name.span))
                    self._expression(value)
                case tree.Constraint(_, term):
                    self._constraint(cls, term)
                case tree.TypedName(None, name):
                    symbol = f"{at}.{name.text}"
                    self._use(symbol, name.span, self._is_first(symbol, name.span))
                    self._expression(node.default)
                    self._strings(node.type)
                case tree.Block(kind, name):
                    self._block(node, (*path, kind.text), f"{at}.{kind.text}" + (f".{name.text}" if name else ""))

    def _constraint(self, cls: type[Block] | None, term: tree.Expression) -> None:
        """A limit and a point of a search begin with a key, which is no name of anything."""
        if isinstance(term, tree.Binary) and isinstance(term.left, tree.Path) and cls is not None and len(term.left.parts) == 1:
            said = abouts(cls)
            if term.left.text in said and form_of(said[term.left.text][1]) == "limit":
                self._expression(term.right)
                return
        self._expression(term)

    def _value(self, hint: Any, about: About, node: Any) -> None:
        if hint is None or is_expression(hint) or not isinstance(node, (tree.Path, tree.Items)):
            self._expression(node)
            return
        for item in node.items if isinstance(node, tree.Items) else (node,):
            if not isinstance(item, tree.Path) or item.parts[0].text == "param":
                self._expression(item)
            elif len(item.parts) == 2 and item.parts[0].text in about.refers:
                self._use(item.text, item.parts[1].span)
            elif about.word == "column" and len(item.parts) == 1:
                self._column(item.parts[0])

    def _expression(self, node: Any) -> None:
        if isinstance(node, tree.Path):
            self._path(node)
        elif isinstance(node, tree.String):
            self._strings(node)
        else:
            for part in parts_of(node):
                self._expression(part)

    def _strings(self, node: Any) -> None:
        """A parameter in a text is named there."""
        for each in [node] if isinstance(node, tree.String) else parts_of(node):
            if isinstance(each, tree.String):
                for match in _PARAMETER.finditer(each.span.text):
                    start = each.span.start + match.start(1)
                    self._use(f"param.{match[1]}", Span(each.span.source, start, start + len(match[1])))

    def _path(self, node: tree.Path) -> None:
        words = node.parts
        first = words[0].text
        if len(words) == 1:
            self._column(words[0])
        elif first == "param":
            self._parameter(".".join(word.text for word in words[1:]), words[1].span.to(words[-1].span))
        elif len(words) == 2 and first != self.source and f"features.{first}" in self.index.declared:
            self._pair("features", "feature", words[0], words[1])
        elif len(words) == 2 and f"source.{first}" in self.index.declared:
            self._pair("source", "schema", words[0], words[1])
        elif len(words) == 3 and first in ("source", "features"):
            self._pair(first, "schema" if first == "source" else "feature", words[1], words[2])
        elif first in KINDS:
            self._use(f"{first}.{words[1].text}", words[1].span)

    def _parameter(self, name: str, span: Span) -> None:
        """In YAML, `${param.data}` may be all of a value; its name is the end of it."""
        start = span.start + max(0, span.text.rfind(name))
        self._use(f"param.{name}", Span(span.source, start, start + len(name)) if span.text.startswith(("$", "param.", '"', "'")) else span)

    def _pair(self, kind: str, below: str, block: tree.Word, part: tree.Word) -> None:
        self._use(f"{kind}.{block.text}", block.span)
        self._use(f"{kind}.{block.text}.{below}.{part.text}", part.span)

    def _column(self, word: tree.Word) -> None:
        sources = [self.source] if self.source is not None else list(self.index.names("source"))
        for source in sources:
            if f"source.{source}.schema.{word.text}" in self.index.declared:
                self._use(f"source.{source}.schema.{word.text}", word.span)
                return

    def _is_first(self, symbol: str, span: Span) -> bool:
        found = self.index.declared.get(symbol)
        return found is not None and found.name == span

    def _use(self, symbol: str, span: Span, declares: bool = False) -> None:
        self.found.append(Use(symbol, span, declares))


def class_of(hint: Any) -> type[Block] | None:
    """Return the class of the block that a field holds, named or not."""
    first = alternatives(hint)[0]
    held = typing.get_args(first)[1] if typing.get_origin(first) is dict else first
    return held if isinstance(held, type) and issubclass(held, Block) else None
