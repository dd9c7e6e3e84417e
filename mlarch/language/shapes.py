"""What the language must know of the vocabulary: how a key of a block is written, and what a number with a unit is worth."""

from __future__ import annotations

from decimal import Decimal
from typing import Protocol

from . import tree
from .diagnostics import Findings


class Shapes(Protocol):
    """The forms of a block's keys; `path` is the block kinds from the top, names left out: `("deployment", "slo")`."""

    def form(self, path: tuple[str, ...], key: str) -> str | None:
        """Return `value`, `limit`, `block`, `blocks`, `definitions`, `conditions`, or None for an unknown key."""
        ...

    def scalar(self, path: tuple[str, ...], key: str) -> str:
        """Return what a scalar of a `value` key is: `text`, `name`, or `expression` for everything else."""
        ...

    def bare(self, path: tuple[str, ...]) -> str | None:
        """Return what fills the block without a label: `columns`, `conditions`, `settings`, or None."""
        ...

    def kinds(self) -> tuple[str, ...]:
        """Return the top-level block kinds."""
        ...

    def amount(self, node: tree.Number, findings: Findings | None = None) -> tuple[str, Decimal] | None:
        """Return what a number measures, and its worth in the base unit; or None where it cannot be read, which is said."""
        ...
