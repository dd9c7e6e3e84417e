"""Parameters that nothing names, and overlays that say nothing: written down, and without any effect."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from . import tree
from .diagnostics import Findings
from .reuse import once

CODE = "MLA401"
#: Whatever stands before the name: a wrong word there is told as such.
_IN_A_TEXT = re.compile(r"\$\{\s*(?:\w+\.)?([^}\s]+)\s*\}")


def tell_unused(body: Sequence[tree.Statement], findings: Findings) -> None:
    """Warn of each parameter that no statement names, those of all overlays included, and of each empty overlay."""
    named: set[str] = set()
    for statement in body if any(map(_is_parameter, _declared(body))) else ():
        named |= once("parameters named", (statement,), lambda statement=statement: frozenset(_named(statement)))  # type: ignore[misc]
    for statement in _declared(body):
        if isinstance(statement, tree.TypedName) and _is_parameter(statement):
            name = statement.name.text
            if name not in named:
                help = f"remove it, or name it where it belongs: `param.{name}`, `${{param.{name}}}` in a text"
                findings.warning(CODE, f"nothing uses `param.{name}`", statement.span, "unused", help=help)
        elif isinstance(statement, tree.Block) and statement.kind.text == "overlay" and statement.name and not statement.body:
            told = f"the overlay `{statement.name.text}` changes nothing"
            findings.warning(CODE, told, statement.span, "empty", help="remove it, or write in it what is otherwise")


def _declared(body: Sequence[tree.Statement]) -> Iterator[tree.Statement]:
    """Yield the statements at the top, and the parameters that only an overlay has."""
    top = {each.name.text for each in body if isinstance(each, tree.TypedName) and _is_parameter(each)}
    for statement in body:
        yield statement
        if isinstance(statement, tree.Block) and statement.kind.text == "overlay":
            inner = (each for each in statement.body if isinstance(each, tree.TypedName) and _is_parameter(each))
            yield from (each for each in inner if each.name.text not in top)


def _is_parameter(statement: tree.Statement) -> bool:
    return isinstance(statement, tree.TypedName) and statement.label is not None and statement.label.text == "param"


def _named(node: Any) -> Iterator[str]:
    if isinstance(node, tree.Path):
        if node.parts[0].text == "param":
            yield ".".join(part.text for part in node.parts[1:])
    elif isinstance(node, tree.String):
        yield from _IN_A_TEXT.findall(node.value)
    elif isinstance(node, tuple):
        for part in node:
            yield from _named(part)
    else:
        for name in tree.parts_of(node.__class__):
            yield from _named(getattr(node, name))
