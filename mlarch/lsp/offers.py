"""What the vocabulary and the declared names offer at one place of a file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import Enum
from typing import Any

from ..architecture.binding import LANGUAGE
from ..architecture.blocks import KINDS, NAMELESS
from ..architecture.expressions import word
from ..architecture.families import FAMILIES, family_named
from ..architecture.forms import form_of
from ..architecture.nodes import abouts
from ..architecture.quantities import Quantity
from ..architecture.types import ColumnType
from ..architecture.values import alternatives, tag_of
from ..architecture.vocabulary import About, Block, Reference, Variant
from ..language import tree
from ..language.parameter_types import TYPES
from .cursor import TOP, Cursor
from .index import Index
from .meanings import choices_of, family_text, key_text, kind_text, settings_of, takes, variant_text, written
from .offer import Kind, Offer, Place, arguments_of, holds_expressions, members_of, variants_of
from .terms import below, columns, expression, metrics, parameters

_TOP = {
    "language": f'language = "{LANGUAGE}"',
    "import": 'import "$1"',
    "param": "param $1 : ",
    "overlay": "overlay ${1:name} {\n  $0\n}",
}


def offers(cursor: Cursor, index: Index) -> Iterable[Offer]:
    """Return what may be written at a place, the likeliest first."""
    return Here(cursor, index).offers()


class Here:
    """What may stand at one place."""

    def __init__(self, cursor: Cursor, index: Index) -> None:
        self.cursor = cursor
        self.index = index
        self.place = Place(cursor, index)
        self.tokens = cursor.statement

    def offers(self) -> Iterable[Offer]:
        """Return the offers, the likeliest first."""
        cursor, tokens = self.cursor, self.tokens
        if cursor.dotted:
            return below(self.place, cursor.dotted)
        if not cursor.path:
            return self._top()
        if cursor.block is None:
            return ()
        if not tokens:
            return self._statement(cursor.block)
        bare, signs = self._bare(cursor.block), [token.text for token in tokens]
        if ":" in signs and "columns" in bare:
            return self._type() if signs[-1] == ":" else ()
        if self.place.key is not None:
            return self._after(*self.place.key)
        if "settings" in bare:
            return self._setting(tokens[0].name) if signs[1:] == ["="] else ()
        return expression(self.place) if "conditions" in bare else ()

    def _bare(self, cls: type[Block]) -> set[str]:
        return {form_of(hint) for _, hint, about in abouts(cls).values() if about.bare}

    # --- the top of a file -------------------------------------------------------------------------------------------

    def _top(self) -> Iterable[Offer]:
        signs = [token.text for token in self.tokens]
        if not signs:
            return self._kinds()
        if signs[0] == "param" and signs[-1] == ":":
            return (Offer(each, Kind.TypeParameter, "type of a parameter") for each in TYPES)
        if signs == ["language", "="]:
            return (Offer(f'"{LANGUAGE}"', Kind.Value, "", TOP["language"]),)
        if len(signs) == 1 and signs[0] in KINDS and self.cursor.blocks:  # in an overlay: the same blocks again
            return (Offer(name, Kind.Reference, signs[0], each.doc or "", word(name)) for name, each in self.index.names(signs[0]).items())
        return ()

    def _kinds(self) -> Iterator[Offer]:
        for kind, cls in KINDS.items():
            yield Offer(kind, Kind.Class, "block", kind_text(kind, cls), f"{kind} ${{1:name}} {{\n  $0\n}}")
        for kind, cls in NAMELESS.items():
            yield Offer(kind, Kind.Class, "block", kind_text(kind, cls), f"{kind} {{\n  $0\n}}")
        for key, doc in TOP.items():
            if key != "overlay" or not self.cursor.blocks:
                yield Offer(key, Kind.Keyword, "", doc, _TOP[key])

    # --- the start of a statement ------------------------------------------------------------------------------------

    def _statement(self, cls: type[Block]) -> Iterator[Offer]:
        present = self._present()
        for key, (_, hint, about) in abouts(cls).items():
            form = form_of(hint)
            if about.bare:
                yield from self._filling(form)
            elif key not in present or form in ("blocks", "definitions", "conditions"):
                yield Offer(key, Kind.Property, written(key, hint), key_text(cls, key), self._start(key, form, hint, about))

    def _present(self) -> set[str]:
        """The keys that the block has already; an overlay may say again what the file says."""
        named = self.cursor.top is not None and self.cursor.top[0] not in NAMELESS
        body = self.index.body(self.cursor.blocks) if named else ()
        attributes = {each.name.text for each in body if isinstance(each, tree.Attribute) and each.label is None}
        limits = {_first(each.term) for each in body if isinstance(each, tree.Constraint) and each.label is None}
        return attributes | limits | {each.kind.text for each in body if isinstance(each, tree.Block) and each.name is None}

    def _filling(self, form: str) -> Iterable[Offer]:
        """What fills a block without a label."""
        if form == "settings" and self.cursor.path[0] != "model":
            return (Offer(each.label, each.kind, each.detail, each.doc, f"{each.text} = ") for each in columns(self.place))
        if form == "settings" or self.cursor.path == ("model", "search"):
            sign = "=" if form == "settings" else "in"
            return (Offer(name, Kind.Property, short, long, f"{name} {sign} ") for name, (short, long) in self._settings().items())
        return expression(self.place) if form == "conditions" else ()

    def _settings(self) -> dict[str, tuple[str, str]]:
        present = self._present()
        return {key: each for key, each in settings_of(self.place.family).items() if key not in present}

    def _start(self, key: str, form: str, hint: Any, about: About) -> str:
        """Return how a statement with a key begins."""
        match form:
            case "block":
                return f"{key} {{\n  $0\n}}"
            case "blocks":
                return f"{key} ${{1:name}} {{ $0 }}"
            case "definitions":
                return f"{key} ${{1:name}} = $0"
            case "conditions":
                return f"{key} "
            case "limit":
                return f"{key} {self._operators(about)[0]} "
        return f'{key} = "$1"' if alternatives(hint)[0] is str and not about.word else f"{key} = "

    def _operators(self, about: About) -> tuple[str, ...]:
        """The comparisons that bound a key, that of the better end first: a target of a score is reached from below."""
        kind, name = self.cursor.blocks[-1]
        known = self.place.metrics.get(name) if kind == "metric" else None
        if known is not None and known.greater_is_better:
            return tuple(sorted(about.operators, key=lambda each: (each[0] != ">", -len(each))))
        return about.operators or ("<",)

    # --- behind a key ------------------------------------------------------------------------------------------------

    def _after(self, key: str, hint: Any, about: About) -> Iterable[Offer]:
        form, signs = form_of(hint), [token.text for token in self.tokens]
        if form == "blocks":
            return self._named(key) if len(signs) == 1 else ()
        if form == "definitions":
            return expression(self.place) if "=" in signs else ()
        if form == "conditions":
            return expression(self.place)
        if form == "limit" and len(signs) == 1:
            return (Offer(each, Kind.Operator, "", about.doc, f"{each} ") for each in self._operators(about))
        if form == "limit":
            return (offer for each in about.dimensions for offer in parameters(self.place, each.value))
        if form == "value" and "=" in signs:
            return expression(self.place) if holds_expressions(hint) else self._values(hint, about)
        return ()

    def _named(self, key: str) -> Iterator[Offer]:
        """The name of a metric of the system is one of the table."""
        if key == "metric":
            systems = [each.node for each in self.index.names("system").values()]
            body = [inner for each in systems if isinstance(each, tree.Block) for inner in each.body]
            there = {each.name.text for each in body if isinstance(each, tree.Block) and each.name is not None}
            yield from (each for each in metrics(self.place) if each.label not in there)

    def _values(self, hint: Any, about: About) -> Iterable[Offer]:
        if self.place.variant is not None:
            return self._arguments(self.place.variant)
        if self.place.call is not None:
            return ()
        there = self.place.in_list
        return (each for each in self._members(hint, about) if (each.text or each.label) not in there)

    def _members(self, hint: Any, about: About) -> Iterator[Offer]:
        members = members_of(hint)
        for member in members:
            if member is Reference:
                for kind in about.refers:
                    for name, each in self.index.names(kind).items():
                        yield Offer(f"{kind}.{name}", Kind.Reference, kind, each.doc or "", f"{kind}.{word(name)}")
            elif member is bool:
                yield from (Offer(each, Kind.Keyword) for each in ("true", "false"))
            elif isinstance(member, type) and issubclass(member, Enum):
                planned = dict.fromkeys(about.planned, "planned")
                yield from (
                    Offer(str(each.value), Kind.EnumMember, planned.get(str(each.value), ""), member.__doc__ or "") for each in member
                )
        for cls in variants_of(hint):
            yield Offer(tag_of(cls), Kind.Function, "planned" if tag_of(cls) in about.planned else "", variant_text(cls), _called(cls))
        yield from self._words(about)
        for member in members:
            if member is Quantity:
                yield from (offer for each in about.dimensions for offer in parameters(self.place, each.value))
            elif member in (str, int, float) and not about.word:
                yield from parameters(self.place, member)

    def _words(self, about: About) -> Iterable[Offer]:
        match about.word:
            case "family":
                return (Offer(each, Kind.EnumMember, "family", family_text(family_named(each))) for each in FAMILIES)
            case "column":
                return columns(self.place)
            case "metric":
                return metrics(self.place)
        return ()

    def _arguments(self, cls: type[Variant]) -> Iterator[Offer]:
        """The values of the argument that is being written, and the names of those that are not given yet."""
        assert self.place.call is not None
        *before, current = arguments_of(self.place.call.tokens)
        if self.place.argument is not None:
            yield from self._members(*self.place.argument)
        if current or self.cursor.openings[-1] is not self.place.call:
            return
        said = abouts(cls)
        by_place = sum(not (len(part) > 1 and part[1].text == "=") for part in before)
        given = {*list(said)[:by_place], *(part[0].name for part in before if len(part) > 1 and part[1].text == "=")}
        for key, (_, hint, about) in said.items():
            if key not in given:
                yield Offer(key, Kind.Property, takes(hint, about), about.doc, f"{key}=")

    def _setting(self, key: str) -> Iterator[Offer]:
        """The values of a hyperparameter, where they are words."""
        yield from (Offer(each, Kind.EnumMember, key) for each in choices_of(self.place.family, key))
        yield from parameters(self.place, Any)

    def _type(self) -> Iterator[Offer]:
        yield from (Offer(each.value, Kind.TypeParameter, "type of a column") for each in ColumnType)


def _called(cls: type[Variant]) -> str:
    """Return a call to be filled: with quotes where its first argument is a text."""
    said = abouts(cls)
    first = next((hint for _, hint, _ in said.values()), None)
    inside = "" if first is None else '"$1"' if alternatives(first) == (str,) else "$1"
    return f"{tag_of(cls)}({inside})$0" if inside else f"{tag_of(cls)}()"


def _first(term: Any) -> str:
    """The name that a constraint begins with."""
    left = term.left if isinstance(term, tree.Binary) else None
    return left.text if isinstance(left, tree.Path) else ""
