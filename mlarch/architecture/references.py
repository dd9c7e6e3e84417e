"""Every block of an architecture, and every reference from one to another."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from ..language.reuse import once
from .architecture import Architecture
from .blocks import KINDS
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
        # What msgspec keeps with the class: `msgspec.structs.fields` evaluates every annotation anew, a hundred times slower.
        for name, written in zip(value.__struct_fields__, value.__struct_encode_fields__, strict=True):
            yield from references(getattr(value, name), f"{at}.{written}")
