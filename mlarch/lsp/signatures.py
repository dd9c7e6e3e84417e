"""What a call takes, while it is being written."""

from __future__ import annotations

from lsprotocol import types as lsp

from ..architecture.functions import FUNCTIONS, Function
from ..architecture.nodes import abouts
from ..architecture.values import tag_of
from ..architecture.vocabulary import Variant
from .cursor import Token, cursor_at
from .index import Index
from .meanings import takes
from .offer import Place, arguments_of
from .places import offset_of


def signature(text: str, position: lsp.Position, index: Index) -> lsp.SignatureHelp | None:
    """Return the innermost call around a position, with the argument that stands there; None outside of a call."""
    place = Place(cursor_at(text, offset_of(text, position)), index)
    if place.call is None or place.cursor.inside == "comment":
        return None
    arguments = arguments_of(place.call.tokens)
    if place.variant is not None:
        return _of_a_variant(place.variant, arguments)
    if place.call.function in FUNCTIONS:
        return _of_a_function(FUNCTIONS[place.call.function], len(arguments) - 1)
    return None


def _of_a_variant(variant: type[Variant], arguments: list[list[Token]]) -> lsp.SignatureHelp:
    said, current = abouts(variant), arguments[-1]
    shown = [lsp.ParameterInformation(key, f"{about.doc} Takes {takes(hint, about)}.") for key, (_, hint, about) in said.items()]
    named = current[0].name if len(current) > 1 and current[1].text == "=" else ""
    active = [*said].index(named) if named in said else len(arguments) - 1
    return _help(f"{tag_of(variant)}({', '.join(said)})", variant.__doc__, shown, active)


def _of_a_function(function: Function, before: int) -> lsp.SignatureHelp:
    """The parameters of a function have no names, and are told by where they stand in its signature."""
    label, shown = function.signature, list[lsp.ParameterInformation]()
    start = label.index("(") + 1
    for part in label[start : label.rindex(")")].split(", "):
        shown.append(lsp.ParameterInformation((start, start + len(part))))
        start += len(part) + 2
    if function.paired:
        before %= 2  # a condition or its value
    return _help(label, function.doc, shown, min(before, len(shown) - 1) if function.variadic else before)


def _help(label: str, doc: str | None, shown: list[lsp.ParameterInformation], active: int) -> lsp.SignatureHelp:
    return lsp.SignatureHelp([lsp.SignatureInformation(label, doc, shown)], active_signature=0, active_parameter=active)
