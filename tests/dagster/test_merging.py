"""An architecture lives in somebody's own Dagster project, and reads an asset of theirs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import dagster as dg
import polars as pl
import pytest

import mlarch
import mlarch.dagster

Edit = Callable[[Path, str, str], Path]


@pytest.fixture
def theirs(project: Path, edit: Edit) -> Path:
    """An architecture whose source is the asset `clinic/patients` of somebody's project."""
    return edit(project, 'csv("data/breast_cancer.csv")', 'dagster_asset("clinic/patients")')


def merged(file: Path, patients: dg.AssetsDefinition) -> dg.Definitions:
    return dg.Definitions.merge(mlarch.dagster.load(file), dg.Definitions(assets=[patients]))


@pytest.mark.parametrize("form", ["table", "path"])
def test_an_asset_of_theirs_is_read(theirs: Path, tmp_path: Path, form: str) -> None:
    """A table that their asset returns, or the path of one, is ingested in the same Dagster run, and a version comes out."""
    rows = pl.read_csv(theirs.parent / "data" / "breast_cancer.csv").head(400)
    rows.write_parquet(tmp_path / "rows.parquet")

    @dg.asset(key=["clinic", "patients"])
    def patients() -> Any:
        return rows if form == "table" else str(tmp_path / "rows.parquet")

    defs = merged(theirs, patients)
    with dg.DagsterInstance.ephemeral(tempdir=str(tmp_path)) as instance:
        result = defs.resolve_implicit_global_asset_job_def().execute_in_process(instance=instance)
    assert result.success
    (ingested,) = result.asset_materializations_for_node("nuclei__ingested")
    assert ingested.metadata["dagster/row_count"].value == 400
    assert result.asset_materializations_for_node("classifier__registered")


def test_their_asset_is_upstream(theirs: Path) -> None:
    """In the asset graph the ingestion comes after their asset."""

    @dg.asset(key=["clinic", "patients"])
    def patients() -> None: ...

    graph = merged(theirs, patients).resolve_asset_graph()
    assert graph.get(dg.AssetKey(["nuclei", "ingested"])).parent_keys == {dg.AssetKey(["clinic", "patients"])}


def test_without_their_project_the_message_says_so(theirs: Path) -> None:
    """`mlarch run` alone cannot make their asset: it says so at the connector, and how to do it."""
    result = mlarch.load(theirs).run()
    assert result.problem is not None and result.problem.code == "MLA501"
    assert result.problem.at == "source.nuclei.connector" and "mlarch.dagster.load" in (result.problem.help or "")


def test_two_architectures_merge(project: Path, tmp_path: Path, edit: Edit) -> None:
    """Two architectures with different names in one code location do not get in each other's way."""
    from ..conftest import copy_example

    second = copy_example(tmp_path / "second")
    text = second.read_text()
    for old, new in (
        ("system cancer", "system screening"),
        ("nuclei", "cells"),
        ("classifier", "screener"),
        ("metric roc_auc", "metric roc_auc"),
    ):
        text = text.replace(old, new)
    second.write_text(text)
    defs = dg.Definitions.merge(mlarch.dagster.load(project), mlarch.dagster.load(second))
    assert {spec.group_name for spec in defs.resolve_all_asset_specs()} == {"cancer", "screening"}
    assert defs.resolve_job_def("train_screener") and defs.resolve_job_def("train_classifier")
