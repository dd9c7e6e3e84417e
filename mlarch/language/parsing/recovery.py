"""One pass over a file: what is wrong is reported, its statement left out, and the rest read as if nothing had happened."""

from __future__ import annotations

import re
from typing import Any

from lark import Token

from .. import tree
from ..diagnostics import Findings, Fix, Label
from .automaton import Automaton
from .habits import Habit, recognise, taken_as_meant
from .syntax_errors import STATEMENT, Unexpected, report

_OPENERS, _CLOSERS = {"LPAR": "RPAR", "LSQB": "RSQB"}, ("RPAR", "RSQB")
# After these an expression goes on, so a line break is only layout.
_CONTINUE = ("PLUS", "MINUS", "STAR", "SLASH", "COMPARE", "AND", "OR", "IN", "NOT", "OVER")
# What opens, closes, continues or ends something; most tokens do nothing of it.
_SHAPING = frozenset((*_OPENERS, *_CLOSERS, *_CONTINUE, "NL", "COMMA", "LBRACE", "RBRACE"))
_BOUNDARIES = ("NL", "COMMA", "LBRACE")
_INDENT = re.compile(r"(?:[ \t]*(?:#[^\n]*)?\r?\n)*[ \t]*(?=[^\s#])")
_UNIT = re.compile(r"[A-Za-zµ%]+(?:/\w+)?(?=[ \t]*(?:[,})\n#]|$))")
_UNITS = {"percent": "%", "rps": "req/s", "qps": "req/s"}
#: More levels than a person reads, and fewer than Python's own recursion allows.
DEEPEST_EXPRESSION, DEEPEST_BLOCK = 100, 30


class Nesting:
    """How deep an expression goes: its open brackets, each with the number of operators around it, and the operators since."""

    def __init__(self) -> None:
        self.brackets: list[tuple[Token, int]] = []
        self.operators = 0

    def count(self, token: Token) -> None:
        """Go on by one token."""
        if token.type in _OPENERS:
            self.brackets.append((token, self.operators))
        elif token.type in _CLOSERS and self.brackets:
            self.operators = self.brackets.pop()[1]
        elif token.type in ("COMMA", "NL"):
            self.operators = self.brackets[-1][1] if self.brackets else 0
        elif token.type in _CONTINUE:
            self.operators += 1

    def too_deep(self, token: Token) -> bool:
        """Tell whether a token would lead deeper than anybody reads."""
        return len(self.brackets) + self.operators > DEEPEST_EXPRESSION and (token.type in _OPENERS or token.type in _CONTINUE)


def report_depth(span: Any, findings: Findings) -> None:
    """Report an expression that goes too deep."""
    findings.error(
        "MLA107",
        f"the expression goes more than {DEEPEST_EXPRESSION} levels deep",
        span,
        "too deep",
        help="name a part of it, and use the name",
    )


class Run:
    """Parses one text. `left_open` and `inserted` count the blocks that were not closed, and those closed by the layout.

    With `by_layout`, a line that begins no further right than an open block's own line ends that block. `taken` collects the tokens that
    were taken: line breaks only where they end a statement, comments never.
    """

    def __init__(
        self, lark: Any, text: str, findings: Findings, place: Any, *, by_layout: bool = False, taken: list[Token] | None = None
    ) -> None:
        self.automaton = Automaton(lark, text, "start")
        self.tokens = self.automaton.tokens()
        self.text = text
        self.findings = findings
        self.place = place
        self.by_layout = by_layout
        self.taken = taken
        self.left_open = self.inserted = 0
        self.previous = "NL"
        self.braces: list[Token] = []
        self.nesting = Nesting()

    def file(self) -> list[tree.Statement]:
        """Return the statements of the text, those with an error left out."""
        token = self._next()
        while token is not None:
            token = self._take(token)
        return self._finish()

    def _next(self) -> Token | None:
        return next(self.tokens, None)

    def _take(self, token: Token) -> Token | None:
        """Take one token; return the one to go on with."""
        kind = token.type
        if kind == "NL" and (self.nesting.brackets or self.previous in _CONTINUE):
            return self._next()
        if self.by_layout and kind == "NAME" and self.previous == "NL":
            self._close_by_layout(token)
        if kind in _SHAPING and self._too_deep(token):
            return self._skip(token)
        if self.automaton.feed(token):
            self._count(token)
            return self._next()
        return self._mend(token)

    def _count(self, token: Token) -> None:
        """Keep account of what is open."""
        kind = self.previous = token.type
        if self.taken is not None:
            self.taken.append(token)
        if kind not in _SHAPING:
            return
        self.nesting.count(token)
        if kind == "LBRACE":
            self.braces.append(token)
        elif kind == "RBRACE" and self.braces:
            self.braces.pop()

    def _too_deep(self, token: Token) -> bool:
        """Report what is nested deeper than anybody reads."""
        if self.nesting.too_deep(token):
            report_depth(self._span(token), self.findings)
            return True
        if token.type == "LBRACE" and len(self.braces) >= DEEPEST_BLOCK:
            self.findings.error("MLA107", f"the block is nested more than {DEEPEST_BLOCK} levels deep", self._span(token), "too deep")
            return True
        return False

    # --- errors ----------------------------------------------------------------------------------------------------

    def _mend(self, token: Token) -> Token | None:
        """Report a token that does not fit, and carry on as well as can be."""
        if self.nesting.brackets and self._ends_a_bracket(token):
            return self._unclosed_bracket(token)
        before = token.start_pos or 0
        if token.type == "NL" and self.text.startswith("{", token.end_pos) and self.automaton.accepts("LBRACE"):
            self.findings.error(
                "MLA100",
                "`{` stands on the line of its block's name",
                self.place(token.end_pos or 0, (token.end_pos or 0) + 1),
                "move it up",
            )
            return self._next()
        if token.type == "NL" and self.automaton.accepts("LBRACE") and self._is_head(token):
            opened = Token("LBRACE", "", before, 1, 1, 1, 1, before + 1)  # it is shown at the end of the line
            self.findings.error("MLA102", "a block is opened by `{`", self._span(token), "its `{` is missing")
            self.automaton.feed(opened)
            self._count(opened)
            return token
        if token.type in ("NAME", "CALLNAME") and self.previous == "NUMBER" and (unit := _UNIT.match(self.text, before)):
            return self._unit_apart(token, unit[0])
        habit = recognise(token, self.text, self.automaton.expected())
        if habit is not None:
            habit.report(self.place, self.findings)
            return self._as_meant(habit, token)
        self._report(token)
        if token.type == "NL" and self.previous == "EQUAL" and STATEMENT.match(self.text, token.end_pos or 0) is None:
            return self._skip(self._next())  # the value stands on the next line, and is no statement
        if STATEMENT.match(self.text, before) and self.automaton.feed(_made("NL", before)):
            self.previous = "NL"
            return token if self.automaton.accepts(token.type) else self._skip(token)
        return self._skip(token)

    def _as_meant(self, habit: Habit, token: Token) -> Token | None:
        """Go on as though the text said what a habit stands for, or without its statement."""
        if not taken_as_meant(habit, self.automaton, self._count):
            return self._skip(self._after(habit, token))
        if not habit.again:
            return self._after(habit, token)
        return token if self.automaton.accepts(token.type) else self._skip(token)

    def _after(self, habit: Habit, token: Token) -> Token | None:
        """The first token after what a habit takes up."""
        if habit.again:
            return token
        following: Token | None = token
        while following is not None and (following.start_pos or 0) < habit.until:
            following = self._next()
        return following

    def _is_head(self, end: Token) -> bool:
        """Tell whether the line that ends here is followed by one that stands further right, as the lines of a block do."""
        following = _INDENT.match(self.text, end.start_pos or 0)
        return following is not None and len(following[0].rpartition("\n")[2]) > self._column_of_line(end)

    def _report(self, token: Token) -> None:
        report(Unexpected(token.type, str(token), token.start_pos or 0, self.automaton.expected()), self.text, self.place, self.findings)

    def _unit_apart(self, token: Token, unit: str) -> Token | None:
        start = token.start_pos or 0
        number = re.search(r"[\w.]+[ \t]*$", self.text[max(0, start - 80) : start])
        written = (number[0].rstrip() if number else "") + _UNITS.get(unit, unit)
        span = self.place(start - (len(number[0]) if number else 0), start + len(unit))
        self.findings.error(
            "MLA100", f"a unit touches its number: `{written}`", span, "a space between", fixes=(Fix(f"write `{written}`", span, written),)
        )
        return self._skip(token)

    def _ends_a_bracket(self, token: Token) -> bool:
        """Tell whether a token shows that a bracket was forgotten: a brace, or a line that begins a statement."""
        if token.type in ("LBRACE", "RBRACE"):
            return True
        line = self.text.rfind("\n", 0, token.start_pos) + 1
        return not self.text[line : token.start_pos].strip() and STATEMENT.match(self.text, line) is not None

    def _unclosed_bracket(self, token: Token | None) -> Token | None:
        opener = self.nesting.brackets[-1][0]
        closer = "`)`" if opener.type == "LPAR" else "`]`"
        self.findings.error("MLA102", f"`{opener}` is not closed", self._span(opener), f"its {closer} is missing")
        return self._skip(token)

    def _skip(self, token: Token | None) -> Token | None:
        """Drop the statement that was begun and the rest of it, blocks that open there included; return what comes next."""
        if self.previous == "RBRACE":
            self.automaton.feed(_made("NL", 0))  # the block before is whole
        elif self.previous not in _BOUNDARIES or self.nesting.brackets:
            self.automaton.unwind()
        starts = token is not None and self.nesting.brackets and self._ends_a_bracket(token) and token.type not in ("LBRACE", "RBRACE")
        depth, opened = len(self.nesting.brackets), 0
        self.nesting, self.previous = Nesting(), "NL"
        if starts:
            return token
        while token is not None:
            kind = token.type
            depth += (kind in _OPENERS) - (kind in _CLOSERS and depth > 0)
            if kind == "LBRACE":
                opened, depth = opened + 1, 0
            elif kind == "RBRACE":
                if not opened and self.braces:
                    return token
                opened = max(0, opened - 1)
            elif not opened and self._ends_a_statement(token, depth):
                return token
            token = self._next()
        return None

    def _ends_a_statement(self, token: Token, depth: int) -> bool:
        """Tell whether the statement that is dropped ends at this token; brackets that are open need not be closed at all."""
        if token.type == "NL":
            return not depth or STATEMENT.match(self.text, token.end_pos or 0) is not None
        return token.type == "COMMA" and not depth and bool(self.braces)

    # --- blocks that are not closed --------------------------------------------------------------------------------

    def _close_by_layout(self, token: Token) -> None:
        while self.braces and self._column(token) <= self._column_of_line(self.braces[-1]):
            opened = self.braces.pop()
            at = token.start_pos or 0
            if not self.automaton.feed(_made("RBRACE", at)) or not self.automaton.feed(_made("NL", at)):
                return
            self.inserted += 1
            self.findings.error(
                "MLA102",
                "a block is not closed",
                self._span(opened),
                "opened here",
                help="add `}` after its last line",
                labels=(Label(self._span(token), "this line is outside of it"),),
            )

    def _column(self, token: Token) -> int:
        return (token.start_pos or 0) - self.text.rfind("\n", 0, token.start_pos) - 1

    def _column_of_line(self, token: Token) -> int:
        """The column at which the line of a token begins."""
        line = self.text[self.text.rfind("\n", 0, token.start_pos) + 1 : token.start_pos]
        return len(line) - len(line.lstrip())

    def _finish(self) -> list[tree.Statement]:
        if self.nesting.brackets:
            self._unclosed_bracket(None)
        elif not self.automaton.accepts("RBRACE" if self.braces else "$END"):
            report(Unexpected("$END", "", len(self.text), self.automaton.expected()), self.text, self.place, self.findings)
            self._skip(None)
        if self.braces:
            self.left_open = len(self.braces)
            self.findings.error(
                "MLA102", "a block is not closed", self._span(self.braces[-1]), "opened here", help="add `}` after its last line"
            )
        for _ in self.braces:
            self.automaton.feed(_made("RBRACE", len(self.text)))
        return list(self.automaton.end() or ())

    def _span(self, token: Token) -> Any:
        return self.place(token.start_pos or 0, token.end_pos or 0)


def _made(kind: str, at: int) -> Token:
    """A token that the text lacks."""
    return Token(kind, "", at, 1, 1, 1, 1, at)
