"""Schemas of blocks and of a whole file."""

from __future__ import annotations

import typing
from typing import Any

import msgspec

from ...architecture.binding import LANGUAGE
from ...architecture.blocks import KINDS, NAMELESS
from ...architecture.families import FAMILIES, Bounds, family_named
from ...architecture.forms import form_of
from ...architecture.metrics import METRICS
from ...architecture.nodes import abouts
from ...architecture.values import alternatives
from ...architecture.vocabulary import About, Block, Status
from ...architecture.writing import written
from ...language.parameter_types import TYPES
from .values import EXPRESSION, SETTING, Schema, column, limit, setting, value

ADDRESS = "https://raw.githubusercontent.com/mlarch/mlarch/main/dsl/schema/mlarch.schema.json"
_TEXTS: Schema = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}


def schema() -> Schema:
    """Return the schema of an architecture as YAML."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": ADDRESS,
        "title": "mlarch architecture",
        "description": "The architecture of an ML system, as Hydra YAML.",
        "type": "object",
        "properties": {**_top(), **_kinds()},
        "additionalProperties": False,
        # With a `defaults` list, a config group may say what is missing here.
        "if": {"not": {"required": ["defaults"]}},
        "then": {"properties": _needed()},
        "$defs": _definitions(),
    }


def _top() -> Schema:
    choice = {"type": ["string", "null", "array"], "items": {"type": "string"}}
    item = {"anyOf": [{"type": "string"}, {"type": "object", "minProperties": 1, "maxProperties": 1, "additionalProperties": choice}]}
    parameter = {"type": "string", "pattern": rf"^\s*({'|'.join(TYPES)})(?!\w)", "examples": [*TYPES]}
    parameters = {
        "description": 'Named constants, `data: string = "data"`: `${param.data}` puts one in place.',
        "type": "object",
        "additionalProperties": parameter,
    }
    overlay = {"type": "object", "properties": {"param": parameters, **_kinds()}, "additionalProperties": False}
    return {
        "language": {"description": "The language's version; the first line of a file.", "enum": [LANGUAGE, float(LANGUAGE)]},
        "defaults": {
            "description": "The config files that this one is composed of, as Hydra reads it: `- slo@deployment.api.slo: interactive`.",
            "type": "array",
            "items": item,
        },
        "import": {"description": "Other files, whose blocks are of this architecture too.", **_TEXTS},
        "param": parameters,
        "overlay": {
            "description": "The same blocks again, merged over these when the overlay is named.",
            "type": "object",
            "additionalProperties": overlay,
        },
    }


def _kinds() -> Schema:
    named = {kind: _named(f"#/$defs/{kind}", cls.__doc__ or "") for kind, cls in KINDS.items()}
    alone = {kind: _one_or_more({"$ref": f"#/$defs/{kind}"}, cls.__doc__ or "") for kind, cls in NAMELESS.items()}
    return {**named, **alone}


def _named(reference: str, doc: str) -> Schema:
    return {"description": doc, "type": "object", "additionalProperties": {"$ref": reference}}


def _one_or_more(item: Schema, doc: str) -> Schema:
    return {"description": doc, "anyOf": [item, {"type": "array", "items": item}]}


# --- what must be said -------------------------------------------------------------------------------------------------


def _needed() -> Schema:
    """Schemas of what each block must say, where nothing else is merged with it."""
    found = {kind: needs for kind, cls in KINDS.items() if (needs := _needs(cls))}
    return {kind: {"additionalProperties": needs} for kind, needs in found.items()}


def _needs(cls: type[Block]) -> Schema:
    required = [each.encode_name for each in msgspec.structs.fields(cls) if each.required and each.name != "name"]
    said = abouts(cls)
    inner = {
        key: {"additionalProperties": below} if form_of(hint) == "blocks" else below
        for key, (_, hint, _) in said.items()
        if form_of(hint) in ("block", "blocks") and (below := _needs(_held(hint)))
    }
    by_name = [key for key in required if not said[key][2].bare]
    needs: Schema = {"required": by_name} if by_name else {}
    if len(by_name) < len(required):
        needs["minProperties"] = 1  # what fills the block
    return {**needs, "properties": inner} if inner else needs


# --- blocks ------------------------------------------------------------------------------------------------------------


def _definitions() -> Schema:
    found: Schema = {}
    for kind, cls in (KINDS | NAMELESS).items():
        _define(kind, cls, found)
        if kind in NAMELESS:  # nothing is merged with it
            found[kind] |= _needs(cls)
    found["model"]["allOf"] = [_of_family(name) for name in FAMILIES]
    return found


def _define(at: str, cls: type[Block], found: Schema) -> None:
    """Add the schema of a block, and those of its inner ones."""
    properties: Schema = {}
    others: Schema | bool = False
    for key, (attribute, hint, about) in abouts(cls).items():
        if about.bare:
            others = _filling(form_of(hint))
            continue
        made = _key(f"{at}.{key}", hint, about, found)
        properties[key] = {"description": _description(cls, attribute, about), **made}
    found[at] = {"description": cls.__doc__ or "", "type": "object", "properties": properties, "additionalProperties": others}
    bare = next((form_of(hint) for _, hint, about in abouts(cls).values() if about.bare), None)
    if bare == "conditions":  # a list of conditions, between which mappings of the keys may stand
        block = {key: part for key, part in found[at].items() if key != "description"}
        found[at] = {"description": cls.__doc__ or "", "anyOf": [block, {"type": "array", "items": {"anyOf": [EXPRESSION, block]}}]}


def _filling(form: str) -> Schema:
    return column() if form == "columns" else SETTING if form == "settings" else EXPRESSION


def _key(at: str, hint: Any, about: About, found: Schema) -> Schema:
    match form_of(hint):
        case "block":
            _define(at, _held(hint), found)
            return {"$ref": f"#/$defs/{at}"}
        case "blocks":
            _define(at, _held(hint), found)
            return _metrics(at) if at == "system.metric" else {"type": "object", "additionalProperties": {"$ref": f"#/$defs/{at}"}}
        case "definitions":
            return {"type": "object", "additionalProperties": EXPRESSION}
        case "conditions":
            return {"anyOf": [EXPRESSION, {"type": "array", "items": EXPRESSION}]}
        case "limit":
            return limit(about)
    return value(hint, about)


def _metrics(at: str) -> Schema:
    known = {name: {"description": each.doc, "$ref": f"#/$defs/{at}"} for name, each in METRICS.items()}
    return {"type": "object", "properties": known, "additionalProperties": False}


def _held(hint: Any) -> type[Block]:
    first = alternatives(hint)[0]
    held: type[Block] = typing.get_args(first)[1] if typing.get_origin(first) is dict else first
    return held


def _description(cls: type[Block], attribute: str, about: About) -> str:
    """What an editor shows of a key: its sentence, its default, and what of it is planned."""
    said = about.doc
    default = next(each.default for each in msgspec.structs.fields(cls) if each.name == attribute)
    if default not in (msgspec.NODEFAULT, None, ()) and not isinstance(default, Block):
        said += f" Default: `{written(default)}`."
    if about.status is Status.PLANNED:
        said += " Planned: it is checked, and not carried out yet."
    elif about.planned:
        said += f" Planned: {', '.join(f'`{each}`' for each in about.planned)}."
    return said


# --- hyperparameters ---------------------------------------------------------------------------------------------------


def _of_family(name: str) -> Schema:
    """Return what holds of a model of one family: it has the family's hyperparameters and no others."""
    family = family_named(name)
    hints = typing.get_type_hints(family.hyperparameters, include_extras=True)
    defaults = family.settings({})
    settings = {key: _setting(hint.__origin__, hint.__metadata__[0], defaults[key]) for key, hint in hints.items()}
    then = {"hyperparameters": {"properties": settings, "additionalProperties": False}}
    return {"if": {"properties": {"family": {"const": name}}, "required": ["family"]}, "then": {"properties": then}}


def _setting(hint: Any, bounds: Bounds, default: object) -> Schema:
    made: Schema = {"description": f"{bounds.doc} Default: `{'null' if default is None else written(default)}`."}
    if bounds.choices:
        made["enum"] = [*bounds.choices, *([None] if default is None else [])]
        return made
    low = "exclusiveMinimum" if bounds.exclusive else "minimum"
    return {
        **made,
        **({} if bounds.low is None else {low: bounds.low}),
        **({} if bounds.high is None else {"maximum": bounds.high}),
        **setting(typing.get_args(hint) or (hint,)),
    }
