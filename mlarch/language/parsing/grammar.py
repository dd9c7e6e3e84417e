"""The LALR tables: built from `dsl/grammar.lark` once, kept as a generated module of plain literals, and never unpickled.

Building takes about 100 ms, loading the literals about 8. `python -m mlarch.language.parsing.grammar` writes the module anew; a test
asserts that it matches the grammar and that the grammar has no conflict.
"""

from __future__ import annotations

import pprint
from functools import cache
from pathlib import Path
from typing import Any

from lark import Lark

from ..resources import dsl_path
from .building import Rules, TreeBuilder
from .machine import Machine

TABLES = Path(__file__).with_name("grammar_tables.py")
STARTS = ["start", "expression", "column_type", "tail"]


class _Always:
    """Terminals that every state lexes, so that what does not belong is one unexpected token and not a lexing failure."""

    always_accept = (
        *("NL", "LBRACE", "RBRACE", "LPAR", "RPAR", "LSQB", "RSQB", "COMMA", "EQUAL", "COLON", "DOT"),
        *("COMPARE", "NUMBER", "STRING", "NAME", "FOREIGN", "UNKNOWN"),
    )

    def process(self, stream: Any) -> Any:
        """Pass tokens through: the parser drops newlines itself, so that the depth resets on recovery."""
        return stream


def build() -> Lark:
    """Build the parser from the grammar. Raises lark.exceptions.GrammarError on a conflict between rules."""
    text = dsl_path("grammar.lark").read_text(encoding="utf-8")
    return Lark(text, start=STARTS, parser="lalr", lexer="contextual", maybe_placeholders=False, postlex=_Always())


def tables(parser: Lark) -> dict[str, Any]:
    """Return the parser as plain literals."""
    from lark.grammar import Rule
    from lark.lexer import TerminalDef

    data, memo = parser.memo_serialize([TerminalDef, Rule])
    data["options"]["postlex"] = None
    return {"data": data, "memo": memo}


@cache
def parser() -> tuple[Machine, TreeBuilder]:
    """Return the tables of the parser and the builder that they feed."""
    from .grammar_tables import TABLES as saved

    builder = TreeBuilder()
    loaded = Lark._load_from_dict(saved["data"], saved["memo"], transformer=Rules(builder), postlex=_Always())  # type: ignore[no-untyped-call]
    return Machine(loaded), builder


def source_of(found: dict[str, Any]) -> str:
    """Return the text of the generated module."""
    literal = pprint.pformat(found, width=140, compact=True, sort_dicts=True)
    head = '"""Generated from dsl/grammar.lark by `python -m mlarch.language.parsing.grammar`; not to be edited."""'
    return f"{head}\n\n# ruff: noqa\nTABLES = {literal}\n"


if __name__ == "__main__":
    TABLES.write_text(source_of(tables(build())), encoding="utf-8")
