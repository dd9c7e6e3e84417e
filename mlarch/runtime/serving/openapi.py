"""The OpenAPI description of a deployment, made from the model's request schema."""

from __future__ import annotations

from typing import Any

from ...architecture.blocks.model import Output
from ...architecture.blocks.system import Problem
from ...architecture.expressions import Literal
from ...architecture.feature_views import view_of
from ...architecture.types import Column, ColumnType
from ..models.bundle import Bundle

_TYPES: dict[ColumnType, dict[str, str]] = {
    ColumnType.INT: {"type": "integer"},
    ColumnType.FLOAT: {"type": "number"},
    ColumnType.BOOL: {"type": "boolean"},
    ColumnType.TIMESTAMP: {"type": "string", "format": "date-time"},
    ColumnType.DATE: {"type": "string", "format": "date"},
}


def describe(bundle: Bundle, version: str) -> dict[str, Any]:
    """Return an OpenAPI 3.1 document."""
    row = _row(bundle.program.inputs)
    body = {
        "oneOf": [{"$ref": "#/components/schemas/Row"}, {"type": "array", "items": {"$ref": "#/components/schemas/Row"}, "minItems": 1}]
    }
    answer = {
        "description": "One prediction a row, in order.",
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Answer"}}},
    }
    refusal = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}}
    refusals = {
        "400": "The body is no JSON.",
        "413": "The body or the number of rows is too large.",
        "422": "Fields are missing or wrong; each is named.",
    }
    if bundle.program.histories:
        refusals["503"] = "The feature store does not answer, and the deployment, or the model, does not do without."
    responses: dict[str, Any] = {"200": answer, **{status: {"description": text, **refusal} for status, text in refusals.items()}}
    if "503" in responses:
        responses["503"]["headers"] = {"Retry-After": {"description": "Seconds after which to ask again.", "schema": {"type": "integer"}}}
    plain = {"responses": {"200": {"description": "It is well."}}}
    return {
        "openapi": "3.1.0",
        "info": {"title": f"{bundle.head.system}: {bundle.head.model}", "version": version},
        "paths": {
            "/predict": {
                "post": {
                    "operationId": "predict",
                    "requestBody": {"required": True, "content": {"application/json": {"schema": body}}},
                    "responses": responses,
                }
            },
            "/healthz": {"get": {"operationId": "healthz", **plain}},
            "/readyz": {"get": {"operationId": "readyz", **plain}},
            "/metrics": {"get": {"operationId": "metrics", **plain}},
        },
        "components": {"schemas": {"Row": row, "Answer": _answer(bundle), "Error": _error()}},
    }


def _row(columns: tuple[Column, ...]) -> dict[str, Any]:
    required = [column.name for column in columns if not column.nullable and column.default is None]
    return {
        "type": "object",
        "additionalProperties": False,
        "required": required,
        "properties": {column.name: _value(column) for column in columns},
    }


def _value(column: Column) -> dict[str, Any]:
    said: dict[str, Any] = dict(_TYPES.get(column.type, {"type": "string"}))
    if column.nullable:
        said["type"] = [said["type"], "null"]
    if column.low is not None and column.high is not None:
        said.update(minimum=column.low, maximum=column.high)
    if column.categories:
        said["enum"] = [*column.categories, *([None] if column.nullable else [])]
    if isinstance(column.default, Literal):
        said["default"] = column.default.value
    about = " ".join(part for part in (column.doc, f"In {column.unit}." if column.unit else None) if part)
    return {**said, **({"description": about} if about else {})}


def _answer(bundle: Bundle) -> dict[str, Any]:
    head = bundle.head
    boolean = set(head.classes) == {"true", "false"}
    label = {"type": "boolean"} if boolean else {"type": "string", "enum": list(head.classes)}
    if head.problem is Problem.REGRESSION:
        fields: dict[str, Any] = {"value": {"type": "number"}}
    elif head.output is Output.CLASS:
        fields = {"label": label}
    elif len(head.classes) == 2:
        fields = {"probability": {"type": "number", "minimum": 0, "maximum": 1}, "label": label}
    else:
        fields = {"label": label, "probabilities": {"type": "object", "properties": {name: {"type": "number"} for name in head.classes}}}
    said = {"fallback": _fallback(bundle)} if bundle.program.histories else {}
    prediction = {"type": "object", "required": list(fields), "properties": {**fields, **said}}
    return {
        "type": "object",
        "properties": {"model": {"type": "string"}, "version": {"type": "string"}, "predictions": {"type": "array", "items": prediction}},
    }


def _fallback(bundle: Bundle) -> dict[str, Any]:
    views = [view_of(history) for history in bundle.program.histories]
    told = "Absent where everything was known. Views of the feature store that gave no answer: what is of them was taken as missing."
    return {"type": "array", "items": {"enum": views}, "minItems": 1, "uniqueItems": True, "description": told}


def _error() -> dict[str, Any]:
    field = {
        "type": "object",
        "properties": {"row": {"type": "integer"}, "field": {"type": ["string", "null"]}, "problem": {"type": "string"}},
    }
    error = {
        "type": "object",
        "properties": {"code": {"type": "string"}, "message": {"type": "string"}, "fields": {"type": "array", "items": field}},
    }
    return {"type": "object", "properties": {"error": error}}
