"""What can still be checked of an architecture that has errors: the blocks without one, and what names only such blocks."""

from __future__ import annotations

import msgspec

from ..architecture.blocks import KINDS
from ..architecture.references import blocks, references
from ..architecture.vocabulary import Block
from ..language.diagnostics import Severity
from ..language.source import SpanIndex
from .base import Context


def sound_part(context: Context) -> Context | None:
    """Return the architecture without the blocks that have errors and without what depends on them.

    What a check says of the rest does not merely follow from an error that is said already. None when nobody can tell what an error has
    taken away: it stands outside of every block, as a missing import does.
    """
    wrong: set[str] = set()
    blocks_by_place = SpanIndex(context.positions.blocks.values())
    names = {(id(span.source), span.start): at for at, span in context.positions.blocks.items()}
    for item in context.findings:
        if item.severity is Severity.ERROR:
            block = blocks_by_place.last_before(item.span) if item.span is not None else None
            if block is None or item.span is None or item.span.start > block.end:
                return None
            wrong.add(names[id(block.source), block.start])
    more = wrong
    while more:
        kinds = {each.partition(".")[0] for each in wrong}
        more = {at for at, block in blocks(context.architecture) if at not in wrong and _depends(at, block, wrong, kinds)}
        wrong |= more
    kept = {
        kind: {name: block for name, block in getattr(context.architecture, kind).items() if f"{kind}.{name}" not in wrong}
        for kind in KINDS
        if kind != "system"
    }
    return Context(msgspec.structs.replace(context.architecture, **kept), context.positions, context.findings)


def _depends(at: str, block: Block, wrong: set[str], wrong_kinds: set[str]) -> bool:
    """Tell whether a block cannot be judged: a model is judged by the system's problem, and its label is of a source."""
    kinds = {"model": ("system", "source"), "evaluation": ("system",)}.get(at.partition(".")[0], ())
    return any(each in wrong_kinds for each in kinds) or any(str(reference) in wrong for _, reference in references(block, at))
