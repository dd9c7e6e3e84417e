"""What a key of a block means, told to the YAML front end from the vocabulary, so that there is no second schema."""

from __future__ import annotations

import typing
from decimal import Decimal

from ..language import tree
from ..language.diagnostics import Findings
from .blocks import KINDS, NAMELESS
from .elaboration import Elaborator
from .forms import form_of
from .nodes import abouts
from .positions import Positions
from .values import alternatives
from .vocabulary import Block


class VocabularyShapes:
    """The forms of every block's keys."""

    def kinds(self) -> tuple[str, ...]:
        """Return the top-level block kinds."""
        return tuple(KINDS)

    def form(self, path: tuple[str, ...], key: str) -> str | None:
        """Return how a key of the block at a path is written, or None for an unknown key."""
        cls = block_at(path)
        said = abouts(cls) if cls else {}
        return form_of(said[key][1]) if key in said and not said[key][2].bare else None

    def scalar(self, path: tuple[str, ...], key: str) -> str:
        """Return what a scalar of a `value` key is: `text`, `name` or `expression`."""
        cls = block_at(path)
        _, hint, about = abouts(cls)[key] if cls else (None, None, None)
        first = alternatives(hint)[0]
        item = typing.get_args(first)[0] if typing.get_origin(first) is tuple else first
        if item is not str:
            return "expression"
        return "name" if about is not None and about.word else "text"

    def bare(self, path: tuple[str, ...]) -> str | None:
        """Return what fills the block at a path without a label, or None."""
        cls = block_at(path)
        return next((form_of(hint) for _, hint, about in abouts(cls).values() if about.bare), None) if cls else None

    def amount(self, node: tree.Number, findings: Findings | None = None) -> tuple[str, Decimal] | None:
        """Return what a number measures, and its worth in the base unit; or None where it cannot be read, which is said."""
        quantity = Elaborator(Positions(), Findings() if findings is None else findings).quantity(node)
        return None if quantity is None else (quantity.dimension.value, quantity.base)


VOCABULARY_SHAPES = VocabularyShapes()


def block_at(path: tuple[str, ...]) -> type[Block] | None:
    """Return the block class at a path of block kinds (`("deployment", "slo")`), names left out; None where no block stands."""
    kinds = KINDS | NAMELESS
    if not path or path[0] not in kinds:
        return None
    cls: type[Block] = kinds[path[0]]
    for key in path[1:]:
        said = abouts(cls)
        if key not in said or form_of(said[key][1]) not in ("block", "blocks"):
            return None
        first = alternatives(said[key][1])[0]
        cls = typing.get_args(first)[1] if typing.get_origin(first) is dict else first
    return cls
