"""From grammar rules to tree nodes, while parsing: one method a rule, and no intermediate parse tree."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from lark import Token

from .. import tree
from ..source import Span

_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "\\": "\\", "$": tree.DOLLAR}


class Rules:
    """The methods of a builder by rule, as Lark calls them: with one list of all parts."""

    def __init__(self, builder: TreeBuilder) -> None:
        self._builder = builder

    def __getattr__(self, rule: str) -> Callable[[list[Any]], Any]:
        method = getattr(self._builder, rule)
        return lambda parts: method(*parts)


class TreeBuilder:
    """Builds the tree; `place` turns offsets into a span, and `doc` gives the doc comment above an offset."""

    place: Callable[[int, int], Span]
    doc: Callable[[int], str | None]

    def span(self, first: Any, last: Any) -> Span:
        """Return the span from one token or node to another."""
        return self.token(first).to(self.token(last))

    def token(self, part: Any) -> Span:
        """Return the span of a token or a node."""
        return self.place(part.start_pos or 0, part.end_pos or 0) if isinstance(part, Token) else part.span

    def word(self, token: Token) -> tree.Word:
        """Return a name without its backticks."""
        return tree.Word(token[1:-1] if token.startswith("`") else str(token), self.token(token))

    # --- statements ------------------------------------------------------------------------------------------------

    def start(self, body: list[tree.Statement]) -> list[tree.Statement]:
        return body

    def body(self, lines: list[tree.Statement], last: tree.Statement | None = None) -> list[tree.Statement]:
        return lines if last is None else [*lines, last]

    def lines(self, before: list[tree.Statement] | None = None, *rest: Any) -> list[tree.Statement]:
        # The list grows in place: a file of 50,000 lines is one list, not 50,000 copies.
        lines = [] if before is None else before
        lines.extend(part for part in rest if not isinstance(part, Token))
        return lines

    def block(self, kind: Token, *rest: Any) -> tree.Block:
        name = self.word(rest[0]) if len(rest) == 4 else None
        head = self.span(kind, rest[0]) if name else self.token(kind)
        return tree.Block(self.word(kind), name, tuple(rest[-2]), self.doc(kind.start_pos or 0), head, self.span(kind, rest[-1]))

    def attribute(self, name: Token, _: Token, value: tree.Expression) -> tree.Attribute:
        return tree.Attribute(None, self.word(name), value, self.doc(name.start_pos or 0), self.span(name, value))

    def labelled(self, label: Token, name: Token, _: Token, value: tree.Expression) -> tree.Attribute:
        return tree.Attribute(self.word(label), self.word(name), value, self.doc(label.start_pos or 0), self.span(label, value))

    def labelled_string(self, label: Token, text: Token) -> tree.LabelledString:
        return tree.LabelledString(self.word(label), self.string(text), self.doc(label.start_pos or 0), self.span(label, text))

    def typed(self, name: Token, _: Token, kind: tuple[Any, ...]) -> tree.TypedName:
        return self._typed(None, name, name, kind)

    def labelled_typed(self, label: Token, name: Token, _: Token, kind: tuple[Any, ...]) -> tree.TypedName:
        return self._typed(self.word(label), label, name, kind)

    def _typed(self, label: tree.Word | None, first: Token, name: Token, kind: tuple[Any, ...]) -> tree.TypedName:
        written, nullable, within, default, last = kind
        return tree.TypedName(
            label, self.word(name), written, nullable, within, default, self.doc(first.start_pos or 0), self.span(first, last)
        )

    def column_type(self, kind: tree.Expression, *rest: Any) -> tuple[Any, ...]:
        within = next((part[1] for part in rest if isinstance(part, tuple) and part[0] == "within"), None)
        default = next((part[1] for part in rest if isinstance(part, tuple) and part[0] == "default"), None)
        nullable = any(isinstance(part, Token) for part in rest)
        last = default or within or next((part for part in rest if isinstance(part, Token)), kind)
        return kind, nullable, within, default, last

    def within(self, _: Token, value: tree.Expression) -> tuple[str, tree.Expression]:
        return "within", value

    def default(self, _: Token, value: tree.Expression) -> tuple[str, tree.Expression]:
        return "default", value

    def constraint(self, term: tree.Expression) -> tree.Constraint:
        return tree.Constraint(None, term, self.doc(term.span.start), term.span)

    def labelled_constraint(self, label: Token, term: tree.Expression) -> tree.Constraint:
        return tree.Constraint(self.word(label), term, self.doc(label.start_pos or 0), self.span(label, term))

    # --- expressions -----------------------------------------------------------------------------------------------

    def expression(self, value: tree.Expression) -> tree.Expression:
        return value

    def tail(self, operator: Token, right: tree.Expression) -> tuple[str, tree.Expression]:
        return str(operator), right

    def binary(self, left: tree.Expression, operator: Token, right: tree.Expression) -> tree.Binary:
        return tree.Binary(str(operator), left, right, self.span(left, right))

    def unary(self, operator: Token, operand: tree.Expression) -> tree.Unary:
        return tree.Unary(str(operator), operand, self.span(operator, operand))

    def over(self, operand: tree.Expression, _: Token, window: Token) -> tree.Over:
        return tree.Over(operand, self.number(window), self.span(operand, window))

    def number(self, token: Token) -> tree.Number:
        return tree.Number(str(token), self.token(token))

    def date(self, token: Token) -> tree.Date:
        return tree.Date(str(token), self.token(token))

    def string(self, token: Token) -> tree.String:
        value = re.sub(r"\\(.)", lambda match: _ESCAPES.get(match[1], match[0]), token[1:-1], flags=re.DOTALL)
        return tree.String(value, self.token(token))

    def interval(self, token: Token) -> tree.Interval:
        low, _, high = token.partition("..")
        start = token.start_pos or 0
        whole = self.token(token)
        return tree.Interval(self._end(low, start), self._end(high, start + len(low) + 2), whole)

    def _end(self, text: str, start: int) -> tree.Number | tree.Date:
        span = self.place(start, start + len(text))
        return tree.Date(text, span) if re.match(r"\d{4}-", text) else tree.Number(text, span)

    def group(self, _: Token, inner: tree.Expression, __: Token) -> tree.Expression:
        return inner

    def list(self, *parts: Any) -> tree.Items:
        return tree.Items(tuple(part for part in parts if not isinstance(part, Token)), self.span(parts[0], parts[-1]))

    def call(self, function: Token, *parts: Any) -> tree.Call:
        path = tree.Path((self.word(function),), self.token(function))
        return tree.Call(path, tuple(part for part in parts if not isinstance(part, Token)), self.span(function, parts[-1]))

    def argument(self, first: Any, *rest: Any) -> tree.Argument:
        if rest:
            return tree.Argument(self.word(first), rest[1], self.span(first, rest[1]))
        return tree.Argument(None, first, first.span)

    def path(self, first: Any, *rest: Any) -> tree.Path:
        words = first.parts if isinstance(first, tree.Path) else (self.word(first),)
        if rest:
            words = (*words, self.word(rest[1]))
        return tree.Path(words, words[0].span.to(words[-1].span))
