"""One program, two lowerings: a table and a request give the same features."""

from __future__ import annotations

import math
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from mlarch.architecture.expressions import Apply, Expression, Literal, Name, walk
from mlarch.architecture.functions import FUNCTIONS, Role
from mlarch.architecture.program import FeatureProgram, ProgramFeature
from mlarch.architecture.types import ValueKind
from mlarch.architecture.typing import kind_of
from mlarch.runtime.features import fitting, requests, tables

from .programs import COLUMNS, ROWS, applications, expressions, random_rows

SCHEMA = {column.name: tables.POLARS_TYPES[column.type] for column in COLUMNS}
NUMBER, BOOLEAN = ValueKind.NUMBER, ValueKind.BOOLEAN


def ulps(left: float, right: float) -> float:
    """Distance of two floats in units of the last place of the larger one."""
    return 0 if left == right else abs(left - right) / math.ulp(max(abs(left), abs(right)))


def compare(program: FeatureProgram, rows: list[dict[str, Any]], most: float | None = None) -> None:
    """Assert that both lowerings agree on every feature of every row, within so many units in the last place."""
    table = tables.apply(program, pl.DataFrame(rows, schema=SCHEMA))
    closure = requests.to_closure(program)
    for number, row in enumerate(rows):
        for feature, from_table, from_request in zip(program.features, table.row(number), closure(row), strict=True):
            assert (from_table is None) == (from_request is None), (feature, row, from_table, from_request)
            if from_table is not None and from_request is not None:
                allowed = 4 * _depth(feature) if most is None else most
                assert ulps(from_table, from_request) <= allowed, (feature, row, from_table, from_request)


def _depth(feature: ProgramFeature) -> int:
    """Errors of 4 units add up along nested functions; what is not arithmetic is exact anyway."""
    return max(1, sum(1 for _ in walk(feature.expression)))


def test_every_scalar_function_has_both_lowerings() -> None:
    """A function in the registry that one lowering lacks is a mistake."""
    wanted = {function.name for function in FUNCTIONS.values() if function.role is Role.SCALAR}
    assert wanted == set(tables.SCALARS) | set(tables.WITH_CONSTANTS)
    assert wanted == set(requests.SCALARS) | set(requests.WITH_CONSTANTS)


def test_every_fitted_function_can_be_fitted() -> None:
    """Each fitted function of the registry has a fitting, and nothing else has."""
    wanted = {function.name for function in FUNCTIONS.values() if function.role is Role.FITTED}
    assert wanted == set(fitting.FITTED) | set(fitting.SUPERVISED) | set(fitting.SPREAD)
    assert {name for name in wanted if FUNCTIONS[name].spread} == set(fitting.SPREAD)


SCALARS = sorted(name for name, function in FUNCTIONS.items() if function.role is Role.SCALAR)
#: Functions that are computed by libraries of their own in each lowering; all others are the same to the last bit.
ROUNDED = ("exp", "log", "log1p", "log10", "log2", "sin", "cos", "power")


@pytest.mark.parametrize("name", SCALARS)
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_each_function_gives_the_same_in_both(name: str, data: st.DataObject) -> None:
    """One function over plain columns and constants is missing in the same rows and exact; logarithms and the like are within 4 units."""
    function = FUNCTIONS[name]
    kind = function.returns or data.draw(st.sampled_from([NUMBER, BOOLEAN]))
    if kind not in (NUMBER, BOOLEAN):
        inner = data.draw(applications(function, kind, 1))
        expression: Any = Apply("length", (inner,)) if kind is ValueKind.TEXT else Apply("hour", (inner,))
        kind = NUMBER
    else:
        expression = data.draw(applications(function, kind, 1))
    program = FeatureProgram(COLUMNS, (ProgramFeature("f", expression, kind),))
    compare(program, data.draw(st.lists(ROWS, min_size=1, max_size=8)), 4 if name in ROUNDED else 0)


def _conditioned(program: FeatureProgram) -> bool:
    """Nested rounding can turn one unit into a jump (`floor(log(x))`): such programs are compared function by function above."""
    return all(
        sum(isinstance(node, Apply) and node.function in ROUNDED for node in walk(feature.expression)) == 0 for feature in program.features
    )


def _program(drawn: list[Expression]) -> FeatureProgram:
    columns = {column.name: column for column in COLUMNS}
    features = tuple(ProgramFeature(f"f{number}", expression, kind_of(expression, columns)) for number, expression in enumerate(drawn))
    return FeatureProgram(COLUMNS, features)


PROGRAMS = st.lists(st.one_of(expressions(NUMBER), expressions(BOOLEAN)), min_size=1, max_size=4)
EMPTY_ROW: dict[str, Any] = dict.fromkeys(SCHEMA)
# Polars folds the `if` away and gives the comparison one row: it is a constant that names a column.
FOLDED = Apply("<", (Literal(""), Apply("coalesce", (Literal(""), Apply("if", (Literal(False), Name(("text",)), Literal("")))))))


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(PROGRAMS, st.lists(ROWS, min_size=0, max_size=8))
@example([FOLDED], [EMPTY_ROW, EMPTY_ROW])
@example([Literal(1)], [])
def test_programs_give_the_same_in_both(drawn: list[Expression], rows: list[dict[str, Any]]) -> None:
    """Nested programs from the whole registry agree, with nulls, NaN, infinities, Unicode and times before 1970."""
    program = _program(drawn)
    if _conditioned(program):
        compare(program, rows)


@pytest.mark.prove
@pytest.mark.timeout(3600)
@settings(max_examples=10_000, deadline=None, suppress_health_check=list(HealthCheck), database=None)
@given(PROGRAMS, st.integers(0, 2**32))
def test_a_million_cases_give_the_same_in_both(drawn: list[Expression], seed: int) -> None:
    """Ten thousand programs over a hundred rows each, a million cases, agree."""
    program = _program(drawn)
    assume(_conditioned(program))
    compare(program, random_rows(seed, 100))


@pytest.mark.parametrize("divisor", [3, 7, 10, 12, -0.7, 60.0, 1e-3, 3e200, 5e-324, 1.5])
def test_division_by_a_constant_is_the_same_to_the_last_bit(divisor: float) -> None:
    """Polars divides by a constant through its reciprocal, which is another number in a third of all rows: a request does the same."""
    rows = [{**EMPTY_ROW, "a": row["a"]} for row in random_rows(seed=11, count=2_000)]
    literal = Literal(divisor)
    for written in (literal, Apply("neg", (literal,)), Apply("*", (literal, Literal(2))), Apply("if", (Literal(True), literal, literal))):
        compare(_program([Apply("/", (Name(("a",)), written))]), rows, 0)


@pytest.mark.parametrize("height", [0, 1, 3])
def test_constants_are_as_high_as_the_table(height: int) -> None:
    """A feature that names no column, or whose columns are folded away, has one value for each row, and so have aggregates of it."""
    rows = pl.DataFrame([EMPTY_ROW] * height, schema=SCHEMA)
    columns = {column.name: column for column in COLUMNS}
    for expression in (Literal(2), FOLDED, Apply("if", (Literal(False), Name(("a",)), Literal(2))), Apply("length", (Literal("ab"),))):
        lowered = tables.lower(expression, columns)
        assert len(rows.select(lowered)) == height
        assert rows.select(lowered.sum()).item() == height * (0 if expression is FOLDED else 2)


@pytest.mark.parametrize("operator", ["+", "-", "*", "/"])
@pytest.mark.timeout(60)
def test_a_long_chain_is_planned_in_its_length(operator: str) -> None:
    """A feature over hundreds of terms is computed at once: no step of the lowering writes its argument twice."""
    chain: Expression = Name(("a",))
    for _ in range(100):
        chain = Apply(operator, (chain, Name(("b",))))
    rows = [{**EMPTY_ROW, "a": 3.0, "b": 1.01}, {**EMPTY_ROW, "a": 3.0, "b": 0.0}, EMPTY_ROW]
    compare(_program([chain]), rows)
