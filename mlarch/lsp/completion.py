"""What may be written at the cursor, as the protocol says it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from lsprotocol import types as lsp

from ..architecture.nodes import abouts
from ..architecture.quantities import Dimension
from .cursor import Cursor, cursor_at
from .index import Index
from .meanings import UNITS
from .offers import Here, Kind, Offer, declared
from .places import offset_of

_NUMBER = re.compile(r"\d[\d_]*(?:\.\d+)?(?:[eE][+-]?\d+)?")
_PARAMETER = re.compile(r"\$\{\s*(?:param\.?)?\w*$")


def complete(text: str, position: lsp.Position, index: Index, *, snippets: bool) -> list[lsp.CompletionItem]:
    """Return what may be written at a position of a text."""
    offset = offset_of(text, position)
    cursor = cursor_at(text, offset)
    start = min(cursor.word.start, offset)
    offers: Iterable[Offer]
    if cursor.inside == "comment":
        return []
    if cursor.inside == "string":
        if not (match := _PARAMETER.search(text, cursor.word.start, offset)):
            return []
        start = match.start() + 2
        offers = [Offer(f"param.{each.label}", each.kind, each.detail, each.doc) for each in declared(index, "param", Kind.Constant)]
    elif cursor.word.kind == "number":
        start += len(number[0]) if (number := _NUMBER.match(cursor.word.text)) else 0
        offers = _units(cursor) if offset >= start else ()
    else:
        offers = Here(cursor, index).offers()
    units = position.character - sum(2 if char > "\uffff" else 1 for char in text[start:offset])
    span = lsp.Range(lsp.Position(position.line, max(0, units)), position)
    return [_item(offer, number, span, snippets) for number, offer in enumerate(_once(offers))]


def _once(offers: Iterable[Offer]) -> list[Offer]:
    return list({offer.label: offer for offer in reversed(list(offers))}.values())[::-1]


def _item(offer: Offer, number: int, span: lsp.Range, snippets: bool) -> lsp.CompletionItem:
    new = offer.text or offer.label
    if not snippets:
        new = new.partition("$")[0]
    return lsp.CompletionItem(
        label=offer.label,
        kind=offer.kind,
        detail=offer.detail or None,
        documentation=lsp.MarkupContent(lsp.MarkupKind.Markdown, offer.doc) if offer.doc else None,
        sort_text=f"{number:04}",
        filter_text=offer.label,
        insert_text_format=lsp.InsertTextFormat.Snippet if snippets and "$" in new else lsp.InsertTextFormat.PlainText,
        text_edit=lsp.TextEdit(span, new),
    )


def _units(cursor: Cursor) -> Iterator[Offer]:
    """The units that fit the key before the number, or all of them."""
    dimensions: tuple[Dimension, ...] = ()
    said = abouts(cursor.block) if cursor.block else {}
    key = cursor.statement[0].name if cursor.statement else ""
    if key in said:
        dimensions = said[key][2].dimensions
    elif cursor.statement and cursor.statement[-1].text == "over":
        dimensions = (Dimension.DURATION,)
    for dimension in dimensions or tuple(UNITS):
        for unit in UNITS.get(dimension, ()):
            yield Offer(unit, Kind.Unit, dimension.value)
