"""The automaton beside Lark's own lexer and driver, on the same tables."""

from __future__ import annotations

from pathlib import Path

import pytest
from lark import Lark, Token
from lark.utils import TextSlice

from mlarch.language.parsing.automaton import Automaton
from mlarch.language.parsing.grammar import build
from mlarch.language.parsing.machine import Machine
from mlarch.language.parsing.recovery import _CONTINUE, Nesting

from .corpus import CORPUS

FILES = sorted((CORPUS / "good").glob("*.mlarch"))


@pytest.fixture(scope="module")
def lark() -> Lark:
    """The parser, giving Lark's own trees."""
    return build()


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_file_is_lexed_and_parsed_as_lark_does(lark: Lark, file: Path) -> None:
    """Every token, and the tree that comes of them all, is what Lark's own lexer and driver make."""
    text = file.read_text(encoding="utf-8-sig")
    theirs = lark.parse_interactive(TextSlice(text, 0, len(text)), start="start")
    state = theirs.parser_state
    ours = Automaton(Machine(lark), text, "start")
    nesting, previous = Nesting(), "NL"
    for mine, other in zip(ours.tokens(), theirs.lexer_thread.lex(state), strict=True):
        assert (mine.type, str(mine), mine.start_pos, mine.end_pos) == (other.type, str(other), other.start_pos, other.end_pos)
        nesting.count(mine)
        if mine.type == "NL" and (nesting.brackets or previous in _CONTINUE):
            continue
        assert ours.feed(mine)
        state.feed_token(other)
        previous = mine.type
    assert ours.end() == state.feed_token(Token("$END", ""), True)


def test_what_does_not_fit_changes_nothing(lark: Lark) -> None:
    """A token that does not fit is refused each time it is offered, and the one that fits is taken after it as if nothing had happened."""
    machine = Machine(lark)
    for _ in range(2):  # the second time the ways are known
        automaton = Automaton(machine, "a = 1 +", "start")
        assert all(automaton.feed(token) for token in automaton.tokens())
        before = automaton.expected()
        assert not automaton.feed(Token("RBRACE", "}"))
        assert not automaton.accepts("$END")
        assert automaton.end() is None
        assert automaton.expected() == before
        assert automaton.feed(Token("NUMBER", "2"))
        assert automaton.end() is not None


def test_what_looks_deep_is_not_kept(lark: Lark) -> None:
    """A text of many operators that wait for each other is parsed, and leaves the machine no larger for each of them."""
    machine = Machine(lark)

    def parsed(count: int) -> int:
        automaton = Automaton(machine, "a = " + "not " * count + "b", "start")
        assert all(automaton.feed(token) for token in automaton.tokens())
        assert automaton.end() is not None
        return _size(machine._ways)

    sizes = [parsed(count) for count in (30, 60, 90)]
    assert sizes[0] == sizes[2]


def _size(kept: object) -> int:
    return sum(map(_size, kept.values())) if isinstance(kept, dict) else 1
