"""Whatever the registry calls fitted: what it learns gives the same in a table, at a request, and in the rows that it was learnt from."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlarch.architecture.expressions import Apply, Literal, Name
from mlarch.architecture.functions import FUNCTIONS, Role
from mlarch.architecture.program import FeatureProgram, ProgramFeature
from mlarch.architecture.types import ValueKind
from mlarch.runtime.features import fitting, requests, tables

from .programs import COLUMNS, ROWS
from .test_lowerings import SCHEMA, ulps

FITTED = sorted(name for name, function in FUNCTIONS.items() if function.role is Role.FITTED)


def program(name: str) -> FeatureProgram:
    """Return a program of one fitted function, over a column of the kind that it takes and with the constants that it wants."""
    wanted, *more = FUNCTIONS[name].parameters
    column = {ValueKind.NUMBER: "a", ValueKind.TEXT: "text"}[wanted or ValueKind.NUMBER]
    around = Apply(name, (Name((column,)), *(Literal(3) for _ in more)))
    taken = Apply("length", (around,)) if FUNCTIONS[name].returns is ValueKind.TEXT else around
    return FeatureProgram(COLUMNS, (ProgramFeature("f.y", taken, ValueKind.NUMBER),))


@pytest.mark.parametrize("name", FITTED)
@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(training=st.lists(ROWS, min_size=2, max_size=12), asked=st.lists(ROWS, min_size=1, max_size=5))
def test_what_is_learnt_gives_the_same_in_both(name: str, training: list[dict[str, Any]], asked: list[dict[str, Any]]) -> None:
    """A function that is fitted gives the same of new rows in a table and at a request, and its training rows what it gives of new ones."""
    frame = pl.DataFrame(training, schema=SCHEMA)
    label = pl.Series([float(number % 2) for number in range(len(training))])
    fitted, learnt = fitting.fit_transform(program(name), frame, label, seed=0)
    assert all(held.terms for held in fitted.vocabularies)
    if not fitted.features:
        return  # no value in any training row, and so no column
    closure = requests.to_closure(fitted)
    for rows in (asked, training):
        table = tables.apply(fitted, pl.DataFrame(rows, schema=SCHEMA)).rows()
        for found, alone in zip(table, map(closure, rows), strict=True):
            for one, other in zip(found, alone, strict=True):
                assert (one is None) == (other is None) and (one is None or ulps(one, other) <= 4), (name, found, alone)
    if name not in fitting.SUPERVISED:  # a training row never finds its own label
        assert learnt.rows() == table
