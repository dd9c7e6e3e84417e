"""Walking the architecture by path: `source.nuclei.schema`, `model.classifier.hyperparameters`."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import cache
from typing import Any, get_type_hints

import msgspec

from .expressions import Amount, Literal
from .quantities import CURRENCIES, Dimension, Quantity
from .vocabulary import About, Block, Status


def node_at(root: msgspec.Struct, path: str) -> Any:
    """Return the value at a dotted path, by the names that the language uses.

    Raises KeyError when nothing stands there.
    """
    value: Any = root
    for part in path.split("."):
        if isinstance(value, dict):
            value = value[part]
        elif isinstance(value, msgspec.Struct):
            value = getattr(value, _field_named(type(value), part))
        else:
            raise KeyError(path)
    return value


def _field_named(cls: type[msgspec.Struct], written: str) -> str:
    for name, key in _fields(cls):
        if key == written:
            return name
    raise KeyError(written)


def _fields(cls: type[msgspec.Struct]) -> Iterable[tuple[str, str]]:
    """Attribute and written name of each field, as msgspec keeps them: `msgspec.structs.fields` is a hundred times slower."""
    return zip(cls.__struct_fields__, cls.__struct_encode_fields__, strict=True)


@cache
def required(cls: type[msgspec.Struct]) -> tuple[str, ...]:
    """Return the written names of the fields that have no default; kept, since msgspec evaluates every annotation anew each time."""
    return tuple(field.encode_name for field in msgspec.structs.fields(cls) if field.required)


def abouts(cls: type[msgspec.Struct]) -> dict[str, tuple[str, Any, About]]:
    """Return what the vocabulary says of a class: written name -> (attribute, type without its annotation, About)."""
    cached = _ABOUTS.get(cls)
    if cached is None:
        hints = get_type_hints(cls, include_extras=True)
        cached = {}
        for field in msgspec.structs.fields(cls):
            hint = hints[field.name]
            for extra in getattr(hint, "__metadata__", ()):
                if isinstance(extra, About):
                    cached[field.encode_name] = (field.name, hint.__origin__, extra)
        _ABOUTS[cls] = cached
    return cached


_ABOUTS: dict[type, dict[str, tuple[str, Any, About]]] = {}


def meaning(value: Any) -> Any:
    """Return the value as plain data without what no engine reads: doc comments, what only documents show, how a quantity is spelt."""
    if isinstance(value, Block):
        said = abouts(type(value))
        return {
            key: meaning(getattr(value, name))
            for name, key in _fields(type(value))
            if name != "doc" and not (key in said and said[key][2].status is Status.DOCUMENTED)
        }
    if isinstance(value, Quantity):
        return _worth(value)
    if isinstance(value, Amount) and value.quantity.dimension in (Dimension.NUMBER, Dimension.RATIO):
        return meaning(Literal(value.quantity.value))
    if isinstance(value, msgspec.Struct):
        plain = {key: meaning(getattr(value, name)) for name, key in _fields(type(value)) if name != "doc"}
        return {"": type(value).__name__, **plain}
    if isinstance(value, dict):
        return {key: meaning(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [meaning(part) for part in value]
    return value


def _worth(quantity: Quantity) -> list[str]:
    """What a quantity is, however it is spelt: `100ms` is `0.1s`, and `95%` is `0.95`."""
    counted = "" if quantity.dimension in (Dimension.NUMBER, Dimension.RATIO) else quantity.dimension.value
    if quantity.dimension is Dimension.MONEY:
        counted = next(each for each in CURRENCIES if each in quantity.text) + ("/h" if "/" in quantity.text else "")
    return [str(quantity.base.normalize()), counted]


def digest(value: Any) -> str:
    """Return a short stable hash (16 hex digits of SHA-256) of the meaning of a node."""
    data = msgspec.json.encode(meaning(value), order="deterministic")
    return hashlib.sha256(data).hexdigest()[:16]
