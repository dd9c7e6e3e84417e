"""The LALR automaton: it looks before it reduces, so that a token that does not fit leaves everything before it as it was.

Lark's own driver reduces on the way to an error, and what it has reduced is lost to whoever wants to carry on.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lark import Token
from lark.parsers.lalr_analysis import Shift
from lark.utils import TextSlice


class Automaton:
    """States and values of one parse; `position` is what the contextual lexer asks for."""

    def __init__(self, lark: Any, text: str, start: str) -> None:
        interactive = lark.parse_interactive(TextSlice(text, 0, len(text)), start=start)
        conf = interactive.parser_state.parse_conf
        self._lexer = interactive.lexer_thread
        self._table, self._callbacks, self._end = conf.states, conf.callbacks, conf.end_state
        self._states: list[Any] = [conf.start_state]
        self._values: list[Any] = []

    @property
    def position(self) -> Any:
        return self._states[-1]

    def tokens(self) -> Iterator[Token]:
        """Yield the tokens of the text, each as the state of the moment lexes it."""
        found: Iterator[Token] = self._lexer.lex(self)
        return found

    def accepts(self, kind: str) -> bool:
        """Tell whether a token of this kind may come next."""
        return self._reductions(kind) is not None

    def expected(self) -> set[str]:
        """Return the kinds of tokens that may come next."""
        return {kind for kind in self._table[self._states[-1]] if kind.isupper() and self.accepts(kind)}

    def feed(self, token: Token) -> bool:
        """Take a token; or change nothing and return False where it does not fit."""
        reductions = self._reductions(token.type)
        if reductions is None:
            return False
        for rule in reductions:
            self._reduce(rule)
        self._states.append(self._table[self._states[-1]][token.type][1])
        self._values.append(token)
        return True

    def end(self) -> Any:
        """Return the value of the whole, or None where more must come."""
        reductions = self._reductions("$END")
        if reductions is None:
            return None
        for rule in reductions:
            self._reduce(rule)
        return self._values[-1]

    def unwind(self) -> None:
        """Drop the statement that was begun."""
        while len(self._states) > 1 and not {"_sep", "lines"} & self._table[self._states[-1]].keys():
            self._states.pop()
            self._values.pop()

    def _reductions(self, kind: str) -> list[Any] | None:
        """The rules to reduce by before a token of this kind can be taken, or None where it does not fit."""
        kept = len(self._states)
        pushed: list[Any] = []
        found: list[Any] = []
        while True:
            top = pushed[-1] if pushed else self._states[kept - 1]
            if kind == "$END" and top == self._end:
                return found
            action, target = self._table[top].get(kind, (None, None))
            if action is None:
                return None
            if action is Shift:
                return found
            found.append(target)
            size = len(target.expansion)
            beyond = max(0, size - len(pushed))
            del pushed[len(pushed) - min(size, len(pushed)) :]
            kept -= beyond
            top = pushed[-1] if pushed else self._states[kept - 1]
            pushed.append(self._table[top][target.origin.name][1])

    def _reduce(self, rule: Any) -> None:
        size = len(rule.expansion)
        children = self._values[len(self._values) - size :]
        del self._states[len(self._states) - size :], self._values[len(self._values) - size :]
        self._values.append(self._callbacks[rule](children))
        self._states.append(self._table[self._states[-1]][rule.origin.name][1])
