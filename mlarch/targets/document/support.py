"""The support table: what each key of the language comes to today, written from the vocabulary itself.

`python -m mlarch.targets.document.support` writes `docs/reference/support.md`.
"""

from __future__ import annotations

import typing
from collections.abc import Iterator
from typing import Any

from ...architecture.binding import form_of
from ...architecture.blocks import KINDS, NAMELESS
from ...architecture.functions import FUNCTIONS, OPERATORS, Function, Role
from ...architecture.nodes import abouts
from ...architecture.values import alternatives, is_expression, wanted
from ...architecture.vocabulary import About, Block, Status
from .markdown import bullets, code, prose, table

#: What the language has beside keys and functions and is not carried out yet; a test asserts that `check` says so of each.
BEYOND_KEYS = {
    "windows": "Windows in features: `mean(delay) over 1d`.",
    "joins": "Joins between sources: a model's features are over the source of its observations.",
    "gate functions": "Functions in a gate: `worst(recall, by=origin)`.",
}

_STATUS = {
    Status.LOWERED: "carried out",
    Status.DOCUMENTED: "in documents, as meant",
    Status.PLANNED: "planned",
}
_INTRO = """\
Nothing that is accepted is ignored. **Carried out** reaches an engine, a decision at run time or a check; **in documents** is shown to
people and has no other effect, as it is meant; **planned** is read and checked, `mlarch check` warns of it (MLA801), and `mlarch compile`
and `mlarch run` refuse it. `mlarch document` shows planned keys too, and marks them."""


def support() -> str:
    """Return the text of the page."""
    blocks = ["# What is carried out", GENERATED, _INTRO]
    for kind, cls in (KINDS | NAMELESS).items():
        blocks += [f"## {code(kind)}", prose(cls.__doc__ or ""), table(("Key", "Written as", "Status", "Meaning"), _keys(cls, ""))]
    blocks += ["## Functions of the feature language", table(("Function", "Kind", "Status", "Meaning"), map(_function, _named()))]
    blocks += ["## Planned beside these", bullets(map(prose, BEYOND_KEYS.values()))]
    return "\n\n".join(blocks) + "\n"


GENERATED = "This page is generated from the code by `python -m mlarch.targets.document.reference`; a test keeps them equal."


def _keys(cls: type[Block], prefix: str) -> Iterator[tuple[str, ...]]:
    for key, (_, hint, about) in abouts(cls).items():
        yield code(f"{prefix}{key}"), _form(key, hint, about), _status(about), prose(about.doc)
        inner = _inner(hint)
        if inner is not None:
            yield from _keys(inner, f"{prefix}{key}.")


def _inner(hint: Any) -> type[Block] | None:
    """The class of a sub-block, named or not."""
    first = alternatives(hint)[0]
    held = typing.get_args(first)[1] if typing.get_origin(first) is dict else first
    return held if isinstance(held, type) and issubclass(held, Block) else None


def _status(about: About) -> str:
    if not about.planned:
        return _STATUS[about.status]
    return f"{_STATUS[about.status]}; planned: {', '.join(map(code, about.planned))}"


def _form(key: str, hint: Any, about: About) -> str:
    """How a key is written."""
    match form_of(hint):
        case "block":
            return code(f"{key} {{ … }}")
        case "blocks":
            return code(f"{key} <name> {{ … }}")
        case "definitions":
            return code(f"{key} <name> = …")
        case "conditions":
            return "conditions" if about.bare else code(f"{key} <condition>")
        case "columns":
            return code("<name> : <type>")
        case "settings":
            return code("<name> = <value>")
        case "limit":
            return f"a bound by {' or '.join(map(code, about.operators))}"
    return "an expression" if is_expression(hint) else _value(hint, about)


def _value(hint: Any, about: About) -> str:
    first = alternatives(hint)[0]
    if typing.get_origin(first) is not tuple:
        return wanted(alternatives(hint), about)
    parts = typing.get_args(first)
    return "a range of whole numbers" if parts[1] is not Ellipsis else f"a list of: {wanted(alternatives(parts[0]), about)}"


def _named() -> Iterator[Function]:
    return (function for function in FUNCTIONS.values() if function not in OPERATORS)


_ROLES = {Role.SCALAR: "of one row", Role.FITTED: "fitted on the training rows", Role.AGGREGATE: "over many rows"}


def _function(function: Function) -> tuple[str, ...]:
    status = _STATUS[Status.LOWERED if function.lowered else Status.PLANNED]
    return code(function.signature), _ROLES[function.role], status, prose(function.doc)


if __name__ == "__main__":
    from .reference import write

    write("support.md")
