"""Fitting: what each fitted function learns, by a plain reading of the training rows, and that nothing is left to fit."""

from __future__ import annotations

import math
import statistics
from collections import Counter
from itertools import pairwise
from typing import Any

import msgspec
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlarch.architecture.expressions import Apply, Expression, Literal, Name, walk
from mlarch.architecture.functions import FUNCTIONS, Role
from mlarch.architecture.program import FeatureProgram, ProgramFeature
from mlarch.architecture.types import Column, ColumnType, ValueKind
from mlarch.runtime.features import requests, tables
from mlarch.runtime.features.fitting import fit

COLUMNS = (Column(name="x", type=ColumnType.FLOAT, nullable=True), Column(name="t", type=ColumnType.STRING, nullable=True))
SCHEMA = {"x": pl.Float64, "t": pl.String}
ROWS = st.lists(
    st.fixed_dictionaries({"x": st.none() | st.floats(-100, 100), "t": st.none() | st.sampled_from(["a", "b", "Ä", ""])}),
    min_size=1,
    max_size=20,
)


def fitted(expression: Expression, rows: list[dict[str, Any]]) -> FeatureProgram:
    """Fit one feature on rows."""
    return fit(FeatureProgram(COLUMNS, (ProgramFeature("f.y", expression, ValueKind.NUMBER),)), pl.DataFrame(rows, schema=SCHEMA))


def close(left: Any, right: Any) -> bool:
    return (left is None and right is None) or (
        left is not None and right is not None and math.isclose(left, right, rel_tol=1e-9, abs_tol=1e-9)
    )


def both(program: FeatureProgram, rows: list[dict[str, Any]]) -> list[Any]:
    """The first feature of each row, when the table and the request agree on every feature."""
    table = tables.apply(program, pl.DataFrame(rows, schema=SCHEMA)).rows()
    alone = [requests.to_closure(program)(row) for row in rows]
    for left, right in zip(table, alone, strict=True):
        assert all(map(close, left, right)), (left, right)
    return [row[0] for row in table]


def number(name: str) -> Expression:
    return Apply(name, (Name(("x",)),))


def oracle(name: str, xs: list[float]) -> Any:
    """What a fitted function of numbers makes of one value, from the training values that are present."""
    mean = math.fsum(xs) / len(xs) if xs else 0.0
    if name == "standardize":
        width = statistics.pstdev(xs) if xs else 0.0
        return lambda x: None if x is None else (x - mean) / width if width > 1e-9 else 0.0
    if name == "min_max":
        low, high = (min(xs), max(xs)) if xs else (0.0, 0.0)
        return lambda x: None if x is None else (x - low) / (high - low) if high > low else 0.0
    if name == "robust_scale":
        ordered = sorted(xs)
        low, high = (_quantile(ordered, share) if xs else 0.0 for share in (0.25, 0.75))
        return lambda x: None if x is None else (x - statistics.median(xs)) / (high - low) if high > low else 0.0
    middle = {"impute_mean": mean, "impute_median": statistics.median(xs) if xs else 0.0}[name]
    return lambda x: middle if x is None else x


@pytest.mark.parametrize("name", ["standardize", "min_max", "robust_scale", "impute_mean", "impute_median"])
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(training=ROWS, asked=ROWS)
def test_numbers_are_scaled_and_imputed_by_the_training_rows(name: str, training: list[Any], asked: list[Any]) -> None:
    """Mean, deviation, ends and median are those of the training values that are present, whatever rows are asked for later."""
    xs = [row["x"] for row in training if row["x"] is not None]
    if name in ("standardize", "min_max", "robust_scale") and xs and 0 < _least_gap(xs) < 1e-6:
        return  # a deviation of rounding errors is no deviation
    wanted = oracle(name, xs)
    for row, value in zip(asked, both(fitted(number(name), training), asked), strict=True):
        assert close(value, wanted(row["x"])), (row, value)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(training=ROWS, asked=ROWS)
def test_texts_are_encoded_by_the_training_rows(training: list[Any], asked: list[Any]) -> None:
    """`ordinal` is the place among the sorted values, -1 elsewhere; `one_hot` a column for each; `impute_mode` the most frequent one."""
    seen = sorted({row["t"] for row in training} - {None})
    program = fitted(Apply("ordinal", (Name(("t",)),)), training)
    for row, value in zip(asked, both(program, asked), strict=True):
        assert value == (None if row["t"] is None else seen.index(row["t"]) if row["t"] in seen else -1)
    spread = fitted(Apply("one_hot", (Name(("t",)),)), training)
    assert spread.names == tuple(f"f.y={each}" for each in seen)
    for row in asked:
        assert requests.to_closure(spread)(row) == tuple(float(row["t"] == each) for each in seen)
    counts = Counter(row["t"] for row in training if row["t"] is not None)
    mode = min(counts, key=lambda each: (-counts[each], each), default="")
    length = fitted(Apply("length", (Apply("impute_mode", (Name(("t",)),)),)), training)
    for row, value in zip(asked, both(length, asked), strict=True):
        assert value == len(mode if row["t"] is None else row["t"])


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(training=ROWS, asked=ROWS)
def test_bins_are_deciles_of_the_training_rows(training: list[Any], asked: list[Any]) -> None:
    """`quantile_bin` is how many of the nine inner deciles lie below the value."""
    xs = sorted(row["x"] for row in training if row["x"] is not None)
    edges = [_quantile(xs, tenth / 10) if xs else 0.0 for tenth in range(1, 10)]
    for row, value in zip(asked, both(fitted(number("quantile_bin"), training), asked), strict=True):
        near = row["x"] is not None and any(abs(row["x"] - edge) < 1e-9 for edge in edges)
        assert near or value == (None if row["x"] is None else sum(row["x"] > edge for edge in edges))


def test_equal_values_have_no_deviation() -> None:
    """A column that is the same in every training row is 0 whatever is asked, and not divided by what rounding leaves of its deviation."""
    training = [{"x": 85.68718486744964, "t": None}] * 3
    (value,) = both(fitted(number("standardize"), training), [{"x": 86.68718486744964, "t": None}])
    assert value == 0.0


def _least_gap(xs: list[float]) -> float:
    """The smallest difference of two values that are not the same."""
    ordered = sorted(set(xs))
    return min((high - low for low, high in pairwise(ordered)), default=0.0)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(training=ROWS, asked=ROWS)
def test_frequencies_are_shares_of_the_training_rows(training: list[Any], asked: list[Any]) -> None:
    """`frequency_encode` is the share of all training rows that have the value, 0 for one that none has, and missing stays missing."""
    seen = [row["t"] for row in training]
    program = fitted(Apply("frequency_encode", (Name(("t",)),)), training)
    for row, value in zip(asked, both(program, asked), strict=True):
        assert close(value, None if row["t"] is None else seen.count(row["t"]) / len(seen))


def _quantile(xs: list[float], share: float) -> float:
    place = share * (len(xs) - 1)
    low = math.floor(place)
    return xs[low] + (xs[min(low + 1, len(xs) - 1)] - xs[low]) * (place - low)


def test_fitting_leaves_nothing_to_fit_and_the_program_can_be_kept() -> None:
    """Nested fitted functions become constants from the inside out; kept as JSON they come back the same, and stay as they are."""
    rows = [{"x": 1.0, "t": "a"}, {"x": None, "t": "b"}, {"x": 4.0, "t": None}]
    nested = Apply("standardize", (Apply("log1p", (Apply("impute_median", (Name(("x",)),)),)),))
    program = fitted(nested, rows)
    names = {node.function for feature in program.features for node in walk(feature.expression) if isinstance(node, Apply)}
    assert all(FUNCTIONS[name].role is Role.SCALAR for name in names)
    assert msgspec.json.decode(msgspec.json.encode(program), type=FeatureProgram) == program
    assert fit(program, pl.DataFrame([{"x": 99.0, "t": "z"}], schema=SCHEMA)) == program
    values = both(program, rows)
    assert sum(values) == pytest.approx(0) and statistics.pstdev(values) == pytest.approx(1)


def test_a_fitted_constant_is_as_exact_as_it_was_computed() -> None:
    """Constants keep every bit on the way through the file."""
    rows = [{"x": 0.1, "t": None}, {"x": 0.2, "t": None}, {"x": 0.7, "t": None}]
    program = fitted(number("impute_mean"), rows)
    constants = [node.value for node in walk(program.features[0].expression) if isinstance(node, Literal)]
    kept = msgspec.json.decode(msgspec.json.encode(program), type=FeatureProgram)
    assert [node.value for node in walk(kept.features[0].expression) if isinstance(node, Literal)] == constants
