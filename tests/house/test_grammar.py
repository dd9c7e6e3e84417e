"""The saved parser tables are those of the grammar, and the grammar is unambiguous."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from lark import Lark

from mlarch.language.parsing import grammar
from mlarch.language.parsing.grammar_tables import TABLES
from mlarch.language.resources import dsl_path


def canonical(found: dict[str, Any]) -> tuple[Any, Any]:
    """Return tables without their numbering, which depends on the order of sets.

    States are numbered in the order in which they are reached from the start states, by the names of tokens; rules and terminals stand
    for themselves.
    """
    memo, parser = found["memo"], found["data"]["parser"]["parser"]
    tokens = parser["tokens"]
    numbers: dict[int, int] = {}
    waiting = [state for _, state in sorted(parser["start_states"].items())]
    states = []
    while waiting:
        state = waiting.pop(0)
        if state in numbers:
            continue
        numbers[state] = len(numbers)
        moves = sorted((tokens[token], move) for token, move in parser["states"][state].items())
        waiting += [target for _, (reduces, target) in moves if not reduces]
        states.append(moves)
    named = [[(token, memo[target["@"]] if reduces else numbers[target]) for token, (reduces, target) in moves] for moves in states]
    ends = {start: numbers[state] for start, state in parser["end_states"].items()}
    rest = {key: part for key, part in found["data"]["parser"].items() if key != "parser"}
    return named, (ends, found["data"]["options"], rest, memo)


def test_the_tables_match_the_grammar() -> None:
    """Building the parser from dsl/grammar.lark gives what is shipped: `python -m mlarch.language.parsing.grammar` writes it anew."""
    assert canonical(grammar.tables(grammar.build())) == canonical(TABLES)


def test_the_grammar_has_no_conflict(caplog: pytest.LogCaptureFixture) -> None:
    """No state has to choose between shifting and reducing: such a choice would be made silently."""
    with caplog.at_level(logging.DEBUG, logger="lark"):
        Lark(dsl_path("grammar.lark").read_text(encoding="utf-8"), start=grammar.STARTS, parser="lalr", lexer="contextual", debug=True)
    assert [record.message for record in caplog.records if "conflict" in record.message.lower()] == []


def test_a_conflict_would_be_seen(caplog: pytest.LogCaptureFixture) -> None:
    """An ambiguous grammar is reported by the same means."""
    with caplog.at_level(logging.DEBUG, logger="lark"):
        Lark('start: e\ne: e "+" e | "x"', parser="lalr", debug=True)
    assert any("conflict" in record.message.lower() for record in caplog.records)
