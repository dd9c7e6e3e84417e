"""Functions of the user's, row by row: a table and a request call them with the same values, and get the same."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlarch.architecture.expressions import Apply, Call, Expression, Literal, Name
from mlarch.architecture.program import FeatureProgram, ProgramFeature
from mlarch.architecture.types import Column, ColumnType, ValueKind
from mlarch.runtime.features import requests, tables
from mlarch.runtime.features.own.calling import FunctionFailed

from ..programs import COLUMNS, ROWS, expressions
from .codes import FILES, code

CODE = code(FILES)
SCHEMA = {column.name: tables.POLARS_TYPES[column.type] for column in COLUMNS}
X = Column(name="x", type=ColumnType.FLOAT, nullable=True)
KINDS = st.sampled_from([ValueKind.NUMBER, ValueKind.BOOLEAN, ValueKind.TEXT, ValueKind.TIMESTAMP])


def program(expression: Expression, text: str = "", columns: tuple[Column, ...] = (X,)) -> FeatureProgram:
    """Return a program of one feature, over code of its own where some is given."""
    held = code({"m.py": text}) if text else CODE
    bound = Call("m:f", held.digest, expression.arguments) if isinstance(expression, Call) and text else expression
    return FeatureProgram(columns, (ProgramFeature("f.y", bound, ValueKind.NUMBER),), code=held)


def both(made: FeatureProgram, rows: list[dict[str, Any]], schema: Any = None) -> list[Any]:
    """Return the feature of each row, when a table and requests agree to the last bit."""
    table = tables.apply(made, pl.DataFrame(rows, schema=schema or {"x": pl.Float64}))
    closure = requests.to_closure(made)
    alone = [closure(row)[0] for row in rows]
    assert table["f.y"].to_list() == alone
    return alone


@st.composite
def calling(draw: st.DrawFn) -> Expression:
    """A call with arguments of any kinds, and something around it."""
    arguments = tuple(draw(expressions(draw(KINDS), 2)) for _ in range(draw(st.integers(0, 3))))
    call: Expression = Call("shop.words:seen", CODE.digest, arguments)
    around = draw(st.sampled_from(["nothing", "sum", "if", "log"]))
    if around == "sum":
        return Apply("/", (Apply("+", (call, draw(expressions(ValueKind.NUMBER, 1)))), Literal(3)))
    if around == "if":
        return Apply("if", (draw(expressions(ValueKind.BOOLEAN, 1)), call, Literal(None)))
    return Apply("log", (call,)) if around == "log" else call


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(calling(), st.lists(ROWS, max_size=8))
def test_both_lowerings_give_the_same_to_the_last_bit(expression: Expression, rows: list[dict[str, Any]]) -> None:
    """A function that tells types, zones and signs apart gives the same in a table and at a request, whatever its arguments are."""
    both(program(expression, columns=COLUMNS), rows, SCHEMA)


def test_what_is_given_is_of_plain_types() -> None:
    """Whole numbers come as floats, times as datetimes in UTC from any zone, zero without a sign, and missing values as None."""
    columns = (
        Column(name="n", type=ColumnType.INT, nullable=True),
        Column(name="z", type=ColumnType.FLOAT),
        Column(name="b", type=ColumnType.BOOL),
        Column(name="t", type=ColumnType.TIMESTAMP),
        Column(name="s", type=ColumnType.STRING, nullable=True),
    )
    text = """
def f(*values):
    n, z, b, t, s = values
    assert type(n) is float and n == 3 and str(z) == "0.0" and b is True and s is None, values
    assert repr(t) == "datetime.datetime(2024, 1, 1, 12, 0, tzinfo=datetime.timezone.utc)", t
    return 1
"""
    made = program(Call("", "", tuple(Name((column.name,)) for column in columns)), text, columns)
    row = {"n": 3, "z": -0.0, "b": True, "t": datetime(2024, 1, 1, 14, tzinfo=timezone(timedelta(hours=2))), "s": None}
    assert requests.to_closure(made)(row) == (1.0,)
    table = pl.DataFrame(
        [{**row, "t": datetime(2024, 1, 1, 12, tzinfo=UTC)}], schema={c.name: tables.POLARS_TYPES[c.type] for c in columns}
    )
    assert tables.apply(made, table).rows() == [(1.0,)]


@pytest.mark.parametrize(
    ("returned", "wanted"),
    [
        *(("True", 1.0), ("False", 0.0), ("None", None), ("7", 7.0), ("10**400", None), ("float('inf')", None), ("float('nan')", None)),
        *(("__import__('numpy').float32(0.5)", 0.5), ("__import__('numpy').bool_(True)", 1.0)),
        ("__import__('decimal').Decimal('2.5')", 2.5),
    ],
)
def test_what_is_returned_becomes_a_number(returned: str, wanted: float | None) -> None:
    """Booleans, whole numbers and those of other libraries are numbers; what is not finite is missing."""
    assert both(program(Call("", "", (Name(("x",)),)), f"def f(x): return {returned}"), [{"x": 1.0}]) == [wanted]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("return 'much'", "`m:f` returned 'much', and not a number, for x = 1.0, \"red\" = 'red'"),
        ("return [x]", "`m:f` returned [1.0], and not a number"),
        ("raise KeyError('tone')", "`m:f` failed: KeyError: 'tone', for x = 1.0, \"red\" = 'red'"),
        ("raise ValueError('first\\nsecond')", "`m:f` failed: ValueError: first, for"),
        ("return x / 0", "`m:f` failed: ZeroDivisionError: float division by zero"),
        ("import nothing_of_this_name", "`m:f` failed: ModuleNotFoundError: No module named 'nothing_of_this_name'"),
    ],
)
def test_a_function_that_fails_is_told_with_its_values(body: str, told: str) -> None:
    """An exception and what is no number are one message, in a table and at a request alike: the function, the reason, the values."""
    made = program(Call("", "", (Name(("x",)), Literal("red"))), f"def f(x, colour):\n    {body}")
    for run in (lambda: tables.apply(made, pl.DataFrame({"x": [1.0]})), lambda: requests.to_closure(made)({"x": 1.0})):
        with pytest.raises(FunctionFailed) as caught:
            run()
        assert caught.value.message.startswith(told) and caught.value.code == "MLA516" and caught.value.target == "m:f"
        assert "\n" not in caught.value.message


def test_long_values_are_cut_in_a_message() -> None:
    """A text of a megabyte does not fill the screen."""
    made = program(Call("", "", (Name(("x",)), Literal("long " * 200_000))), "def f(x, text): return text")
    with pytest.raises(FunctionFailed) as caught:
        requests.to_closure(made)({"x": 1.0})
    assert len(caught.value.message) < 300


def test_a_function_is_not_called_where_its_value_is_not_needed() -> None:
    """What `if`, `case` and `coalesce` pass over is not called, in a table no more than at a request."""
    call = Call("", "", (Name(("x",)),))
    held = code({"m.py": "def f(x): return 1 / x"})
    bound = Call("m:f", held.digest, call.arguments)
    guarded = Apply("if", (Apply("==", (Name(("x",)), Literal(0))), Literal(-1), bound))
    made = FeatureProgram((X,), (ProgramFeature("f.y", guarded, ValueKind.NUMBER),), code=held)
    assert both(made, [{"x": 0.0}, {"x": 2.0}]) == [-1.0, 0.5]


def test_a_call_costs_a_table_little_beside_the_function() -> None:
    """A hundred thousand rows with three arguments take less than a second of the processor."""
    columns = (X, Column(name="s", type=ColumnType.STRING), Column(name="t", type=ColumnType.TIMESTAMP))
    made = program(Call("", "", (Name(("x",)), Name(("s",)), Apply("hour", (Name(("t",)),)))), "def f(x, s, h): return x + h", columns)
    many = 100_000
    moments = pl.Series([datetime(2024, 1, 1, tzinfo=UTC)] * many, dtype=tables.TIME)
    table = pl.DataFrame({"x": np.arange(many, dtype=np.float64), "s": ["a"] * many, "t": moments})
    started = time.process_time()
    assert tables.apply(made, table)["f.y"].sum() == many * (many - 1) / 2
    assert time.process_time() - started < 1
