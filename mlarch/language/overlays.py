"""Overlays: `overlay prod { … }` holds the same blocks again, merged deeply into the file's when it is named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from . import tree
from .diagnostics import Findings, Label
from .suggest import names, nearest

Body = tuple[tree.Statement, ...]


def merge_overlays(body: Sequence[tree.Statement], wanted: Sequence[str], findings: Findings) -> tuple[Body, tuple[str, ...]]:
    """Return the statements with the wanted overlays merged and the others left out, and the names of all overlays."""
    overlays: dict[str, tree.Block] = {}
    kept: list[tree.Statement] = []
    for statement in body:
        if not (isinstance(statement, tree.Block) and statement.kind.text == "overlay"):
            kept.append(statement)
        elif statement.name is None:
            findings.error("MLA202", "an `overlay` block has a name", statement.head, "write `overlay <name> { … }`")
        elif (first := overlays.setdefault(statement.name.text, statement)) is not statement:
            findings.error(
                "MLA206",
                f"the overlay `{statement.name.text}` is defined twice",
                statement.head,
                "again",
                labels=(Label(first.head, "first defined here"),),
            )
    merged = tuple(kept)
    for name in wanted:
        if name in overlays:
            merged = merge(merged, overlays[name].body)
            continue
        guess = nearest(name, overlays)
        known = f"there are {names(overlays)}" if overlays else "the file declares none"
        findings.error("MLA006", f"there is no overlay `{name}`" + (f"; did you mean `{guess}`?" if guess else ""), None, help=known)
    return merged, tuple(overlays)


def merge(below: Body, above: Body) -> Body:
    """Return the statements of `below` with those of `above` over them: blocks merge, everything else replaces its like.

    What stands in `above` only or twice is added, so that two conditions on one thing stay two, and a name given twice is seen.
    """
    merged = list(below)
    places = {key(statement): number for number, statement in enumerate(merged) if key(statement) is not None}
    for statement in above:
        place = places.pop(key(statement), None)
        under = None if place is None else merged[place]
        if place is None or under is None:
            merged.append(statement)
        elif isinstance(statement, tree.Block) and isinstance(under, tree.Block):
            merged[place] = replace(under, body=merge(under.body, statement.body), doc=statement.doc or under.doc)
        else:
            merged[place] = replace(_held(under, statement), doc=statement.doc or under.doc)
    return tuple(merged)


def _held(under: tree.Statement, above: tree.Statement) -> tree.Statement:
    """Hold a parameter to its range and its `?`, where an overlay gives it another value of the same type."""
    match under, above:
        case tree.TypedName(tree.Word("param")), tree.TypedName(tree.Word("param")) if under.type.span.text == above.type.span.text:
            return replace(above, nullable=above.nullable or under.nullable, within=above.within or under.within)
    return above


def key(statement: tree.Statement) -> tuple[str, ...] | None:
    """Return what makes two statements the same one; None for conditions, which only add up."""
    match statement:
        case tree.Block(tree.Word("moved"), None):
            return None  # renamings have no names, and only add up
        case tree.Block(kind, name):
            return ("block", kind.text, name.text if name else "")
        case tree.Attribute(label, name):
            return ("name", label.text if label else "", name.text)
        case tree.TypedName(label, name):
            return ("typed", label.text if label else "", name.text)
        case tree.Constraint(None, tree.Binary(_, tree.Path() as path)) if len(path.parts) == 1:
            return ("name", "", path.text)
    return None
