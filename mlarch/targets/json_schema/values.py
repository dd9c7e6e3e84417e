"""Schemas of values: what a scalar of the YAML form may look like, by the type that the vocabulary gives it."""

from __future__ import annotations

import typing
from collections.abc import Iterable
from enum import Enum
from typing import Any

from ...architecture.families import FAMILIES
from ...architecture.metrics import METRICS
from ...architecture.nodes import abouts
from ...architecture.quantities import CURRENCIES, DURATIONS, RATIOS, SIZES, Dimension
from ...architecture.types import ColumnType
from ...architecture.values import alternatives, is_expression, tag_of
from ...architecture.vocabulary import About, Reference, Variant

Schema = dict[str, Any]

#: A scalar that the vocabulary reads as a text or as an expression, whatever YAML makes of it.
SCALAR: Schema = {"type": ["string", "number", "boolean"]}
#: A condition, a feature, a point of a search.
EXPRESSION: Schema = {**SCALAR}
SETTING: Schema = {"type": ["string", "number", "boolean", "null"]}
_PARAMETER = r"\$\{\s*param\.\w+\s*\}|param\.\w+"
_NUMBER = r"-?\d[\d_]*(\.\d+)?([eE][+-]?\d+)?"
_DURATION = "|".join(DURATIONS)
_UNITS = {
    Dimension.NUMBER: "",
    Dimension.RATIO: "|".join(RATIOS),
    Dimension.DURATION: _DURATION,
    Dimension.SIZE: "|".join(SIZES),
    Dimension.RATE: rf"\w*/\d*({_DURATION})",
    Dimension.MONEY: rf"({'|'.join(CURRENCIES)})(/[hd])?",
}


def value(hint: Any, about: About) -> Schema:
    """Return the schema of a key that has a value."""
    if is_expression(hint):
        return EXPRESSION
    members = alternatives(hint)
    if typing.get_origin(members[0]) is tuple:
        parts = typing.get_args(members[0])
        if parts[1] is not Ellipsis:
            return {"type": ["integer", "string"], "pattern": r"^\d+(\.\.\d+)?$"}
        item = value(parts[0], about)
        return {"anyOf": [item, {"type": "array", "items": item}]}
    return _one_of(members, about)


def limit(about: About) -> Schema:
    """Return the schema of a bound: a comparison, then a quantity."""
    signs = "|".join(sorted(about.operators, key=len, reverse=True))
    return {"type": "string", "pattern": rf"^\s*({signs})\s*({_quantity(about)}|{_PARAMETER})\s*$"}


def column() -> Schema:
    """Return the schema of a column's type."""
    types = [each.value for each in ColumnType]
    return {"type": "string", "pattern": rf"^\s*({'|'.join(types)})(?!\w)", "examples": types}


def setting(members: tuple[Any, ...]) -> Schema:
    """Return the schema of a hyperparameter: a text in quotes is no number."""
    names = {int: "integer", float: "number", str: "string", bool: "boolean", type(None): "null"}
    return {"type": [*(names[each] for each in members), "string"], "pattern": rf"^({_PARAMETER})$"}


def _one_of(members: tuple[Any, ...], about: About) -> Schema:
    found = list(_members(members, about))
    return found[0] if len(found) == 1 else {"anyOf": found}


def _members(members: tuple[Any, ...], about: About) -> Iterable[Schema]:
    calls = [each for each in members if isinstance(each, type) and issubclass(each, Variant)]
    for member in members:
        if member is str:
            yield _word(about)
        elif member is int:
            yield {"type": ["integer", "string"], "pattern": rf"^(-?\d[\d_]*|{_PARAMETER})$"}
        elif member is float:
            yield {"type": ["number", "string"], "pattern": rf"^({_NUMBER}|{_PARAMETER})$"}
        elif member is bool:
            yield {"type": ["boolean", "string"], "pattern": rf"^(true|false|{_PARAMETER})$"}
        elif member is Reference:
            yield {"type": "string", "pattern": rf"^({'|'.join(about.refers)})\.\S"}
        elif isinstance(member, type) and issubclass(member, Enum):
            yield {"enum": [str(each.value) for each in member]}
        elif member not in calls:
            yield _measured(about)
    if calls:
        yield _calls(calls)


def _word(about: About) -> Schema:
    known = {"family": FAMILIES, "metric": tuple(METRICS)}.get(about.word)
    return {"enum": list(known)} if known else {"type": "string"} if about.word else {**SCALAR}


def _measured(about: About) -> Schema:
    plain = not about.dimensions or Dimension.NUMBER in about.dimensions
    return {"type": ["number", "string"] if plain else "string", "pattern": rf"^({_quantity(about)}|{_PARAMETER})$"}


def _quantity(about: About) -> str:
    units = "|".join(_UNITS[each] for each in about.dimensions or tuple(Dimension))
    return rf"{_NUMBER}({units})"


def _calls(calls: list[type[Variant]]) -> Schema:
    """A call stands in one text; an editor that knows `defaultSnippets` offers it."""
    offered = [{"label": tag_of(each), "description": each.__doc__, "body": _body(each)} for each in calls]
    return {"type": "string", "pattern": rf"^({'|'.join(map(tag_of, calls))})\(", "defaultSnippets": offered}


def _body(call: type[Variant]) -> str:
    first = next((hint for _, hint, _ in abouts(call).values()), None)
    return f"{tag_of(call)}()" if first is None else f'{tag_of(call)}("$1")' if str in alternatives(first) else f"{tag_of(call)}($1)"
