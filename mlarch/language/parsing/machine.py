"""What the tables come to: how the text is lexed in each state, and all that a token leads to.

A token is taken by reducing several rules and shifting it. Which ones depends on nothing but the states at the top of the stack, so that
this is worked out once for each of the few tops that there are, and is found by walking down the stack from then on.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lark.parse_tree_builder import ExpandSingleChild
from lark.parsers.lalr_analysis import Shift

#: How far down the stack a way may look to be kept: the few that look deeper, each through operators of its own, are worked out each time.
_DEEPEST = 20
# Between tokens; lark matches it as a token of its own, and drops that.
_BLANK = r"[ \t\f]*"

Make = Callable[[list[Any]], Any]
Match = Callable[[str, int], "re.Match[str] | None"]


@dataclass(frozen=True, slots=True)
class Way:
    """How a token is taken: how many values each reduction takes and what makes one of them, then the states that go and come."""

    reductions: tuple[tuple[int, Make], ...]
    leaves: int
    enters: tuple[Any, ...]


class Machine:
    """The tables of a parser, which every text shares."""

    def __init__(self, lark: Any) -> None:
        frontend = lark.parser
        parser = frontend.parser.parser
        self._table, self._callbacks = parser.parse_table.states, parser.callbacks
        self._starts, self._ends = parser.parse_table.start_states, parser.parse_table.end_states
        self.matches: dict[Any, Match] = _Matches(frontend.lexer.lexer.lexers)
        self.ignored = frozenset(frontend.lexer_conf.ignore)
        self._ways: defaultdict[str, dict[Any, Any]] = defaultdict(dict)

    def start(self, name: str) -> Any:
        """Return the state before the first token of a text that is one `name`."""
        return self._starts[name]

    def kinds(self, state: Any) -> list[str]:
        """Return the kinds of tokens that a state knows, whether or not the states below it take them."""
        return [kind for kind in self._table[state] if kind.isupper()]

    def begins_statement(self, state: Any) -> bool:
        """Tell whether a statement may begin in a state."""
        return not {"_sep", "lines"}.isdisjoint(self._table[state])

    def way(self, states: list[Any], kind: str) -> Way | None:
        """Return how a token of this kind is taken, or None where it does not fit."""
        found: Any = self._ways[kind]
        for state in reversed(states):
            found = found.get(state)
            if found.__class__ is not dict:
                break
        if found.__class__ is Way:
            way: Way = found
            return way
        return None if found is False else self._work_out(states, kind)

    def _work_out(self, states: list[Any], kind: str) -> Way | None:
        """Follow the tables, and keep the way below every state that was looked at."""
        kept = lowest = len(states)
        entered: list[Any] = []
        reductions: list[tuple[int, Make]] = []
        way: Way | None = None
        while True:
            top = entered[-1] if entered else states[kept - 1]
            action, target = self._table[top].get(kind, (None, None))
            if action is Shift or (kind == "$END" and top in self._ends.values()):
                enters = (*entered, target) if action is Shift else tuple(entered)
                way = Way(tuple(reductions), len(states) - kept, enters)
            if way is not None or action is None:
                break
            size, make = len(target.expansion), self._callbacks[target]
            if not (size == 1 and isinstance(make, ExpandSingleChild)):  # that would give its only value back
                reductions.append((size, make))
            kept -= max(0, size - len(entered))
            del entered[max(0, len(entered) - size) :]
            lowest = min(lowest, kept)
            entered.append(self._table[entered[-1] if entered else states[kept - 1]][target.origin.name][1])
        self._keep(states[lowest - 1 :], kind, way)
        return way

    def _keep(self, top: list[Any], kind: str, way: Way | None) -> None:
        if len(top) > _DEEPEST:
            return
        level = self._ways[kind]
        for state in reversed(top[1:]):
            level = level.setdefault(state, {})
        level[top[0]] = way or False


class _Matches(dict[Any, Match]):
    """What matches the next token in each state, made when a text first comes there; states that know the same tokens share it."""

    def __init__(self, lexers: Any) -> None:
        super().__init__()
        self._lexers = lexers
        self._made: dict[int, Match] = {}

    def __missing__(self, state: Any) -> Match:
        lexer = self._lexers[state]
        if id(lexer) not in self._made:
            terminals = "|".join(f"(?P<{each.name}>{each.pattern.to_regexp()})" for each in lexer.terminals)
            self._made[id(lexer)] = re.compile(f"{_BLANK}(?:{terminals})").match
        self[state] = self._made[id(lexer)]
        return self[state]
