"""Every block of an architecture, and every reference from one to another."""

from __future__ import annotations

import typing
from collections.abc import Iterator
from functools import cache
from typing import Any

import msgspec

from ..language.reuse import once
from .architecture import Architecture
from .blocks import KINDS
from .nodes import abouts
from .vocabulary import NamedBlock, Reference


def blocks(architecture: Architecture) -> Iterator[tuple[str, NamedBlock]]:
    """Yield every top-level block with its path, the system first."""
    yield f"system.{architecture.system.name}", architecture.system
    for kind in KINDS:
        if kind != "system":
            for name, block in getattr(architecture, kind).items():
                yield f"{kind}.{name}", block


def references(value: Any, at: str) -> Iterator[tuple[str, Reference]]:
    """Yield every reference in a value with the path of the field that holds it."""
    if isinstance(value, NamedBlock):
        yield from once("references", (value, at), lambda: tuple(_within(value, at)))
    else:
        yield from _within(value, at)


def _within(value: Any, at: str) -> Iterator[tuple[str, Reference]]:
    if isinstance(value, Reference):
        yield at, value
    elif isinstance(value, (list, tuple)):
        for part in value:
            yield from references(part, at)
    elif isinstance(value, dict):
        for key, part in value.items():
            yield from references(part, f"{at}.{key}")
    elif isinstance(value, msgspec.Struct):
        for name, written in _holders(type(value)):
            yield from references(getattr(value, name), f"{at}.{written}")


@cache
def _holders(cls: type[msgspec.Struct]) -> tuple[tuple[str, str], ...]:
    """Attribute and written name of the fields that can hold a reference: by far the most, columns and expressions, cannot."""
    said = abouts(cls).items()
    return tuple((name, written) for written, (name, hint, about) in said if about.refers or any(map(_holders, _structs_in(hint))))


def _structs_in(hint: Any) -> Iterator[type[msgspec.Struct]]:
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        yield hint
    for part in typing.get_args(hint):
        yield from _structs_in(part)
