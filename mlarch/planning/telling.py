"""Values as a plan tells them: what is the default anyway is left out of a block, and of a call unless the other side says otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import msgspec

from ..architecture.expressions import Name
from ..architecture.nodes import abouts
from ..architecture.types import Column
from ..architecture.vocabulary import Block, Condition, Definition, Limit, NamedBlock, Variant
from ..architecture.writing import written, written_call


def told(block: Block) -> str:
    """Return all that a block says, on one line: `{ when = p99 > 200ms, for = 5min, then = scale_up }`."""
    said = list(_statements(block))
    return f"{{ {', '.join(said)} }}" if said else "{}"


def sides(old: Any, new: Any, *, bare: bool) -> tuple[str | None, str | None]:
    """Return two values as written, None for one that says nothing; `bare` for texts that are names.

    In two calls of one kind every argument stands that differs between them, although it is the default of one.
    """
    if isinstance(old, Variant) and type(old) is type(new):
        apart = {name for name in type(old).__struct_fields__ if getattr(old, name) != getattr(new, name)}
        return written_call(old, apart), written_call(new, apart)
    before, after = (None if value is None or value == () else written(_words(value) if bare else value) for value in (old, new))
    return before, after


def _statements(block: Block) -> Iterator[str]:
    usual = _defaults(type(block))
    for key, (attribute, _, about) in abouts(type(block)).items():
        value = getattr(block, attribute)
        if value is None or value == () or (attribute in usual and value == usual[attribute]):
            continue
        label = "" if about.bare else f"{key} "
        match value:
            case NamedBlock():
                yield f"{key} {_name(value.name)} {told(value)}"
            case Block():
                yield f"{label}{told(value)}"
            case dict():
                yield from (_entry(label, name, part) for name, part in value.items())
            case (Condition(), *_):
                yield from (f"{label}{written(each)}" for each in value)
            case (Column(), *_):
                yield from (f"{_name(each.name)} : {written(each)}" for each in value)
            case Limit():
                yield f"{label}{written(value)}"
            case _:
                yield f"{label}= {written(_words(value) if about.word else value)}"


def _entry(label: str, name: str, value: Any) -> str:
    if isinstance(value, Block):
        return f"{label}{_name(name)} {told(value)}"
    return f"{label if isinstance(value, Definition) else ''}{_name(name)} = {written(value)}"


@cache
def _defaults(cls: type[Block]) -> dict[str, Any]:
    """The values of a block of which nothing is said."""
    return {
        field.name: field.default_factory() if field.default is msgspec.NODEFAULT else field.default
        for field in msgspec.structs.fields(cls)
        if not field.required
    }


def _name(text: str) -> str:
    return written(Name((text,)))


def _words(value: Any) -> Any:
    """Texts that are names, which are written bare."""
    if isinstance(value, tuple):
        return tuple(map(_words, value))
    return Name((value,)) if isinstance(value, str) else value
