"""The page on features: what its tables say of expressions is what both lowerings give."""

from __future__ import annotations

import json
import re
from pathlib import Path

import polars as pl
import pytest

import mlarch
from mlarch.architecture.functions import FUNCTIONS, Role
from mlarch.architecture.types import Column, ColumnType
from mlarch.runtime.features import requests, tables

PAGE = (Path(__file__).parent.parent.parent / "docs" / "howto" / "features.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^\| `(.+)` \| `(.+)` \|$", PAGE, re.M)
FILE = """language = "1.0"
system s { problem = classification, metric roc_auc { baseline = 0.5 } }
source rows { connector = csv("rows.csv"), schema { x : float?, y : bool } }
features f { from = source.rows, feature shown = %s }
model m { family = lightgbm, features = [features.f], label = rows.y }
"""


@pytest.mark.parametrize(("written", "wanted"), EXAMPLES)
def test_an_example_gives_what_the_page_says(written: str, wanted: str, tmp_path: Path) -> None:
    """The expression, with NaN for x, gives the value in a table and at a request; `check` finds at most that it is constant or a text."""
    (tmp_path / "page.mlarch").write_text(FILE % written, encoding="utf-8")
    project = mlarch.load(tmp_path / "page.mlarch")
    assert {item.code for item in project.diagnostics} <= {"MLA306", "MLA310", "MLA311"}, project.diagnostics
    assert project.architecture is not None
    expression = project.architecture.features["f"].feature["shown"].expression
    columns = {"x": Column(name="x", type=ColumnType.FLOAT, nullable=True)}
    value = None if wanted == "null" else json.loads(wanted)
    assert requests.lower(expression, columns)({"x": float("nan")}) == value
    table = pl.DataFrame({"x": [float("nan")]}).select(tables.lower(expression, columns).alias("shown"))
    assert table["shown"].to_list() == [value]


def test_the_page_names_what_is_fitted_and_what_is_over_a_window() -> None:
    """Every fitted function and every aggregate of a window is on the page, and there are at least thirty examples."""
    for function in FUNCTIONS.values():
        if function.role is Role.FITTED:
            assert f"`{function.name}" in PAGE or (function.name.startswith("impute_") and "`impute_…`" in PAGE), function.name
    assert len(EXAMPLES) >= 30
