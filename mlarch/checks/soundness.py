"""What can still be checked of an architecture that has errors: what does not rest on what an error has taken away."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import msgspec

from ..architecture.blocks import KINDS
from ..architecture.blocks.model import Model
from ..architecture.expressions import Name, walk
from ..architecture.nodes import abouts
from ..architecture.references import blocks, references
from ..architecture.vocabulary import Block, Reference
from ..language.diagnostics import Severity
from ..language.reuse import once
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
#: Stands for whichever source a column is of that is named alone.
_ANY_SOURCE = "source"
#: Codes of what is said by the problem of the system.
OF_THE_PROBLEM = frozenset(f"MLA{code}" for code in (406, 409, 410, 411, 417, 419, 430, 434))
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
    made = dict(blocks(context.architecture))
    if mended:
        for at in [at for at, block in made.items() if _some_dangle(block, at, context)]:
            made[at] = _mended(made[at], context)
            wrong |= {at} if _some_dangle(made[at], at, context) else set()
    more = wrong
    while more:
        of_any_source = {_ANY_SOURCE} if any(at.startswith("source.") for at in wrong) else set()
        more = {at for at, block in made.items() if at not in wrong and not _rests_on(at, block).isdisjoint(wrong | of_any_source)}
        wrong |= more
    kept: dict[str, dict[str, Block]] = {kind: {} for kind in KINDS if kind != "system"}
    for at, block in made.items():
        kind, _, name = at.partition(".")
        if kind != "system" and at not in wrong:
            kept[kind][name] = block
    moved = _mended(context.architecture.moved, context) if mended else context.architecture.moved
    return replace(context, architecture=msgspec.structs.replace(context.architecture, moved=moved, **kept), lost=lost)


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


def _rests_on(at: str, block: Block) -> frozenset[str]:
    """Return the blocks without which a block cannot be judged."""
    return once("rests on", (at, block), lambda: frozenset(_named(at, block)))


def _named(at: str, block: Block) -> Iterator[str]:
    told = _TOLD.get(at.partition(".")[0], ("source", "model", "training", "deployment"))
    yield from (str(reference) for _, reference in references(block, at) if reference.kind in told)
    if isinstance(block, Model) and block.label is not None:
        for node in walk(block.label):
            if isinstance(node, Name):  # a column without its source's name may be of any
                yield from (f"source.{part}" for part in node.parts[:-1]) if len(node.parts) > 1 else (_ANY_SOURCE,)


def _some_dangle(block: Block, at: str, context: Context) -> bool:
    return any(_dangles(reference, context) for _, reference in references(block, at))


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
    if isinstance(value, Block):
        changed = {}
        for name in value.__struct_fields__:
            old = getattr(value, name)
            new = _mended(old, context)
            if new is not old:
                changed[name] = new
        return msgspec.structs.replace(value, **changed) if changed else value
    return value
