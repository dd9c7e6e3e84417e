"""Where a misplaced key belongs: a key that one block does not have may be another's."""

from __future__ import annotations

import typing
from collections.abc import Iterator
from typing import Any

from .blocks import KINDS
from .nodes import abouts
from .values import alternatives
from .vocabulary import Block


def where_it_belongs(key: str) -> str | None:
    """Return the places that have the key, as a user would name them, or None."""
    found = [place for place, cls in places() if key in abouts(cls) and not abouts(cls)[key][2].bare]
    return " or ".join(f"`{place}`" for place in found[:3]) or None


def places() -> Iterator[tuple[str, type[Block]]]:
    """Yield every block of the language with its place: `deployment`, `deployment.slo`."""
    for kind, cls in KINDS.items():
        yield kind, cls
        yield from _inner(kind, cls)


def _inner(place: str, cls: type[Block]) -> Iterator[tuple[str, type[Block]]]:
    for key, (_, hint, _) in abouts(cls).items():
        inner = _block_of(hint)
        if inner is not None:
            yield f"{place}.{key}", inner
            yield from _inner(f"{place}.{key}", inner)


def _block_of(hint: Any) -> type[Block] | None:
    first = alternatives(hint)[0]
    if typing.get_origin(first) is dict:
        first = typing.get_args(first)[1]
    return first if isinstance(first, type) and issubclass(first, Block) else None
