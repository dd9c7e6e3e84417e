"""What can still be checked of an architecture that has errors: the blocks without one, and what names only such blocks."""

from __future__ import annotations

import msgspec

from ..architecture.blocks import KINDS
from ..architecture.references import blocks, references
from ..architecture.vocabulary import Block
from ..language.diagnostics import Severity
from ..language.source import Span
from .base import Context


def sound_part(context: Context) -> Context | None:
    """Return the architecture without the blocks that have errors and without what depends on them.

    What a check says of the rest does not merely follow from an error that is said already. None when nobody can tell what an error has
    taken away: it stands outside of every block, as a missing import does.
    """
    wrong: set[str] = set()
    for item in context.findings:
        if item.severity is Severity.ERROR:
            at = _block_of(context, item.span)
            if at is None:
                return None
            wrong.add(at)
    while more := {at for at, block in blocks(context.architecture) if at not in wrong and _depends(at, block, wrong)}:
        wrong |= more
    kept = {
        kind: {name: block for name, block in getattr(context.architecture, kind).items() if f"{kind}.{name}" not in wrong}
        for kind in KINDS
        if kind != "system"
    }
    return Context(msgspec.structs.replace(context.architecture, **kept), context.positions, context.findings)


def _block_of(context: Context, span: Span | None) -> str | None:
    """The block that a place lies in."""
    for at, whole in context.positions.blocks.items():
        if span is not None and whole.source is span.source and whole.start <= span.start <= whole.end:
            return at
    return None


def _depends(at: str, block: Block, wrong: set[str]) -> bool:
    """Tell whether a block cannot be judged: a model is judged by the system's problem, and its label is of a source."""
    kinds = {"model": ("system", "source"), "evaluation": ("system",)}.get(at.partition(".")[0], ())
    return any(str(reference) in wrong for _, reference in references(block, at)) or any(each.partition(".")[0] in kinds for each in wrong)
