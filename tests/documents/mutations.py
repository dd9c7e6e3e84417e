"""Every single change that can be made to an architecture: one leaf at a time, to another value of the same type."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum
from typing import Any

import msgspec

from mlarch.architecture.architecture import Architecture
from mlarch.architecture.expressions import ARITHMETIC, COMPARISONS, Apply
from mlarch.architecture.quantities import Quantity, parse_quantity
from mlarch.architecture.vocabulary import Limit, Reference

#: Kinds that references point at: a checked architecture has no dangling ones.
_REFERRED = ("source", "features", "model", "hardware", "training", "deployment", "alert")
#: Limits and functions change to another of the same kind.
_GROUPS = (COMPARISONS, ARITHMETIC, ("and", "or"), ("not", "neg"))
_NAMED = ("abs", "sqrt")
_OPERATORS = {"<": "<=", "<=": "<", ">": ">=", ">=": ">"}


def changes(architecture: Architecture) -> Iterator[tuple[str, Architecture]]:
    """Yield the path of each leaf with the architecture in which only that leaf is another."""
    yield from _struct(architecture, "", architecture)


def _any(value: Any, at: str, whole: Architecture) -> Iterator[tuple[str, Any]]:
    match value:
        case None:
            return
        case bool():
            yield at, not value
        case Enum():
            yield from ((at, member) for member in type(value) if member is not value)
        case Quantity():
            digits = re.match(r"\d+", value.text)
            assert digits is not None, value
            yield at, parse_quantity(str(int(digits[0]) + 1) + value.text[digits.end() :])
        case Reference():
            yield from ((at, Reference(value.kind, name)) for name in getattr(whole, value.kind) if name != value.name)
        case Limit():
            yield f"{at}.operator", Limit(_OPERATORS[value.operator], value.bound)
            yield from ((f"{at}.bound", Limit(value.operator, bound)) for _, bound in _any(value.bound, at, whole))
        case Apply():
            group = next((names for names in _GROUPS if value.function in names), _NAMED)
            other = next(name for name in group if name != value.function)
            yield f"{at}.function", msgspec.structs.replace(value, function=other)
            yield from _struct(value, at, whole, without=("function",))
        case msgspec.Struct():
            yield from _struct(value, at, whole)
        case dict():
            for key, part in value.items():
                yield from ((place, {**value, key: other}) for place, other in _any(part, f"{at}.{key}", whole))
        case tuple():
            for number, part in enumerate(value):
                yield from ((place, (*value[:number], other, *value[number + 1 :])) for place, other in _any(part, f"{at}.{number}", whole))
            if len(value) > 1 and not isinstance(value[0], int):
                yield f"{at}.order", value[::-1]
                yield f"{at}.length", value[:-1]
        case str():
            yield at, f"{value}x"
        case int() | float():
            yield at, value + 1


def _struct(value: msgspec.Struct, at: str, whole: Architecture, without: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    for field in msgspec.structs.fields(type(value)):
        if field.name in without:
            continue
        path = f"{at}.{field.encode_name}".lstrip(".")
        part = getattr(value, field.name)
        yield from ((place, msgspec.structs.replace(value, **{field.name: other})) for place, other in _any(part, path, whole))
        default = field.default if field.default_factory is msgspec.NODEFAULT else field.default_factory()
        if not field.required and part != default and path not in _REFERRED:
            yield f"{path} taken away", msgspec.structs.replace(value, **{field.name: default})
