"""The proof that a converted file says the same, with the same comments."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from .. import tree
from ..diagnostics import Findings
from ..files import display
from ..formatting.proof import same
from ..shapes import Shapes
from ..source import Source
from .groups import key_of
from .outline import Outlined, has_doc, is_renaming
from .reading import read

_PARAMETER = re.compile(r"\$\{param\.(\w+)\}")
_ESCAPED = re.compile(f"{tree.DOLLAR}(?!{{)")  # an escape that changes nothing


class Changed(Exception):
    """The result would not say what the file says: a mistake of the converter's."""


class Unsayable(Exception):
    """The file says something that the other form cannot say; the message is for the user."""


def prove(before: Outlined, text: str, to_yaml: bool, shapes: Shapes, twin: Path) -> None:
    """Read the result again and compare.

    Raises Unsayable where the result cannot be read, and Changed where a comment or a statement is not that of the file.
    """
    findings = Findings()
    after = read(Source(display(twin), text, twin), to_yaml, shapes, findings)
    if after is None:
        first = findings.items[0]
        line = first.span.source.line(first.span.source.position(first.span.start)[0]).strip() if first.span else ""
        raise Unsayable(f"{first.message}: `{line}`")
    if after.comments() != before.comments():
        odd = Counter(before.comments())
        odd.subtract(after.comments())
        raise Changed(f"a comment would be lost or added: `{next(text for text, count in odd.items() if count)}`")
    if not same(_normal(after.statements), _normal(before.statements)):
        raise Changed("a statement would say something else")


def _normal(statements: Sequence[tree.Statement]) -> tuple[tree.Statement, ...]:
    """Statements with the same key together, and without docs that mean nothing: what both forms have in common."""
    order: dict[str, int] = {}
    for each in statements:
        order.setdefault(key_of(each), len(order))
    return tuple(_one(each) for each in sorted(statements, key=lambda each: order[key_of(each)]))


def _one(statement: tree.Statement) -> tree.Statement:
    made = statement if has_doc(statement) else replace(statement, doc=None)
    if isinstance(made, tree.Block):
        body = tuple(replace(each, doc=None) for each in made.body) if is_renaming(made) else made.body
        return replace(made, body=_normal(body))
    if isinstance(made, tree.Attribute):
        return replace(made, value=_value(made.value))
    return made


def _value(value: tree.Expression) -> tree.Expression:
    """A text that is nothing but a parameter is that parameter: YAML has one way to write both."""
    if isinstance(value, tree.Items):
        return replace(value, items=tuple(map(_value, value.items)))
    if isinstance(value, tree.String) and (found := _PARAMETER.fullmatch(value.value)):
        return tree.Path((tree.Word("param", value.span), tree.Word(found[1], value.span)), value.span)
    if isinstance(value, tree.String):
        return replace(value, value=_ESCAPED.sub("$", value.value))
    return value
