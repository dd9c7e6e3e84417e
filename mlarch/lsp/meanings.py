"""What the vocabulary says of a key, a function, a family: as text for a person who points at it or may write it."""

from __future__ import annotations

import typing
from typing import Any

import msgspec

from ..architecture.families import FAMILIES, Bounds, Family, family_named
from ..architecture.forms import form_of
from ..architecture.functions import Function
from ..architecture.nodes import abouts
from ..architecture.quantities import CURRENCIES, DURATIONS, RATIOS, SIZES, Dimension, QuantityError, parse_quantity
from ..architecture.values import alternatives, is_expression, tag_of, wanted
from ..architecture.vocabulary import About, Block, NamedBlock, Status, Variant

_WRITTEN = {
    "block": "{} {{ … }}",
    "blocks": "{} <name> {{ … }}",
    "definitions": "{} <name> = <expression>",
    "conditions": "{} <condition>",
    "limit": "{} < <bound>",
    "value": "{} = <value>",
}
_STATUS = {
    Status.LOWERED: "carried out",
    Status.DOCUMENTED: "shown in documents, as meant",
    Status.PLANNED: "planned: `mlarch compile` refuses it",
}
#: The units of each dimension.
UNITS: dict[Dimension, tuple[str, ...]] = {
    Dimension.DURATION: tuple(DURATIONS),
    Dimension.SIZE: tuple(SIZES),
    Dimension.RATIO: tuple(RATIOS),
    Dimension.RATE: (*(f"req/{each}" for each in ("s", "min", "h", "d")), *(f"/{each}" for each in ("h", "d", "7d", "30d"))),
    Dimension.MONEY: tuple(f"{each}/h" for each in CURRENCIES),
}


def written(key: str, hint: Any) -> str:
    """Say how a key is written."""
    return _WRITTEN.get(form_of(hint), "{}").format(key)


def takes(hint: Any, about: About) -> str:
    """Say which values a key takes; nothing where that is no value."""
    if form_of(hint) == "limit":
        return f"{' or '.join(about.operators)} {' or '.join(each.value for each in about.dimensions)}"
    if form_of(hint) != "value":
        return ""
    if is_expression(hint):
        return "an expression"
    members = alternatives(hint)
    if typing.get_origin(members[0]) is tuple:
        parts = typing.get_args(members[0])
        return (
            "a whole number or a range, `1..8`"
            if parts[1:] != (Ellipsis,)
            else f"one or a list of: {wanted(alternatives(parts[0]), about)}"
        )
    return wanted(members, about)


def key_text(cls: type[Block], key: str) -> str:
    """Return what is said of a key of a block, in Markdown."""
    _, hint, about = abouts(cls)[key]
    lines = [f"```mlarch\n{written(key, hint)}\n```", about.doc]
    if values := takes(hint, about):
        lines.append(f"Takes {values}.")
    if about.dimensions:
        lines.append("Units: " + ", ".join(f"`{unit}`" for each in about.dimensions for unit in UNITS.get(each, ())) + ".")
    lines.append(_default(cls, key) + f"Status: {_STATUS[about.status]}.")
    if about.planned:
        lines.append("Planned: " + ", ".join(f"`{each}`" for each in about.planned) + ".")
    return "\n\n".join(lines)


def _default(cls: type[Block], key: str) -> str:
    field = next(each for each in msgspec.structs.fields(cls) if each.encode_name == key)
    if field.required:
        return "Must be given. "
    default = field.default
    if default is msgspec.NODEFAULT or default is None or default == () or isinstance(default, Block):
        return ""
    if isinstance(default, Variant):
        return f"Default: `{tag_of(type(default))}()`. "
    return f"Default: `{str(default).lower() if isinstance(default, bool) else default}`. "


def kind_text(kind: str, cls: type[Block]) -> str:
    """Return what is said of a block kind."""
    name = "<name> " if issubclass(cls, NamedBlock) else ""
    return f"```mlarch\n{kind} {name}{{ … }}\n```\n\n{cls.__doc__ or ''}"


def variant_text(cls: type[Variant]) -> str:
    """Return what is said of a call that is a value."""
    said = abouts(cls)
    arguments = "\n".join(f"- `{key}`: {about.doc}" for key, (_, _, about) in said.items())
    return f"```mlarch\n{tag_of(cls)}({', '.join(said)})\n```\n\n{cls.__doc__ or ''}" + (f"\n\n{arguments}" if arguments else "")


def function_text(function: Function) -> str:
    """Return what is said of a function."""
    return f"```\n{function.signature}\n```\n\n{function.doc}\n\nComputed: {function.role.value}."


def family_text(family: Family) -> str:
    """Return what is said of a model family."""
    return f"`{family.name}`: {family.doc} For {', '.join(family.problems)}. Library: {family.library}."


_BASES = {Dimension.DURATION: "s", Dimension.SIZE: "bytes", Dimension.RATE: "a second", Dimension.RATIO: "", Dimension.MONEY: ""}


def quantity_text(text: str) -> str:
    """Return what a number with a unit is: its dimension, and its value in the base unit."""
    try:
        quantity = parse_quantity(text)
    except QuantityError:
        return ""
    if quantity.dimension not in _BASES:
        return ""
    base = f"{quantity.base.normalize():f} {_BASES[quantity.dimension]}".strip()
    return f"`{text}`: a {quantity.dimension.value}" + (f", {base}." if quantity.dimension is not Dimension.MONEY else ".")


def choices_of(family: str | None, setting: str) -> tuple[str, ...]:
    """Return the words that a hyperparameter takes; none where it takes others, or does not exist."""
    bounds = _bounds(family).get(setting)
    return bounds.choices if bounds is not None else ()


def settings_of(family: str | None) -> dict[str, tuple[str, str]]:
    """Return the hyperparameters of a family: short and long text by name; none for a family that is none."""
    if family is None or family not in FAMILIES:
        return {}
    defaults = family_named(family).settings({})
    return {key: _setting(family, key, defaults[key], bounds) for key, bounds in _bounds(family).items()}


def _setting(family: str, key: str, default: object, bounds: Bounds) -> tuple[str, str]:
    said = "null" if default is None else str(default).lower() if isinstance(default, bool) else str(default)
    ends = (
        "" if bounds.low is None else f"{'above' if bounds.exclusive else 'at least'} {bounds.low:g}",
        "" if bounds.high is None else f"at most {bounds.high:g}",
        f"one of {', '.join(bounds.choices)}" if bounds.choices else "",
    )
    span = ", ".join(filter(None, ends))
    return f"default {said}", f"`{key}` of `{family}`: {bounds.doc}\n\nDefault: `{said}`." + (f" Range: {span}." if span else "")


def _bounds(family: str | None) -> dict[str, Bounds]:
    if family is None or family not in FAMILIES:
        return {}
    hints = typing.get_type_hints(family_named(family).hyperparameters, include_extras=True)
    return {key: hint.__metadata__[0] for key, hint in hints.items()}
