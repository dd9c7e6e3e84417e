"""Renamings that are written down have happened: what was renamed is there by its new name only."""

from __future__ import annotations

from dataclasses import dataclass

from ..architecture.vocabulary import Reference
from .base import Context

CODE = "MLA429"


@dataclass(frozen=True)
class MovesHaveHappened:
    """`from` names nothing any more, `to` a block of the same kind, and no block was two others or has become two."""

    name: str = "moved"
    of_the_whole: bool = False

    def run(self, context: Context) -> None:
        seen: set[tuple[str, Reference]] = set()
        for number, moved in enumerate(context.architecture.moved):
            at = f"moved.{number}"
            if moved.source.kind != moved.target.kind:
                message = f"a `{moved.source.kind}` cannot become a `{moved.target.kind}`"
                context.error(CODE, message, f"{at}.to", "another kind of block")
            elif self._there(context, moved.source):
                help = "a renaming is written down when it is done: rename the block, or take this away"
                context.error(CODE, f"`{moved.source}` is still there", f"{at}.from", "has not moved", help=help)
            elif not self._there(context, moved.target):
                known = [f"{moved.target.kind}.{name}" for name in getattr(context.architecture, moved.target.kind)]
                message = f"there is no `{moved.target}` to which it could have moved"
                context.error(CODE, message, f"{at}.to", "does not exist", misspelt=str(moved.target), known=known)
            for key, end in (("from", moved.source), ("to", moved.target)):
                if (key, end) in seen:
                    context.error(
                        CODE, f"`{end}` moved twice", f"{at}.{key}", "again", help="one line says from the oldest name to the newest"
                    )
                seen.add((key, end))

    def _there(self, context: Context, reference: Reference) -> bool:
        """A block that has errors is not in the architecture, and is declared all the same."""
        return reference.name in getattr(context.architecture, reference.kind) or str(reference) in context.positions.blocks
