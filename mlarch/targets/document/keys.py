"""Keys and functions of the vocabulary as rows of a table: what the pages of the reference have in common."""

from __future__ import annotations

import typing
from collections.abc import Iterator
from typing import Any

from ...architecture.forms import form_of
from ...architecture.functions import FUNCTIONS, OPERATORS, Function, Role
from ...architecture.values import alternatives, is_expression, wanted
from ...architecture.vocabulary import About, Block, Status
from .markdown import code, prose

STATUS = {
    Status.LOWERED: "carried out",
    Status.DOCUMENTED: "in documents, as meant",
    Status.PLANNED: "planned",
}


def inner_block(hint: Any) -> type[Block] | None:
    """Return the class of a sub-block, named or not."""
    first = alternatives(hint)[0]
    held = typing.get_args(first)[1] if typing.get_origin(first) is dict else first
    return held if isinstance(held, type) and issubclass(held, Block) else None


def status_of(about: About) -> str:
    """Return what a key comes to today, and which of its members are planned."""
    if not about.planned:
        return STATUS[about.status]
    return f"{STATUS[about.status]}; planned: {', '.join(map(code, about.planned))}"


def written_as(key: str, hint: Any, about: About) -> str:
    """Return how a key is written."""
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


def named_functions() -> Iterator[Function]:
    """Yield the functions that are called by a name, and are no operators."""
    return (function for function in FUNCTIONS.values() if function not in OPERATORS)


ROLES = {
    Role.SCALAR: "of one row",
    Role.FITTED: "fitted on the training rows",
    Role.AGGREGATE: "over many rows",
    Role.EARLIER: "of an earlier row",
    Role.OWN: "of one row, your own",
    Role.MOMENT: "of the model",
}


def function_row(function: Function) -> tuple[str, ...]:
    """Return a function's signature, kind and meaning."""
    return code(function.signature), ROLES[function.role], prose(function.doc)
