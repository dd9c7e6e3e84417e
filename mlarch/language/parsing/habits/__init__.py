"""What people write out of habit, from C, Python, SQL, YAML, HCL or Prisma: recognised, so that the message says how it is written here."""

from __future__ import annotations

from collections.abc import Callable

from lark import Token

from ..automaton import Automaton
from .rules import Habit, Rule
from .signs import SIGNS
from .statements import STATEMENTS
from .words import WORDS

#: Every rule, in the order in which they are tried.
RULES: tuple[Rule, ...] = (*SIGNS, *WORDS, *STATEMENTS)

_BY_KIND: dict[str, list[Rule]] = {}
for _rule in RULES:
    for _kind in _rule.kinds:
        _BY_KIND.setdefault(_kind, []).append(_rule)


#: Signs that are lexed as unknown where they cannot stand.
_KINDS = {"?": "QUESTION", "-": "MINUS"}


def recognise(token: Token, text: str, expected: set[str]) -> Habit | None:
    """Return the habit behind a token that does not fit, or None."""
    kind = _KINDS.get(str(token), token.type) if token.type == "UNKNOWN" else token.type
    start, end = token.start_pos or 0, token.end_pos or 0
    return next((found for rule in _BY_KIND.get(kind, ()) if (found := rule.match(text, start, end, expected)) is not None), None)


def taken_as_meant(habit: Habit, automaton: Automaton, count: Callable[[Token], None]) -> bool:
    """Give the automaton what a habit stands for, each token counted; False where that does not fit either, or nothing is meant."""
    if habit.meant is None:
        return False
    for _ in range(habit.drop):
        automaton.take_back()
    for kind, word in habit.meant:
        meant = Token(kind, word, habit.marked[0], 1, 1, 1, 1, habit.marked[1])
        if kind == "NL" and not automaton.accepts(kind):
            continue
        if not automaton.feed(meant):
            return False
        count(meant)
    return True


__all__ = ["RULES", "Habit", "Rule", "recognise", "taken_as_meant"]
