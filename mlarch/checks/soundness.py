"""What can still be checked of an architecture that has errors: what does not rest on what an error has taken away."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import msgspec

from ..architecture.architecture import Architecture
from ..architecture.blocks import KINDS
from ..architecture.blocks.model import Model
from ..architecture.expressions import Expression, Name, walk
from ..architecture.nodes import abouts
from ..architecture.references import blocks, references
from ..architecture.vocabulary import Block, Reference
from ..language.diagnostics import Severity
from ..language.source import Span, SpanIndex
from ..language.suggest import nearest
from .base import Context

#: The keys on which what is said of a block, and of those that name it, rests: an error at another key leaves the rest as it is. Of a kind
#: that is not here every key counts.
CARRYING = {
    "system": frozenset({"problem"}),
    "source": frozenset({"schema", "timestamp", "known_at"}),
    "features": frozenset({"from"}),
    "model": frozenset({"label", "features", "observations", "as_of", "from"}),
    "training": frozenset({"model", "split"}),
    "evaluation": frozenset({"training", "model"}),
    "deployment": frozenset({"model", "mode", "replicas", "hardware", "input"}),
    "monitor": frozenset({"deployment"}),
}
#: Kinds of blocks without which one of a kind cannot be judged; of others it is enough that they are declared.
_TOLD = {"evaluation": (), "deployment": ("source",), "alert": (), "retraining": (), "training": ("source",)}
#: Codes of what is said by the problem of the system.
OF_THE_PROBLEM = frozenset(f"MLA{code}" for code in (406, 409, 410, 411, 417, 419, 420, 430, 434, 441, 465))
#: What is said of a block without its opening brace, which is read all the same.
NO_BRACE = "its `{` is missing"
#: The word that a statement begins with, after what ends the one before.
_BEGINS = re.compile(r"(?:^|[\n,{}])[ \t]*([A-Za-z_]\w*)")


def sound_part(context: Context, *, mended: bool) -> Context:
    """Return the architecture without the blocks that errors make meaningless and without what depends on them.

    What a check says of the rest does not merely follow from an error that is said already. With `mended`, a misspelt name of a block
    stands for the one that is meant, and what names no block is left out.
    """
    wrong, lost = _wrong(context)
    architecture = _mended(context.architecture, context) if mended else context.architecture
    if mended:
        wrong |= {at for at, block in blocks(architecture) if any(_dangles(each, context) for _, each in references(block, at))}
    more = wrong
    while more:
        more = {at for at, block in blocks(architecture) if at not in wrong and _depends(at, block, wrong)}
        wrong |= more
    kept = {
        kind: {name: block for name, block in getattr(architecture, kind).items() if f"{kind}.{name}" not in wrong}
        for kind in KINDS
        if kind != "system"
    }
    return replace(context, architecture=msgspec.structs.replace(architecture, **kept), lost=lost)


def _wrong(context: Context) -> tuple[set[str], bool]:
    """Return the blocks that cannot be judged, and whether whole blocks may be lost: an error stands outside of every block."""
    positions, lost = context.positions, False
    by_place = SpanIndex(positions.blocks.values())
    names = {(id(span.source), span.start): at for at, span in positions.blocks.items()}
    for item in context.findings:
        if item.severity is not Severity.ERROR or (item.code[3] not in "01" and item.code not in _OUTSIDE):
            continue
        block = by_place.last_before(item.span) if item.span is not None else None
        if block is None or item.span is None or item.span.start > block.end:
            lost = lost or item.code not in _HARMLESS
        elif item.code[3] in "01" and not (item.labels or item.caption == NO_BRACE):
            at = names[id(block.source), block.start]
            positions.lost.setdefault(at, set()).add(_key(item.span, block, at))
    declared = {at for at in positions.blocks if not at.startswith("moved.")}
    made = {at for at, _ in blocks(context.architecture)}
    return declared - made | {at for at, keys in positions.lost.items() if _carries(at.partition(".")[0], keys)}, lost


#: What may stand outside of the blocks and loses none of them, and what may lose one where it stands outside.
_HARMLESS, _OUTSIDE = ("MLA213", "MLA214"), ("MLA201", "MLA202", "MLA212")


def _carries(kind: str, keys: set[str]) -> bool:
    carrying = CARRYING.get(kind)
    return bool(keys) if carrying is None else "" in keys or not keys.isdisjoint(carrying)


def _key(at: Span, block: Span, path: str) -> str:
    """Return the key that a syntax error takes away: the last one before it; empty where that cannot be told."""
    begun = _BEGINS.findall(block.source.text[block.start : at.start])[1:]
    known = abouts(KINDS[path.partition(".")[0]]) if path.partition(".")[0] in KINDS else {}
    return next((word for word in reversed(begun) if word in known), "")


def _depends(at: str, block: Block, wrong: set[str]) -> bool:
    """Tell whether a block cannot be judged without those that are wrong."""
    if isinstance(block, Model) and block.label is not None and any(_reads(block.label, each) for each in wrong):
        return True
    told = _TOLD.get(at.partition(".")[0], ("source", "model", "training", "deployment"))
    return any(str(reference) in wrong for _, reference in references(block, at) if reference.kind in told)


def _reads(label: Expression, at: str) -> bool:
    """Tell whether a label reads a source; a column without its source's name may be of any."""
    kind, _, name = at.partition(".")
    named = (node.parts for node in walk(label) if isinstance(node, Name))
    return kind == "source" and any(len(parts) == 1 or name in parts[:-1] for parts in named)


def _dangles(reference: Reference, context: Context) -> bool:
    return reference.name not in getattr(context.architecture, reference.kind) and str(reference) not in context.positions.blocks


def _mended(value: Any, context: Context) -> Any:
    """Return a value in which each misspelt reference is the one that is meant; what has none is kept as it is."""
    if isinstance(value, Reference):
        meant = nearest(value.name, getattr(context.architecture, value.kind)) if _dangles(value, context) else None
        return Reference(value.kind, meant) if meant else value
    if isinstance(value, dict):
        made = {key: _mended(part, context) for key, part in value.items()}
        return made if any(made[key] is not part for key, part in value.items()) else value
    if isinstance(value, tuple):
        parts = tuple(_mended(part, context) for part in value)
        return parts if any(new is not old for new, old in zip(parts, value, strict=True)) else value
    if isinstance(value, (Block, Architecture)):
        changed = {}
        for name in value.__struct_fields__:
            old = getattr(value, name)
            new = _mended(old, context)
            if new is not old:
                changed[name] = new
        return msgspec.structs.replace(value, **changed) if changed else value
    return value
