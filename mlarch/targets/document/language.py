"""The page of the language: its forms, units, blocks, calls and functions, as the grammar and the vocabulary have them."""

from __future__ import annotations

import typing
from collections.abc import Iterator
from typing import Any

import msgspec

from ...architecture.blocks import KINDS, NAMELESS
from ...architecture.functions import OPERATORS
from ...architecture.nodes import abouts
from ...architecture.quantities import CURRENCIES, DURATIONS, RATIOS, SIZES
from ...architecture.types import KIND_OF, ColumnType
from ...architecture.values import alternatives, tag_of
from ...architecture.vocabulary import Block, Secret, Variant
from ...architecture.writing import written
from ...language.parameter_types import TYPES
from .examples import FORMS, block_example, form_example, grammar_of
from .keys import function_row, inner_block, named_functions, status_of, written_as
from .markdown import code, prose, table
from .pages import GENERATED
from .wording import default_of

_NOTHING = "—"
_INTRO = """\
One file is the whole architecture of an ML system. Every example here is taken from a file that the tests check.
[What is carried out](support.md) says what each key comes to today; [the tour](../tour.md) shows the language at work."""
_SHAPE = """\
The grammar, `dsl/grammar.lark`, knows these forms of a statement and no block kind: what a block may hold is said by the vocabulary below.
A statement ends at a line break or at a comma. `#` begins a comment; `##` lines right above a statement are its description."""


def language() -> str:
    """Return the text of the page."""
    blocks = ["# The language", GENERATED, _INTRO, "## Statements", _SHAPE, table(("Form", "Grammar", "Example"), _forms())]
    blocks += [
        "## Units",
        "A unit touches its number. What is written is kept; it is compared in the base unit.",
        table(_UNIT_HEAD, _units()),
    ]
    blocks += ["## Types", "Columns of a schema:", table(("Type", "In expressions"), _column_types())]
    blocks += ["Parameters, `param <name> : <type> = <default>`:", ", ".join(code(name) for name in TYPES) + "."]
    for kind, cls in (KINDS | NAMELESS).items():
        head = code(kind) if kind in NAMELESS else code(f"{kind} <name>")
        blocks += [f"## Block {head}", prose(cls.__doc__ or ""), table(_KEY_HEAD, _keys(cls, "")), _fenced(block_example(kind))]
    blocks += ["## Calls that are values", table(("Call", "Of", "Meaning", "Arguments"), _variants())]
    rows = [*map(function_row, OPERATORS), *map(function_row, named_functions())]
    blocks += ["## Functions and operators of expressions", table(("Function", "Kind", "Meaning"), rows)]
    return "\n\n".join(blocks) + "\n"


def _fenced(text: str) -> str:
    return f"```mlarch\n{text}\n```"


def _forms() -> Iterator[tuple[str, ...]]:
    rules = grammar_of()
    for rule in FORMS:
        yield rule.replace("_", " "), code(rules[rule]), code(form_example(rule))


_UNIT_HEAD = ("Unit", "Measures", "In the base unit")


def _units() -> Iterator[tuple[str, ...]]:
    for unit, factor in RATIOS.items():
        yield code(unit), "ratio", f"{factor}"
    for unit, factor in DURATIONS.items():
        yield code(unit), "duration", f"{factor.normalize():f} s"
    for unit, factor in SIZES.items():
        yield code(unit), "size", f"{factor:f} B"
    yield code("/<duration>"), "rate", f"events a second: {code('1000req/s')}, {code('1/30d')}"
    for currency in CURRENCIES:
        yield f"{code(currency)}, {code(f'{currency}/h')}, {code(f'{currency}/d')}", "price", "as it is, or by the hour"


def _column_types() -> Iterator[tuple[str, ...]]:
    return ((code(each.value), KIND_OF[each].value) for each in ColumnType)


# --- blocks ------------------------------------------------------------------------------------------------------------

_KEY_HEAD = ("Key", "Written as", "Default", "Status", "Meaning")


def _keys(cls: type[Block], prefix: str) -> Iterator[tuple[str, ...]]:
    for key, (attribute, hint, about) in abouts(cls).items():
        default = _default(cls, attribute)
        yield code(f"{prefix}{key}"), written_as(key, hint, about), default, status_of(about), prose(about.doc)
        inner = inner_block(hint)
        if inner is not None:
            yield from _keys(inner, f"{prefix}{key}.")


def _default(cls: type[msgspec.Struct], attribute: str) -> str:
    """Return what holds when nothing is said."""
    value = default_of(cls, attribute)
    if value is msgspec.NODEFAULT:
        return "must be said"
    if value in (None, (), {}) or isinstance(value, Block) or (not isinstance(value, _SHOWN) and value == type(value)()):
        return _NOTHING
    return code(written(value))


_SHOWN = (str, int, float, bool, tuple, msgspec.Struct)


# --- calls -------------------------------------------------------------------------------------------------------------


def _variants() -> Iterator[tuple[str, ...]]:
    places: dict[type[Variant], list[str]] = {}
    for kind, cls in (KINDS | NAMELESS).items():
        for variant, place in _used(cls, kind):
            places.setdefault(variant, []).append(place)
    for variant, used in sorted(places.items(), key=lambda each: tag_of(each[0])):
        arguments = "<br>".join(f"{code(key)}: {prose(about.doc)}" for key, (_, _, about) in abouts(variant).items())
        yield code(_signature(variant)), ", ".join(map(code, dict.fromkeys(used))), prose(variant.__doc__ or ""), arguments or _NOTHING


def _used(cls: type[msgspec.Struct], path: str) -> Iterator[tuple[type[Variant], str]]:
    """Yield the calls that the keys of a block take, and those that these take."""
    for key, (_, hint, _) in abouts(cls).items():
        for member in _members(hint):
            if issubclass(member, Variant):
                yield member, f"{path}.{key}"
                if member is not Secret:
                    yield from ((inner, f"{tag_of(member)}(…)") for inner, _ in _used(member, path))
            elif issubclass(member, Block):
                yield from _used(member, f"{path}.{key}")


def _members(hint: Any) -> Iterator[type]:
    for member in alternatives(hint):
        if isinstance(member, type):
            yield member
        for inner in typing.get_args(member):
            if inner is not Ellipsis:
                yield from _members(inner)


def _signature(variant: type[Variant]) -> str:
    """Return a call with its arguments; those with a default are given by name."""
    parts = []
    for key, (attribute, _, _) in abouts(variant).items():
        value = default_of(variant, attribute)
        parts.append(key if value is msgspec.NODEFAULT else f"{key}={written(value)}")
    return f"{tag_of(variant)}({', '.join(parts)})"
