"""Answers to requests are those that the same rows get as a table."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlarch.architecture.blocks.model import Output
from mlarch.architecture.blocks.system import Problem
from mlarch.architecture.expressions import Apply, Name
from mlarch.architecture.program import FeatureProgram, ProgramFeature
from mlarch.architecture.types import ValueKind
from mlarch.runtime.features.tables import POLARS_TYPES
from mlarch.runtime.models.bundle import Bundle
from mlarch.runtime.serving.answering import answer_rows
from mlarch.runtime.serving.decoding import Decoder, Refused

from .bundles import COLUMNS, RIGHT, a_bundle

_times = st.datetimes(datetime(1950, 1, 1), datetime(2100, 1, 1)).map(lambda time: time.replace(tzinfo=UTC))
ROWS = st.fixed_dictionaries(
    {
        "age": st.integers(0, 120),
        "count": st.integers(-(2**53), 2**53),
        "weight": st.floats(-1.5, 1000),
        "ratio": st.none() | st.floats(-1e6, 1e6),
        "smoker": st.booleans(),
        "city": st.sampled_from([None, "Bonn", "Köln"]),
        "note": st.none() | st.text(max_size=10),
        "seen": st.none() | _times,
        "born": _times,
    }
)


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """A binary classifier over every column type."""
    return a_bundle(tmp_path_factory.mktemp("answering") / "bundle")


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(rows=st.lists(ROWS, min_size=1, max_size=6))
def test_a_request_gets_the_answer_of_the_table(bundle: Bundle, rows: list[dict[str, Any]]) -> None:
    """One by one, all at once, or as a table through the other lowering: the scores agree to twelve digits."""
    schema = {column.name: POLARS_TYPES[column.type] for column in COLUMNS}
    table = bundle.scores(bundle.matrix(pl.DataFrame(rows, schema=schema)))
    body = json.dumps(rows, default=lambda time: time.isoformat()).encode()
    decoded = Decoder(COLUMNS).decode(body)
    together = [answer["probability"] for answer in answer_rows(bundle, decoded)]
    alone = [answer_rows(bundle, [row])[0]["probability"] for row in decoded]
    np.testing.assert_allclose(together, table, rtol=1e-12)
    np.testing.assert_allclose(alone, table, rtol=1e-12)


@pytest.mark.parametrize(
    ("problem", "output", "classes", "wanted"),
    [
        (Problem.CLASSIFICATION, Output.PROBABILITY, ("false", "true"), {"probability": float, "label": bool}),
        (Problem.CLASSIFICATION, Output.PROBABILITY, ("no", "yes"), {"probability": float, "label": str}),
        (Problem.CLASSIFICATION, Output.CLASS, ("no", "yes"), {"label": str}),
        (Problem.CLASSIFICATION, Output.PROBABILITY, ("a", "b", "c"), {"label": str, "probabilities": dict}),
        (Problem.REGRESSION, Output.PROBABILITY, ("false", "true"), {"value": float}),
    ],
)
def test_each_kind_of_model_answers_in_its_form(
    tmp_path: Path, problem: Problem, output: Output, classes: tuple[str, ...], wanted: dict[str, type]
) -> None:
    """Two classes, several, a label only, a value: the answer has the fields of its kind, the same for one row and for two."""
    bundle = a_bundle(tmp_path / "bundle", problem=problem, output=output, classes=classes)
    (row,) = Decoder(COLUMNS).decode(json.dumps(RIGHT).encode())
    (one,) = answer_rows(bundle, [row])
    assert {name: type(value) for name, value in one.items()} == wanted
    for each in answer_rows(bundle, [row, row]):
        assert {name: pytest.approx(value) if isinstance(value, float | dict) else value for name, value in each.items()} == one


def test_a_feature_that_cannot_be_computed_is_named(tmp_path: Path) -> None:
    """A missing value that the features let through is refused with row and feature, for a model that takes none: never a NaN."""
    ratio = ProgramFeature("f.inverse", Apply("/", (Name(("age",)), Name(("ratio",)))), ValueKind.NUMBER)
    bundle = a_bundle(tmp_path / "bundle", program=FeatureProgram(COLUMNS, (ratio,)))
    rows = Decoder(COLUMNS).decode(json.dumps([RIGHT, {**RIGHT, "ratio": None}]).encode())
    for asked, number in ((rows, 1), (rows[1:], 0)):
        with pytest.raises(Refused) as caught:
            answer_rows(bundle, asked)
        assert caught.value.status == 422
        assert [(each.row, each.field) for each in caught.value.problems] == [(number, "f.inverse")]
