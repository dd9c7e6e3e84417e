"""Text to tree: several syntax errors in one run, each said in the language's words and not the parser generator's."""

from __future__ import annotations

import re
from dataclasses import dataclass
from threading import Lock
from typing import Any

from lark import Token, UnexpectedToken
from lark.utils import TextSlice

from . import tree
from .diagnostics import Findings
from .grammar import parser
from .source import Source, Span
from .syntax_errors import report

_OPENERS, _CLOSERS = ("LPAR", "LSQB"), ("RPAR", "RSQB")
# After these an expression goes on, so a line break is only layout.
_CONTINUE = ("PLUS", "MINUS", "STAR", "SLASH", "COMPARE", "AND", "OR", "IN", "NOT", "OVER")
# The builder is shared and knows one text at a time.
_ONE_AT_A_TIME = Lock()


def parse(source: Source, findings: Findings) -> tree.Document:
    """Parse a file. Statements with a syntax error are left out of the tree and reported."""
    docs = _doc_comments(source.text)
    with _ONE_AT_A_TIME:
        lark, builder = parser()
        builder.place = lambda start, end: Span(source, start, end)
        builder.doc = lambda offset: docs.get(source.position(offset)[0])
        body = _Run(lark, source.text, findings, builder.place).file()
    return tree.Document(tuple(body), Span(source, 0, len(source.text)))


def parse_expression(scalar: tree.Scalar, findings: Findings) -> tree.Expression | None:
    """Parse the text of a YAML scalar as an expression; None when it is none, which is then among the findings."""
    found = _parse_scalar(scalar, "expression", findings)
    return found if found is None else _as_expression(found)


def parse_type(scalar: tree.Scalar, findings: Findings) -> tuple[Any, ...] | None:
    """Parse `float("F")? in 0..60 = 1` as (type, nullable, within, default, last part), or None."""
    found = _parse_scalar(scalar, "column_type", findings)
    return found if isinstance(found, tuple) else None


def parse_tail(scalar: tree.Scalar, findings: Findings) -> tuple[str, tree.Expression] | None:
    """Parse the right side of a constraint, `< 100ms`, as operator and bound, or None."""
    found = _parse_scalar(scalar, "tail", findings)
    return found if isinstance(found, tuple) else None


def _as_expression(found: Any) -> tree.Expression:
    return found  # type: ignore[no-any-return]


def _parse_scalar(scalar: tree.Scalar, start: str, findings: Findings) -> Any:
    text = scalar.text
    offsets = scalar.offsets if len(scalar.offsets) == len(text) + 1 else None

    def place(first: int, last: int) -> Span:
        if offsets is None:
            return scalar.span
        return Span(scalar.span.source, offsets[first], max(offsets[max(last - 1, first)] + 1, offsets[first]))

    with _ONE_AT_A_TIME:
        lark, builder = parser()
        builder.place, builder.doc = place, lambda offset: None
        return _Run(lark, text, findings, place).one(start)


@dataclass
class _Feed:
    """The parser with the tokens that are before it."""

    interactive: Any
    depth: int = 0
    previous: str = "NL"


class _Run:
    """One pass over one text."""

    def __init__(self, lark: Any, text: str, findings: Findings, place: Any) -> None:
        self.lark = lark
        self.text = text
        self.findings = findings
        self.place = place

    def one(self, start: str) -> Any:
        """Parse all of a short text from a start symbol, or report the first error and return None."""
        if not self.text.strip():
            self.findings.error("MLA101", "expected a value, found nothing", self.place(0, 0), "empty")
            return None
        interactive = self.lark.parse_interactive(TextSlice(self.text, 0, len(self.text)), start=start)
        last = None
        try:
            for token in interactive.lexer_thread.lex(interactive.parser_state):
                last = token
                if token.type != "NL":
                    interactive.feed_token(token)
            return interactive.feed_eof(last)
        except UnexpectedToken as problem:
            report(problem, self.text, self.place, self.findings)
            return None

    def file(self) -> list[tree.Statement]:
        """Parse a whole file, recovering at the end of the line after each error."""
        interactive = self.lark.parse_interactive(TextSlice(self.text, 0, len(self.text)), start="start")
        feed = _Feed(interactive)
        tokens = interactive.lexer_thread.lex(interactive.parser_state)
        braces: list[Token] = []
        last: Token | None = None
        for token in tokens:
            last = token
            if self._layout(feed, token):
                continue
            try:
                interactive.feed_token(token)
                feed.previous = token.type
            except UnexpectedToken as problem:
                report(problem, self.text, self.place, self.findings)
                last = self._recover(feed, token, tokens, braces) or token
                continue
            if token.type == "LBRACE":
                braces.append(token)
            elif token.type == "RBRACE" and braces:
                braces.pop()
        return self._finish(interactive, last, braces)

    def _layout(self, feed: _Feed, token: Token) -> bool:
        """Keep count of brackets; tell whether this is a line break that means nothing."""
        if token.type in _OPENERS:
            feed.depth += 1
        elif token.type in _CLOSERS:
            feed.depth = max(0, feed.depth - 1)
        # A block cannot stand in brackets: a brace means that a bracket was forgotten, and the count starts anew.
        elif token.type in ("LBRACE", "RBRACE"):
            feed.depth = 0
        return token.type == "NL" and (feed.depth > 0 or feed.previous in _CONTINUE)

    def _recover(self, feed: _Feed, token: Token, tokens: Any, braces: list[Token]) -> Token | None:
        """Drop the statement that failed and the rest of its line, blocks that open there included."""
        self._unwind(feed.interactive)
        feed.depth, feed.previous = 0, "NL"
        opened = 0
        current: Token | None = token
        while current is not None:
            if current.type == "LBRACE":
                opened += 1
            elif current.type == "RBRACE":
                if opened == 0:
                    self._close(feed, current, braces)
                    return current
                opened -= 1
            elif current.type == "NL" and opened == 0:
                self._feed(feed, current)
                return current
            current = next(tokens, None)
        return None

    def _close(self, feed: _Feed, token: Token, braces: list[Token]) -> None:
        if braces:
            braces.pop()
            self._feed(feed, token)

    def _feed(self, feed: _Feed, token: Token) -> None:
        try:
            feed.interactive.feed_token(token)
        except UnexpectedToken as problem:  # cannot follow an unwound statement; said rather than hidden
            report(problem, self.text, self.place, self.findings)
        feed.previous = token.type

    def _unwind(self, interactive: Any) -> None:
        """Pop the parser's stack back to where a statement may stand."""
        state = interactive.parser_state
        table = state.parse_conf.parse_table.states
        while len(state.state_stack) > 1 and "_sep" not in table[state.state_stack[-1]]:
            state.state_stack.pop()
            state.value_stack.pop()
        if "_sep" not in table[state.state_stack[-1]]:  # before the first statement: `lines` is still empty
            interactive.feed_token(Token("NL", "\n", 0, 1, 1, 1, 1, 0))

    def _finish(self, interactive: Any, last: Token | None, braces: list[Token]) -> list[tree.Statement]:
        if braces:
            opened = braces[-1]
            self.findings.error(
                "MLA102",
                "a block is not closed",
                self.place(opened.start_pos, opened.end_pos),
                "opened here",
                help="add `}` after its last line",
            )
        while True:
            try:
                return list(interactive.feed_eof(last))
            except UnexpectedToken as problem:
                if not braces:
                    report(problem, self.text, self.place, self.findings)
                self._unwind(interactive)
                if not braces:
                    return self._statements(interactive)
                braces.pop()
                closing = Token("RBRACE", "}", len(self.text), 1, 1, 1, 1, len(self.text))
                interactive.feed_token(closing)

    def _statements(self, interactive: Any) -> list[tree.Statement]:
        """What stands on the parser's stack of the top level when the end of the text could not be parsed."""
        values = interactive.parser_state.value_stack
        return list(values[0]) if values and isinstance(values[0], list) else []


_DOC = re.compile(r"^[ \t]*##[ \t]?(.*?)[ \t]*\r?$")


def _doc_comments(text: str) -> dict[int, str]:
    """Return doc comments by the number of the line below them; consecutive `##` lines are one."""
    found: dict[int, str] = {}
    if "##" not in text:
        return found
    held: list[str] = []
    for number, line in enumerate(text.split("\n"), 1):
        match = _DOC.match(line)
        if match:
            held.append(match[1])
        elif held:
            found[number] = "\n".join(held)
            held = []
    return found
