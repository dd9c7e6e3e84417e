"""Text to tree: several syntax errors in one run, each said in the language's words and not the parser generator's."""

from __future__ import annotations

import re
from dataclasses import replace
from threading import Lock
from typing import Any

from lark import Token

from .. import tree
from ..diagnostics import Diagnostic, Findings
from ..source import Source, Span
from .automaton import Automaton
from .grammar import parser
from .habits import recognise, taken_as_meant
from .recovery import Nesting, Run, report_depth
from .syntax_errors import Unexpected, report

# The builder is shared and knows one text at a time.
_ONE_AT_A_TIME = Lock()


def parse(source: Source, findings: Findings, taken: list[Token] | None = None) -> tree.Document:
    """Parse a file. Statements with a syntax error are left out of the tree and reported.

    The formatter gives a list, `taken`, and gets in it the tokens of a file without errors.
    """
    docs = doc_comments(source.text)

    def doc(offset: int) -> str | None:
        """The comment above a statement: where several stand on a line, it is the first one's."""
        line, column = source.position(offset)
        return None if line not in docs or source.text[offset - column + 1 : offset].strip(" \t\f") else docs[line]

    with _ONE_AT_A_TIME:
        lark, builder = parser()
        builder.place = lambda start, end: Span(source, start, end)
        builder.doc = doc
        body = _statements(lark, source.text, findings, builder.place, taken)
    return tree.Document(tuple(body), Span(source, 0, len(source.text)))


def _statements(lark: Any, text: str, findings: Findings, place: Any, taken: list[Token] | None) -> list[tree.Statement]:
    """Parse a whole file; where blocks are left open, its layout may tell which."""
    first = Findings()
    run = Run(lark, text, first, place, taken=taken)
    body = run.file()
    if run.left_open:
        second = Findings()
        by_layout = Run(lark, text, second, place, by_layout=True)
        again = by_layout.file()
        if not by_layout.left_open and by_layout.inserted == run.left_open:
            first, body = second, again
    findings.items += first.items
    return body


def parse_expression(scalar: tree.Scalar, findings: Findings) -> tree.Expression | None:
    """Parse the text of a YAML scalar as an expression; None when it is none, which is then among the findings."""
    found = _parse_scalar(scalar, "expression", findings)
    return found if found is None else _as_expression(found)


def parse_type(scalar: tree.Scalar, findings: Findings) -> tuple[Any, ...] | None:
    """Parse `float("F")? in 0..60 = 1` as (type, nullable, within, default, last part), or None."""
    found = _parse_scalar(scalar, "column_type", findings)
    return found if isinstance(found, tuple) else None


def parse_tail(scalar: tree.Scalar, findings: Findings) -> tuple[str, tree.Expression] | None:
    """Parse the right side of a constraint, `< 100ms`, as operator and bound, or None."""
    found = _parse_scalar(scalar, "tail", findings)
    return found if isinstance(found, tuple) else None


def _as_expression(found: Any) -> tree.Expression:
    return found  # type: ignore[no-any-return]


def _parse_scalar(scalar: tree.Scalar, start: str, findings: Findings) -> Any:
    text = scalar.text
    offsets = scalar.offsets if len(scalar.offsets) == len(text) + 1 else None

    def place(first: int, last: int) -> Span:
        if offsets is None:
            return scalar.span
        end = min(offsets[max(last - 1, first)] + 1, len(scalar.span.source.text))
        return Span(scalar.span.source, offsets[first], max(end, offsets[first]))

    with _ONE_AT_A_TIME:
        lark, builder = parser()
        builder.place, builder.doc = place, lambda offset: None
        found = Findings()
        made = _one(Automaton(lark, text, start), text, found, place)
    findings.items += [item if offsets is not None and _stands_in_yaml(item) else replace(item, fixes=()) for item in found]
    return made


def _stands_in_yaml(item: Diagnostic) -> bool:
    """Tell whether the fixes of a finding can be written into a scalar, whatever its quotes."""
    return all(_SIMPLE.fullmatch(fix.replacement) for fix in item.fixes)


def _one(automaton: Automaton, text: str, findings: Findings, place: Any) -> Any:
    """Parse all of a short text, or report the first error and return None."""
    if not text.strip():
        findings.error("MLA101", "expected a value, found nothing", place(0, 0), "empty")
        return None
    nesting, until = Nesting(), 0
    for token in automaton.tokens():
        if nesting.too_deep(token):
            report_depth(place(token.start_pos, token.end_pos), findings)
            return None
        nesting.count(token)
        if token.type == "NL" or (token.start_pos or 0) < until or automaton.feed(token):
            continue
        habit = recognise(token, text, automaton.expected())
        if habit is None:
            report(Unexpected(token.type, str(token), token.start_pos or 0, automaton.expected()), text, place, findings)
            return None
        habit.report(place, findings)
        if not taken_as_meant(habit, automaton, nesting.count) or (habit.again and not automaton.feed(token)):
            return None
        until = habit.until
    made = automaton.end()
    if made is None:
        report(Unexpected("$END", "", len(text), automaton.expected()), text, place, findings)
    return made


#: What means the same in every style of scalar.
_SIMPLE = re.compile(r"[\w \t.<>=()\[\]+*/%-]*")
_DOC = re.compile(r"^[ \t\f]*##[ \t]?(.*?)[ \t]*\r?$")


def doc_comments(text: str) -> dict[int, str]:
    """Return doc comments by the number of the line below them; consecutive `##` lines are one."""
    found: dict[int, str] = {}
    if "##" not in text:
        return found
    held: list[str] = []
    for number, line in enumerate(text.split("\n"), 1):
        match = _DOC.match(line)
        if match:
            held.append(match[1])
        elif held:
            found[number] = "\n".join(held)
            held = []
    return found
