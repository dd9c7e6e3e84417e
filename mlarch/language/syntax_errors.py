"""What a syntax error means to the person who wrote it."""

from __future__ import annotations

import re
from typing import Any

from lark import UnexpectedToken

from .diagnostics import Findings, Fix

_WORDS = {
    "NL": "the end of the line",
    "$END": "the end of the file",
    "LBRACE": "`{`",
    "RBRACE": "`}`",
    "LPAR": "`(`",
    "RPAR": "`)`",
    "LSQB": "`[`",
    "RSQB": "`]`",
    "COMMA": "`,`",
    "EQUAL": "`=`",
    "COLON": "`:`",
    "NUMBER": "a number",
    "STRING": "a text",
    "NAME": "a name",
}


def report(problem: UnexpectedToken, text: str, place: Any, findings: Findings) -> None:
    """Add one finding for an unexpected token."""
    token = problem.token
    start = token.start_pos if token.start_pos is not None else len(text)
    end = start if token.type == "$END" else max(start + 1, start + len(token.rstrip("\n")) if token.type != "NL" else start + 1)
    span = place(min(start, len(text)), min(end, len(text)))
    found = _WORDS.get(token.type) or f"`{token}`"
    expected = set(problem.accepts or problem.expected or ())
    before = text[:start].rstrip(" \t")
    if token.type == "UNKNOWN":
        _unknown_character(token, text, start, span, findings)
    elif before.endswith("=") and not before.endswith(("==", "<=", ">=", "!=")):
        findings.error(
            "MLA101", f"expected a value after `=`, found {found}", span, "no value", help="a value stands on the line of its `=`"
        )
    elif token.type == "EQUAL" and "COMPARE" in expected:
        findings.error(
            "MLA103", "`=` gives a value; a comparison is `==`", span, "did you mean `==`?", fixes=(Fix("write `==`", span, "=="),)
        )
    elif token.type in ("NL", "$END") and expected & {"RPAR", "RSQB"} and "NL" not in expected:
        closer = "`)`" if "RPAR" in expected else "`]`"
        findings.error("MLA102", f"expected {closer}, found {found}", span, f"{closer} is missing")
    elif token.type == "RBRACE" and "RBRACE" not in expected and not expected - {"NL", "COMMA", "NAME", "CALLNAME", "$END"}:
        findings.error("MLA102", "there is no block to close here", span, "one `}` too many")
    elif token.type in ("NAME", "NUMBER", "STRING", "CALLNAME") and expected & {"NL", "COMMA"}:
        findings.error(
            "MLA104",
            f"a statement ends here; {found} begins another",
            span,
            "put it on a line of its own",
            help="statements end at a line break or a comma",
        )
    else:
        findings.error("MLA100", f"unexpected {found}", span, _expectation(expected))


def _unknown_character(token: str, text: str, start: int, span: Any, findings: Findings) -> None:
    line = text[start:].split("\n", 1)[0]
    if token == '"':
        findings.error("MLA105", "the text is not closed", span, 'its closing `"` is missing', help="a text stands on one line")
    elif token == "'":
        inside = re.match(r"'([^'\"]*)'", line)
        fixes = (
            (Fix("use double quotes", type(span)(span.source, span.start, span.start + len(inside[0])), f'"{inside[1]}"'),)
            if inside
            else ()
        )
        findings.error("MLA105", "a text stands in double quotes", span, 'write `"…"`', fixes=fixes)
    elif token == "%":
        findings.error("MLA106", "there is no modulo", span, "`%` is a unit: it touches its number, `5%`")
    elif line.startswith(("//", "/*")):
        findings.error("MLA106", "comments begin with `#`", span, "not a comment")
    else:
        findings.error("MLA106", f"`{token}` has no meaning here", span, "unexpected character")


def _expectation(expected: set[str]) -> str:
    if {"EQUAL", "LBRACE"} <= expected:
        return "expected `=`, `:`, `{` or a comparison"
    if {"NUMBER", "STRING"} <= expected:
        return "expected a value"
    named = sorted(_WORDS[name] for name in expected if name in _WORDS and name != "$END")
    return f"expected {' or '.join(named)}" if 0 < len(named) <= 4 else "not expected here"
