"""Conditions on measured values: expectations of a source and the gate of an evaluation are decided here, by the request lowering."""

from __future__ import annotations

from collections.abc import Mapping

from ..architecture.expressions import Among, Apply, Between, Expression, Name, render
from ..architecture.types import Column, ColumnType
from .features.requests import lower

Measured = Mapping[str, float | None]


def evaluate(expression: Expression, measured: Measured) -> float | bool | str | None:
    """Return the value of an expression whose parts were measured; `measured` is by the parts' rendered text.

    A missing part makes what depends on it missing.
    """
    stand_ins = {text: f"m{number}" for number, text in enumerate(measured)}
    columns = {name: Column(name=name, type=ColumnType.FLOAT) for name in stand_ins.values()}
    row = {stand_ins[text]: value for text, value in measured.items()}
    result: float | bool | str | None = lower(_place(expression, stand_ins), columns)(row)
    return result


def _place(part: Expression, stand_ins: Mapping[str, str]) -> Expression:
    """Return the expression with everything measured replaced by a column, outermost first: `mean(x)` before `x`."""
    name = stand_ins.get(render(part))
    if name is not None:
        return Name((name,))
    match part:
        case Apply(function, arguments, keywords):
            return Apply(function, tuple(_place(each, stand_ins) for each in arguments), keywords)
        case Between(value, low, high):
            return Between(_place(value, stand_ins), _place(low, stand_ins), _place(high, stand_ins))
        case Among(value, choices):
            return Among(_place(value, stand_ins), tuple(_place(each, stand_ins) for each in choices))
    return part
