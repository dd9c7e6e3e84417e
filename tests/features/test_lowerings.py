"""One program, two lowerings: a table and a request give the same features."""

from __future__ import annotations

import math
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlarch.architecture.functions import FUNCTIONS, Role
from mlarch.architecture.program import FeatureProgram, ProgramFeature
from mlarch.architecture.types import ValueKind
from mlarch.runtime.features import fitting, requests, tables

from .programs import COLUMNS, ROWS, applications, expressions

SCHEMA = {column.name: tables.POLARS_TYPES[column.type] for column in COLUMNS}
NUMBER, BOOLEAN = ValueKind.NUMBER, ValueKind.BOOLEAN


def ulps(left: float, right: float) -> float:
    """Distance of two floats in units of the last place of the larger one."""
    return 0 if left == right else abs(left - right) / math.ulp(max(abs(left), abs(right)))


def compare(program: FeatureProgram, rows: list[dict[str, Any]]) -> None:
    """Assert that both lowerings agree on every feature of every row."""
    table = tables.apply(program, pl.DataFrame(rows, schema=SCHEMA))
    closure = requests.to_closure(program)
    for number, row in enumerate(rows):
        for feature, from_table, from_request in zip(program.features, table.row(number), closure(row), strict=True):
            assert (from_table is None) == (from_request is None), (feature, row, from_table, from_request)
            if from_table is not None and from_request is not None:
                assert ulps(from_table, from_request) <= 4 * _depth(feature), (feature, row, from_table, from_request)


def _depth(feature: ProgramFeature) -> int:
    """Errors of 4 units add up along nested functions; what is not arithmetic is exact anyway."""
    from mlarch.architecture.expressions import walk

    return max(1, sum(1 for _ in walk(feature.expression)))


SMOOTH = {"exp", "log", "log1p", "sqrt", "floor", "ceil", "-", "+", "/", "*"}


def test_every_scalar_function_has_both_lowerings() -> None:
    """A function in the registry that one lowering lacks is a mistake."""
    wanted = {function.name for function in FUNCTIONS.values() if function.role is Role.SCALAR}
    assert wanted == set(tables.SCALARS) | set(tables.WITH_CONSTANTS)
    assert wanted == set(requests.SCALARS) | set(requests.WITH_CONSTANTS)


def test_every_lowered_fitted_function_can_be_fitted() -> None:
    """A fitted function that is said to be lowered has a fitting, and no other has."""
    wanted = {function.name for function in FUNCTIONS.values() if function.role is Role.FITTED and function.lowered}
    assert wanted == set(fitting.FITTED)


SCALARS = sorted(name for name, function in FUNCTIONS.items() if function.role is Role.SCALAR)


@pytest.mark.parametrize("name", SCALARS)
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_each_function_gives_the_same_in_both(name: str, data: st.DataObject) -> None:
    """One function over plain columns and constants: exact within 4 units in the last place, missing in the same rows."""
    function = FUNCTIONS[name]
    kind = function.returns or data.draw(st.sampled_from([NUMBER, BOOLEAN]))
    if kind not in (NUMBER, BOOLEAN):
        inner = data.draw(applications(function, kind, 1))
        from mlarch.architecture.expressions import Apply

        expression: Any = Apply("length", (inner,)) if kind is ValueKind.TEXT else Apply("hour", (inner,))
        kind = NUMBER
    else:
        expression = data.draw(applications(function, kind, 1))
    program = FeatureProgram(COLUMNS, (ProgramFeature("f", expression, kind),))
    compare(program, data.draw(st.lists(ROWS, min_size=1, max_size=8)))


def _conditioned(program: FeatureProgram) -> bool:
    """Nested rounding can turn one unit into a jump (`floor(log(x))`): such programs are compared function by function above."""
    from mlarch.architecture.expressions import Apply, walk

    return all(
        sum(isinstance(node, Apply) and node.function in ("exp", "log", "log1p") for node in walk(feature.expression)) == 0
        for feature in program.features
    )


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.one_of(expressions(NUMBER), expressions(BOOLEAN)), min_size=1, max_size=4), st.lists(ROWS, min_size=1, max_size=8))
def test_programs_give_the_same_in_both(drawn: list[Any], rows: list[dict[str, Any]]) -> None:
    """Nested programs from the whole registry agree, with nulls, NaN, infinities, Unicode and times before 1970."""
    from mlarch.architecture.typing import kind_of

    columns = {column.name: column for column in COLUMNS}
    features = tuple(ProgramFeature(f"f{number}", expression, kind_of(expression, columns)) for number, expression in enumerate(drawn))
    program = FeatureProgram(COLUMNS, features)
    if _conditioned(program):
        compare(program, rows)
