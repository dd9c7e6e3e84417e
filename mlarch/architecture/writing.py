"""Values of the vocabulary as a person would write them in a `.mlarch` file."""

from __future__ import annotations

import json
from collections.abc import Container
from enum import Enum
from typing import Any

import msgspec

from .expressions import render
from .quantities import Quantity
from .types import Column
from .values import tag_of
from .vocabulary import Condition, Definition, Limit, Reference, Variant


def written(value: Any) -> str:
    """Return a value in the language's own notation."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case Enum():
            return str(value.value)
        case Quantity() | Limit() | Reference():
            return str(value)
        case Definition() | Condition():
            return render(value.expression)
        case Column():
            return _column(value)
        case Variant():
            return written_call(value)
        case str():
            return json.dumps(value, ensure_ascii=False)
        case int() | float():
            return repr(value)
        case (int() as low, int() as high):
            return f"{low}..{high}"
        case list() | tuple():
            return f"[{', '.join(map(written, value))}]"
    return render(value)


def written_call(value: Variant, also: Container[str] = ()) -> str:
    """Return a call: arguments without a default in their order, the others by name where they differ from it, or are named in `also`."""
    arguments = []
    for field in msgspec.structs.fields(type(value)):
        given = getattr(value, field.name)
        if field.required:
            arguments.append(written(given))
        elif field.name in also or given != field.default:
            arguments.append(f"{field.encode_name}={written(given)}")
    return f"{tag_of(type(value))}({', '.join(arguments)})"


def _column(column: Column) -> str:
    """The type of a column with all that stands behind it: `float("s")? in 0..900 = 1`."""
    inside = [written(column.unit)] if column.unit else [written(each) for each in column.categories]
    text = column.type.value + (f"({', '.join(inside)})" if inside else "") + ("?" if column.nullable else "")
    if column.low is not None or column.high is not None:
        low, high = ("" if end is None else f"{end:.12g}" for end in (column.low, column.high))
        text += f" in {low}..{high}"
    return text if column.default is None else f"{text} = {render(column.default)}"
