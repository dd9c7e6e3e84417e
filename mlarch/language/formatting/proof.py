"""The proof that formatting changed nothing but the layout."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any

from ..diagnostics import Findings
from ..source import Source, Span
from .tokens import Collected, collected


class Changed(Exception):
    """The formatter would have changed what a file says, or one of its comments."""


def prove(before: Collected, formatted: Source) -> Collected:
    """Parse the formatted text, compare, and return it. Raises Changed when comments, words or tree are not those of the file."""
    findings = Findings()
    after = collected(formatted, findings)
    if after is None:
        raise Changed(f"formatting would break the syntax: {findings.items[0].message}")
    if after.comments() != before.comments():
        raise Changed("formatting would lose, add or move a comment")
    if _words(after) != _words(before):
        raise Changed("formatting would change a word")
    if not same(after.document.body, before.document.body):
        raise Changed("formatting would change what the file says")
    return after


def _words(found: Collected) -> list[str]:
    """All words but commas: one may end a broken list, and a line break does as well between statements."""
    return [word.text for word in found.tokens if word.kind != "COMMA"]


def same(one: object, other: object) -> bool:
    """Tell whether two trees are equal, apart from where they stand."""
    if type(one) is not type(other):
        return False
    if isinstance(one, tuple) and isinstance(other, tuple):
        return len(one) == len(other) and all(map(same, one, other))
    if not is_dataclass(one):
        return one == other
    for name in _parts(one.__class__):  # noqa: SIM110 - called for each node of a file
        if not same(getattr(one, name), getattr(other, name)):
            return False
    return True


@cache
def _parts(kind: type[Any]) -> tuple[str, ...]:
    """The fields of a node that hold no span."""
    return tuple(field.name for field in fields(kind) if field.type not in (Span.__name__, Span))
