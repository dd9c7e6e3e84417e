"""What the YAML front end and overrides must know of the vocabulary: how a key of a block is written."""

from __future__ import annotations

from typing import Protocol


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
