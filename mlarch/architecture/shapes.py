"""What a YAML mapping key means, told to the YAML front end from the vocabulary, so that there is no second schema."""

from __future__ import annotations

import typing

from .binding import form_of
from .blocks import KINDS
from .nodes import abouts
from .values import alternatives
from .vocabulary import Block


def shape_at(path: tuple[str, ...]) -> type[Block] | None:
    """Return the block class at a path of block kinds (`("deployment", "slo")`), names left out; None where no block stands."""
    if not path or path[0] not in KINDS:
        return None
    cls: type[Block] = KINDS[path[0]]
    for key in path[1:]:
        said = abouts(cls)
        if key not in said or form_of(said[key][1]) not in ("block", "blocks"):
            return None
        first = alternatives(said[key][1])[0]
        cls = typing.get_args(first)[1] if typing.get_origin(first) is dict else first
    return cls
