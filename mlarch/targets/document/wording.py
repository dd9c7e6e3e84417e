"""Values of the vocabulary in the words of a document: as a person would write them in a `.mlarch` file."""

from __future__ import annotations

from enum import Enum
from typing import Any

import msgspec

from ...architecture.nodes import abouts
from ...architecture.values import tag_of
from ...architecture.vocabulary import About, Block, Condition, Status, Variant
from ...architecture.writing import written
from .markdown import code, prose, table

SILENT = "not declared"
PLANNED = "*Planned.*"


def shown(value: Any, about: About | None = None) -> str:
    """Return a value as Markdown; what is absent is said so."""
    if value is None:
        return SILENT
    if isinstance(value, (list, tuple)):
        if not value:
            return SILENT
        if not isinstance(value[0], int):
            return ("<br>" if isinstance(value[0], Condition) else ", ").join(shown(part, about) for part in value)
        return code("..".join(map(str, value)))
    if isinstance(value, str) and not isinstance(value, Enum):
        return code(value if about is not None and about.word else written(value))
    return code(written(value))


def default_of(owner: type[msgspec.Struct], attribute: str) -> Any:
    """Return what a field is when nothing is said, or `msgspec.NODEFAULT`."""
    field = next(field for field in msgspec.structs.fields(owner) if field.name == attribute)
    return field.default if field.default_factory is msgspec.NODEFAULT else field.default_factory()


def properties(block: Block, *, without: tuple[str, ...] = ()) -> str:
    """Return the table of everything that a block may say: what it says, what holds by default, and where it is silent."""
    return table(("Key", "Value", "Meaning"), _rows(block, "", without))


def _rows(block: Block, prefix: str, without: tuple[str, ...]) -> list[tuple[str, str, str]]:
    rows: list[tuple[str, str, str]] = []
    for key, (attribute, _, about) in abouts(type(block)).items():
        if key in without:
            continue
        value = getattr(block, attribute)
        name = prefix.rstrip(".") if about.bare and prefix else f"{prefix}{key}"
        if isinstance(value, Block):
            rows += _rows(value, f"{name}.", ())
        elif about.bare and isinstance(value, dict):
            rows += [(code(f"{name}.{each}"), shown(setting), _meaning(setting, about)) for each, setting in value.items()]
        else:
            rows.append((code(name), _valued(block, attribute, value, about), _meaning(value, about)))
    return rows


def _valued(block: Block, attribute: str, value: Any, about: About) -> str:
    text = shown(value, about)
    held = text != SILENT and value == default_of(type(block), attribute)
    return f"{text} (default)" if held else text


def _meaning(value: Any, about: About) -> str:
    planned = value not in (None, (), False) and (about.status is Status.PLANNED or _member(value) in about.planned)
    return f"{prose(about.doc)} {PLANNED}" if planned else prose(about.doc)


def ahead(cls: type[Block], key: str) -> list[str]:
    """Return the note on a key that is written down and not carried out yet, as a paragraph of its own."""
    return [PLANNED] if abouts(cls)[key][2].status is Status.PLANNED else []


def _member(value: Any) -> str | None:
    """Return the name of an enum member or of a variant, by which the vocabulary says that it is planned."""
    if isinstance(value, Enum):
        return str(value.value)
    return tag_of(type(value)) if isinstance(value, Variant) else None
