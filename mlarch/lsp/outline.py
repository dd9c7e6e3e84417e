"""The symbols of a file: its blocks, with what each declares."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from lsprotocol import types as lsp

from ..language import tree
from ..language.source import Span
from .places import range_of

_KINDS = {
    "source": lsp.SymbolKind.Struct,
    "features": lsp.SymbolKind.Namespace,
    "model": lsp.SymbolKind.Class,
    "overlay": lsp.SymbolKind.Package,
    "system": lsp.SymbolKind.Module,
}


def symbols(body: Iterable[tree.Statement]) -> list[lsp.DocumentSymbol]:
    """Return the symbols of the statements, inner ones within outer ones."""
    return list(_symbols(body))


def listed(body: Iterable[tree.Statement], uri: str, query: str) -> Iterator[lsp.SymbolInformation]:
    """Yield the symbols of a file, inner ones too, whose names have what is asked for in them."""
    waiting = [(each, "") for each in symbols(body)]
    while waiting:
        symbol, owner = waiting.pop(0)
        if query.casefold() in symbol.name.casefold():
            yield lsp.SymbolInformation(lsp.Location(uri, symbol.selection_range), symbol.name, symbol.kind, container_name=owner or None)
        waiting += [(each, f"{symbol.detail or ''} {symbol.name}".strip()) for each in symbol.children or ()]


def _symbols(body: Iterable[tree.Statement]) -> Iterator[lsp.DocumentSymbol]:
    for node in body:
        match node:
            case tree.Block(kind, name):
                said = name.text if name else kind.text
                shown = _KINDS.get(kind.text, lsp.SymbolKind.Object)
                yield _symbol(said, shown, node.span, (name or kind).span, kind.text if name else "", symbols(node.body))
            case tree.TypedName(label, name):
                shown = lsp.SymbolKind.Constant if label else lsp.SymbolKind.Field
                yield _symbol(name.text, shown, node.span, name.span, label.text if label else node.type.span.text)
            case tree.Attribute(tree.Word() as label, name):
                yield _symbol(name.text, lsp.SymbolKind.Variable, node.span, name.span, label.text)


def _symbol(
    name: str, kind: lsp.SymbolKind, whole: Span, part: Span, detail: str, inner: list[lsp.DocumentSymbol] | None = None
) -> lsp.DocumentSymbol:
    return lsp.DocumentSymbol(name or " ", kind, range_of(whole), range_of(part), detail or None, children=inner or None)
