"""Renamings carried out on an architecture: the old one with its blocks called as they are now, so that only the rest differs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from ..architecture.architecture import Architecture
from ..architecture.expressions import Name
from ..architecture.vocabulary import NamedBlock, Reference

#: Kinds whose names stand in expressions: `visits.bought`, `shape.log_area`.
_IN_EXPRESSIONS = ("source", "features")


def moves(old: Architecture, new: Architecture) -> dict[Reference, Reference]:
    """Return the renamings of the new architecture that have happened since the old one; those before it are of no more account."""
    return {
        moved.source: moved.target
        for moved in new.moved
        if moved.source.name in getattr(old, moved.source.kind) and moved.target.name not in getattr(old, moved.target.kind)
    }


def renamed(architecture: Architecture, renamings: Mapping[Reference, Reference]) -> Architecture:
    """Return the architecture with blocks renamed, wherever they are named."""
    if not renamings:
        return architecture
    fields = architecture.__struct_fields__
    made = {name: _value(getattr(architecture, name), name, renamings) for name in fields if name != "moved"}
    return msgspec.structs.replace(architecture, **made)


def former(path: str, renamings: Mapping[Reference, Reference]) -> str:
    """Return what a path was called."""
    for old, new in renamings.items():
        if path == str(new) or path.startswith(f"{new}."):
            return f"{old}{path[len(str(new)) :]}"
    return path


def _value(value: Any, kind: str, renamings: Mapping[Reference, Reference]) -> Any:
    """A value within a block of a kind."""
    match value:
        case Reference():
            return renamings.get(value, value)
        case Name(parts):
            return Name(_parts(parts, renamings))
        case dict():
            named = {key: _value(part, kind, renamings) for key, part in value.items()}
            if any(isinstance(part, NamedBlock) for part in named.values()):
                return {part.name: part for part in named.values()}
            return named
        case tuple() | list():
            return type(value)(_value(part, kind, renamings) for part in value)
        case msgspec.Struct():
            changed = {name: _value(getattr(value, name), kind, renamings) for name in value.__struct_fields__}
            if isinstance(value, NamedBlock):
                changed["name"] = renamings.get(Reference(kind, value.name), Reference(kind, value.name)).name
            return msgspec.structs.replace(value, **changed)
    return value


def _parts(parts: tuple[str, ...], renamings: Mapping[Reference, Reference]) -> tuple[str, ...]:
    """A name in an expression: `visits.bought`, or `source.visits.bought`."""
    for old, new in renamings.items():
        if old.kind in _IN_EXPRESSIONS:
            if len(parts) == 2 and parts[0] == old.name:
                return (new.name, parts[1])
            if len(parts) == 3 and parts[:2] == (old.kind, old.name):
                return (new.kind, new.name, parts[2])
    return parts
