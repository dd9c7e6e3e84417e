"""What the parser says each character of a file is; a highlighter must agree."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from random import Random

from lark import Token

from mlarch.language import tree
from mlarch.language.diagnostics import Findings
from mlarch.language.parsing.parser import parse
from mlarch.language.resources import dsl_path
from mlarch.language.source import Source, Span

from ..language.layouts import Writer

ROOT = Path(__file__).parent.parent.parent

#: The classes that a highlighter must tell from one another; every other word is a name or a sign.
CLASSES = {
    **dict.fromkeys(("NUMBER", "DATE", "INTERVAL"), "number"),
    **dict.fromkeys(("AND", "OR", "NOT", "IN", "OVER"), "word"),
    "STRING": "string",
    "CALLNAME": "call",
}


@cache
def texts() -> dict[str, str]:
    """Return the files that a highlighter is tried on: every one without a syntax error, and generated ones."""
    files = [*(ROOT / "examples").rglob("*.mlarch"), *dsl_path("corpus").rglob("*.mlarch"), *(ROOT / "tests").rglob("*.mlarch")]
    found = {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8-sig") for path in sorted(files) if path.is_file()}
    found |= {f"generated-{seed}": Writer(Random(seed)).file().replace("\r\n", "\n") for seed in range(150)}
    return {name: text for name, text in found.items() if _sound(text)}


def _sound(text: str) -> bool:
    findings = Findings()
    parse(Source("x", text), findings)
    return not findings.failed


def classes(text: str) -> list[str]:
    """Return the class of each character: `comment`, `string`, `number`, `word`, `call`, `block`, `name`, or nothing."""
    taken: list[Token] = []
    document = parse(Source("x", text), Findings(), taken)
    found = [""] * len(text)
    position, before = 0, ""
    for token in taken:
        if token.type != "NL":
            start, end = token.start_pos or 0, token.end_pos or 0
            _comments(text, position, start, found)
            kind = "name" if token.type == "NAME" or before == "COLON" else CLASSES.get(token.type, "")  # a type is no call
            found[start:end] = [kind] * (end - start)
            position, before = end, token.type
    _comments(text, position, len(text), found)
    for span in _kinds(document.body):
        found[span.start : span.end] = ["block"] * (span.end - span.start)
    return found


def _kinds(body: tuple[tree.Statement, ...]) -> Iterator[Span]:
    """Yield where the kinds of blocks stand."""
    for statement in body:
        if isinstance(statement, tree.Block):
            yield statement.kind.span
            yield from _kinds(statement.body)


def _comments(text: str, start: int, end: int, found: list[str]) -> None:
    for at in range(start, end):
        begins = text[at] == "#"
        if begins or (at > start and found[at - 1] == "comment" and text[at] != "\n"):
            found[at] = "comment"


def differences(text: str, seen: list[str]) -> list[str]:
    """Return where a highlighter sees something else than the parser, as short quotations."""
    expected = classes(text)
    return [
        f"{text[max(0, at - 15) : at]}>>{text[at : at + 10]}: {seen[at]} for {expected[at]}"
        for at in range(len(text))
        if seen[at] != expected[at] and not text[at].isspace()
    ]
