"""What may be written at the cursor, as the protocol says it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from lsprotocol import types as lsp

from .cursor import Cursor, cursor_at
from .index import Index
from .offer import Kind, Offer, Place, declared
from .offers import offers
from .places import offset_of
from .units import units
from .yaml_form import is_architecture, said_at, yaml_offers

_NUMBER = re.compile(r"\d[\d_]*(?:\.\d+)?(?:[eE][+-]?\d+)?")
Files = Callable[[tuple[str, ...]], Iterable[str]]
_SUFFIXES = {"import": (".mlarch",), "csv": (".csv",), "parquet": (".parquet",), "jsonl": (".jsonl", ".ndjson")}
_PARAMETER = re.compile(r"\$\{\s*(?:param\.?)?\w*$")


def complete(text: str, position: lsp.Position, index: Index, files: Files, *, snippets: bool) -> list[lsp.CompletionItem]:
    """Return what may be written at a position of a text; `files` lists those with a suffix, by their paths from the text's folder."""
    offset = offset_of(text, position)
    start, found = _offers(text, offset, cursor_at(text, offset), index, files)
    return _items(text, start, position, offset, found, snippets)


def complete_yaml(text: str, position: lsp.Position, index: Index, files: Files, *, snippets: bool) -> list[lsp.CompletionItem]:
    """Return the same for the YAML form."""
    offset = offset_of(text, position)
    said = said_at(text, offset) if is_architecture(text) else None
    if said is None:
        return []
    written = said.text[: said.offset]
    cursor = cursor_at(written, said.offset)
    start, found = _offers(written, said.offset, cursor, index, files)
    return _items(text, offset - (said.offset - start), position, offset, yaml_offers(said, found, cursor.path), snippets)


def _items(text: str, start: int, position: lsp.Position, offset: int, found: Iterable[Offer], snippets: bool) -> list[lsp.CompletionItem]:
    units = position.character - sum(2 if char > "\uffff" else 1 for char in text[start:offset])
    span = lsp.Range(lsp.Position(position.line, max(0, units)), position)
    return [_item(offer, number, span, snippets) for number, offer in enumerate(_once(found))]


def _offers(text: str, offset: int, cursor: Cursor, index: Index, files: Files) -> tuple[int, Iterable[Offer]]:
    """Return where the word begins that is written, and what it may become."""
    start = min(cursor.word.start, offset)
    if cursor.inside == "comment":
        return start, ()
    if cursor.inside == "string":
        if match := _PARAMETER.search(text, cursor.word.start, offset):
            found = declared(index, "param", Kind.Constant)
            return match.start() + 2, (Offer(f"param.{each.label}", each.kind, each.detail, each.doc) for each in found)
        return start + 1, _named_files(cursor, files)
    if cursor.word.kind == "number":
        start += len(number[0]) if (number := _NUMBER.match(cursor.word.text)) else 0
        return start, units(Place(cursor, index)) if offset >= start else ()
    return start, offers(cursor, index)


def _named_files(cursor: Cursor, files: Files) -> Iterable[Offer]:
    """The files that a text may name: an import, or the data of a source."""
    place = cursor.statement[0].name if cursor.statement else ""
    called = cursor.openings[-1].function if cursor.openings else ""
    suffixes = _SUFFIXES.get("import" if place == "import" and not cursor.path else called if place == "connector" else "", ())
    return (Offer(each, Kind.File, "file") for each in files(suffixes)) if suffixes else ()


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
