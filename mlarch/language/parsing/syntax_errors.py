"""What a syntax error means to the person who wrote it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from ..diagnostics import Findings, Fix

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
    "CALLNAME": "a name",
}
#: What a statement begins with: a name and then `=`, `:`, `{`, a text, a comparison, or a second name and one of these.
STATEMENT = re.compile(r'[ \t]*(?:}|(?:`[^`\n]+`|[A-Za-z_]\w*)(?:[ \t]+(?:`[^`\n]+`|[A-Za-z_]\w*))?[ \t]*(?:=(?!=)|[:{"<>]|==|!=|in[ \t]))')
#: How many characters around an error are looked at.
_NEAR = 400
#: Characters of the language that have no meaning in every place.
_KNOWN = ("+", "-", "*", "/", "?", ".", ":", "=")
_IMPORT = re.compile(r"(?:^|\n)[ \t]*import[ \t]+([\w./-]+)$")
#: What wants a value after it, at the end of a text.
_OPERATOR = re.compile(r"(?:<=|>=|==|!=|[=<>+*/-]|\b(?:and|or|not|in))$")


@dataclass(frozen=True)
class Unexpected:
    """A token that does not fit: its kind and text, where it begins, and the kinds that would fit."""

    kind: str
    token: str
    start: int
    expected: set[str]


def report(problem: Unexpected, text: str, place: Any, findings: Findings) -> None:
    """Add one finding for an unexpected token."""
    kind, token, start, expected = problem.kind, problem.token, problem.start, problem.expected
    length = 0 if kind == "$END" else 1 if kind == "NL" else len(token)
    span = place(start, min(start + length, len(text)))
    found = _WORDS.get(kind) or f"`{token}`"
    # What is near will do: a long text is not copied for each of its errors.
    near = max(0, start - _NEAR)
    before = text[near:start].rstrip(" \t\r\n" if kind in ("RBRACE", "$END") else " \t")
    operator = _OPERATOR.search(before)
    if kind == "UNKNOWN" and token not in _KNOWN:
        _unknown_character(token, text, start, span, findings)
    elif {"NUMBER", "STRING"} <= expected and operator:
        after = operator[0].strip()
        help = "a value stands on the line of its `=`" if after == "=" else None
        findings.error("MLA101", f"expected a value after `{after}`, found {found}", span, "no value", help=help)
    elif kind == "EQUAL" and "COMPARE" in expected:
        findings.error(
            "MLA103", "`=` gives a value; a comparison is `==`", span, "did you mean `==`?", fixes=(Fix("write `==`", span, "=="),)
        )
    elif kind == "RBRACE" and "RBRACE" not in expected:
        findings.error("MLA102", "there is no block to close here", span, "one `}` too many")
    elif kind in ("RPAR", "RSQB") and not {"RPAR", "RSQB"} & expected and "NL" in expected:
        findings.error("MLA102", "there is no bracket to close here", span, f"one {found} too many")
    elif kind in ("NAME", "CALLNAME") and "NL" in expected and "NAME" not in expected and STATEMENT.match(text, start):
        findings.error(
            "MLA104",
            f"a statement ends here; {found} begins another",
            span,
            "put it on a line of its own",
            help="statements end at a line break or a comma",
        )
    elif (imported := _IMPORT.search(before)) and kind == "NL":
        place_of = place(near + imported.start(1), near + len(before))
        fix = Fix("add quotes", place_of, f'"{imported[1]}"')
        findings.error("MLA100", "an import names its file in quotes", place_of, "a file's name is a text", fixes=(fix,))
    elif kind in ("NL", "RBRACE", "COMMA") and "COMPARE" in expected and "EQUAL" not in expected:
        findings.error("MLA100", "a condition compares one value with another", span, "no comparison", help="for example `roc_auc >= 0.7`")
    elif before.endswith(":"):
        colon = place(near + len(before) - 1, near + len(before))
        findings.error(
            "MLA100",
            "`:` gives a column its type; a value stands after `=`, the lines of a block in `{ }`",
            colon,
            "did you mean `=`?",
            fixes=(Fix("write ` =`", colon, " ="),) if kind in ("NUMBER", "STRING", "LSQB") else (),
        )
    elif kind == "COMPARE" and "NL" in expected:
        findings.error(
            "MLA100", "comparisons do not follow one another", span, "a second one", help="write `x > 0 and x < 1`, or `x in 0..1`"
        )
    elif kind == "NUMBER" and re.match(r"[\w.]*\.\.", text[start : start + 80]):
        findings.error("MLA100", "a range has two ends", span, "write `0..120`")
    else:
        findings.error("MLA100", f"unexpected {found.removeprefix('a ').removeprefix('the ')}", span, _expectation(expected))


def _unknown_character(token: str, text: str, start: int, span: Any, findings: Findings) -> None:
    line = text[start : start + _NEAR].split("\n", 1)[0]
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
    elif token == ";":
        findings.error(
            "MLA106", "a statement ends at the line break or at a comma", span, "not needed", fixes=(Fix("remove the `;`", span, ""),)
        )
    elif token == "`":
        findings.error("MLA106", "a name in backticks is not empty, and closed on its line", span, "its closing backtick is missing")
    elif token == "%":
        findings.error(
            "MLA106", "there is no modulo", span, "`%` is a unit: it touches its number, `5%`", help="the rest of x by y is `mod(x, y)`"
        )
    elif line.startswith(("//", "/*")):
        findings.error("MLA106", "comments begin with `#`", span, "not a comment")
    else:
        findings.error("MLA106", f"`{token}` has no meaning here", span, "unexpected character")


def _expectation(expected: set[str]) -> str:
    if {"EQUAL", "LBRACE"} <= expected:
        return "expected `=`, `:`, `{` or a comparison"
    if {"NUMBER", "STRING"} <= expected:
        return "expected a value"
    if {"NAME", "NL"} <= expected:
        return "a statement begins with a name"
    named = sorted({_WORDS[name] for name in expected if name in _WORDS and name != "$END"})
    return f"expected {' or '.join(named)}" if 0 < len(named) <= 4 else "not expected here"
