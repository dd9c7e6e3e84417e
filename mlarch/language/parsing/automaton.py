"""The LALR automaton: it looks before it reduces, so that a token that does not fit leaves everything before it as it was.

Lark's own driver reduces on the way to an error, and what it has reduced is lost to whoever wants to carry on.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lark import Token

from .machine import Machine, Way


class Automaton:
    """States and values of one parse of a text that is one `start`."""

    def __init__(self, machine: Machine, text: str, start: str) -> None:
        self._machine = machine
        self._text = text
        self._states: list[Any] = [machine.start(start)]
        self._values: list[Any] = []

    def tokens(self) -> Iterator[Token]:
        """Yield the tokens of the text, each as the state of the moment lexes it."""
        text, states, matches, ignored = self._text, self._states, self._machine.matches, self._machine.ignored
        at = 0
        while (found := matches[states[-1]](text, at)) is not None:
            at, kind = found.end(), found.lastgroup or ""
            if kind not in ignored:
                word = found[kind]
                yield Token(kind, word, at - len(word), None, None, None, None, at)  # by keyword takes half as long again

    def accepts(self, kind: str) -> bool:
        """Tell whether a token of this kind may come next."""
        return self._machine.way(self._states, kind) is not None

    def expected(self) -> set[str]:
        """Return the kinds of tokens that may come next."""
        return {kind for kind in self._machine.kinds(self._states[-1]) if self.accepts(kind)}

    def feed(self, token: Token) -> bool:
        """Take a token; or change nothing and return False where it does not fit."""
        way = self._machine.way(self._states, token.type)
        if way is None:
            return False
        self._go(way)
        self._values.append(token)
        return True

    def end(self) -> Any:
        """Return the value of the whole, or None where more must come."""
        way = self._machine.way(self._states, "$END")
        if way is None:
            return None
        self._go(way)
        return self._values[-1]

    def take_back(self) -> None:
        """Forget the last token that was taken; what was reduced before it stays so."""
        self._states.pop()
        self._values.pop()

    def unwind(self) -> None:
        """Drop the statement that was begun."""
        while len(self._states) > 1 and not self._machine.begins_statement(self._states[-1]):
            self._states.pop()
            self._values.pop()

    def _go(self, way: Way) -> None:
        values, states = self._values, self._states
        for size, make in way.reductions:
            first = len(values) - size
            values[first:] = (make(values[first:]),)
        if way.leaves:
            del states[-way.leaves :]
        states += way.enters
