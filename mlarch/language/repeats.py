"""What an overlay says just as the file says it already: written down, and without any effect."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields, is_dataclass
from typing import Any

from . import tree
from .diagnostics import Findings, Label, Severity
from .overlays import key
from .reuse import once

CODE = "MLA465"
_Address = tuple[Any, ...]
#: Where a statement stands, and what is said of it, change nothing of what it says.
_BESIDE = ("span", "head", "doc")


def tell_repeated(body: Sequence[tree.Statement], findings: Findings) -> None:
    """Warn of each line of an overlay that the file has too, unless another overlay says otherwise, so that this one takes it back."""
    overlays = [each for each in body if isinstance(each, tree.Block) and each.kind.text == "overlay" and each.name]
    if not overlays:
        return
    base = dict(leaf for each in body if each not in overlays for leaf in _kept(each))
    said = {id(overlay): dict(leaf for each in overlay.body for leaf in _kept(each)) for overlay in overlays}
    for overlay in overlays:
        others = [leaves for each, leaves in said.items() if each != id(overlay)]
        for at, statement in said[id(overlay)].items():
            first = base.get(at)
            if first is None or _meaning(first) != _meaning(statement) or any(at in leaves for leaves in others):
                continue
            name = overlay.name.text if overlay.name else ""
            told, help = f"the overlay `{name}` says what the file says", "take the line away, or write what is otherwise"
            labels = (Label(first.span, "said here"),)
            findings.error(CODE, told, statement.span, "the same", help=help, severity=Severity.WARNING, labels=labels)


def _kept(statement: tree.Statement) -> tuple[tuple[_Address, tree.Statement], ...]:
    return once("leaves", (statement,), lambda: tuple(_leaves(statement, ())))


def _leaves(statement: tree.Statement, within: _Address) -> Iterator[tuple[_Address, tree.Statement]]:
    """Yield each line with its address: the keys of the blocks around it and its own, or what a condition says."""
    own = key(statement)
    if isinstance(statement, tree.Block):
        for each in statement.body if own is not None else ():
            yield from _leaves(each, (*within, own))
    elif own is not None:
        yield (*within, own), statement
    elif isinstance(statement, tree.Constraint):
        yield (*within, _meaning(statement)), statement


def _meaning(node: Any) -> Any:
    """What a node says, wherever it stands."""
    if isinstance(node, tuple):
        return tuple(map(_meaning, node))
    if not is_dataclass(node):
        return node
    return (node.__class__.__name__, *(_meaning(getattr(node, each.name)) for each in fields(node) if each.name not in _BESIDE))
