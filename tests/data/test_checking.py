"""`check --data`: data are compared with their schema before anything runs, all of it in one go, and nothing is written."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner, Result

import mlarch
from mlarch.cli import group
from mlarch.language.diagnostics import Severity
from mlarch.runtime.data import checking
from mlarch.runtime.data.connectors import files

from .breaking import FILE, cells, content, header, without
from .test_bad_data import CASES, CONNECTOR, Case

Edit = Callable[[Path, str, str], Path]
OF_DATA = [case for case in CASES if case.code.startswith("MLA50")]


def check(*arguments: object) -> Result:
    return CliRunner().invoke(group, ["check", *map(str, arguments)])


def held(folder: Path) -> dict[Path, float]:
    """Every file below a folder with the time of its last change."""
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*")}


def test_data_that_fit_have_no_finding(project: Path) -> None:
    """Data that a run takes pass, in a line that says no more than without them, and no file is made or changed."""
    before = held(project.parent)
    done = check(project, "--data")
    assert (done.exit_code, done.output) == (0, f"{project}: no findings in 5 blocks\n")
    assert held(project.parent) == before


@pytest.mark.parametrize("case", OF_DATA, ids=lambda case: case.name)
def test_what_stops_a_run_is_found_before_it(case: Case, project: Path) -> None:
    """Whatever ingestion and validation refuse is found with the same code, at the same place, in the same words."""
    case.broken(project.parent)
    before = held(project.parent)
    architecture = mlarch.load(project)
    found = architecture.check_data()
    at = architecture.positions.at(case.at)
    first = next(item for item in found if item.code == case.code and item.span == at)
    assert case.message in first.message and first.severity is Severity.ERROR and first.helps
    assert architecture.ok and check(project, "--data").exit_code == 1 and check(project).exit_code == 0
    assert held(project.parent) == before


def test_everything_is_found_in_one_run(project: Path) -> None:
    """A column with a slip in its name, wrong types, missing and odd values and repeated keys are told together, each at its line."""
    for broken in (
        header("mean_texture", "mean_txture"),
        cells("mean_radius", "wide", {2}),
        cells("mean_area", "", {4, 5}),
        cells("mean_concavity", "7", {6, 9}),
        cells("diagnosis", "maybe", {3}),
        cells("sample_id", "n1", {7, 8}),
    ):
        broken(project.parent)
    found = mlarch.load(project).check_data()
    assert [(item.code, item.span.text.split()[0] if item.span else "") for item in found] == [
        ("MLA505", "sample_id"),
        ("MLA503", "mean_radius"),
        ("MLA502", "mean_texture"),
        ("MLA505", "mean_area"),
        ("MLA505", "mean_concavity"),
        ("MLA505", "diagnosis"),
    ]
    assert "did you mean `mean_txture`?" in found[2].message
    assert found[3].helps[0].startswith("row 5 has no value, row 6 has no value:")
    assert found[4].message.endswith("mean_concavity in 0..1, in 2 of 569 rows") and "row 7 has 7.0, row 10 has 7.0" in found[4].helps[0]


def test_several_columns_missing_are_each_told(project: Path) -> None:
    """Two columns that are not there are two findings, and the others are looked at all the same."""
    for broken in (without("mean_area"), without("mean_texture"), cells("mean_radius", "-1", {0})):
        broken(project.parent)
    assert [(item.code, item.span.text.split()[0] if item.span else "") for item in mlarch.load(project).check_data()] == [
        ("MLA505", "mean_radius"),
        ("MLA502", "mean_texture"),
        ("MLA502", "mean_area"),
    ]


@pytest.mark.parametrize("form", ["text", "json", "sarif", "github"])
def test_findings_of_data_are_in_every_format(form: str, project: Path) -> None:
    """A value out of range stands in each output with its code and the line of its column, and ends with 1."""
    cells("mean_area", "-3", {3})(project.parent)
    done = check(project, "--data", "--format", form)
    assert done.exit_code == 1 and "MLA505" in done.output
    line = project.read_text(encoding="utf-8").splitlines().index("    mean_area      : float in 0..4000") + 1
    match form:
        case "text":
            assert f"cancer.mlarch:{line}:5" in done.output and "row 4 has -3.0" in done.output
        case "json":
            assert [item["place"]["line"] for item in json.loads(done.output)["diagnostics"]] == [line]
        case "sarif":
            (result,) = json.loads(done.output)["runs"][0]["results"]
            assert result["locations"][0]["physicalLocation"]["region"]["startLine"] == line
        case _:
            assert f"line={line}," in done.output


def test_data_are_looked_at_beside_other_errors(project: Path, edit: Edit) -> None:
    """An error of the file does not hide one of the data: both are told in one run."""
    edit(project, "family   = logistic_regression", "family   = logistic_regresion")
    cells("mean_area", "-3", {3})(project.parent)
    found = {item["code"] for item in json.loads(check(project, "--data", "--json").output)["diagnostics"]}
    assert "MLA505" in found and len(found) > 1


def test_expectations_are_held_to_the_whole_table_only(project: Path, edit: Edit, monkeypatch: pytest.MonkeyPatch) -> None:
    """A statement about the table is decided on all of its rows, and not on the first ones."""
    edit(project, "source nuclei {", "source nuclei {\n  expect { rows >= 600 }")
    (found,) = mlarch.load(project).check_data()
    assert found.code == "MLA505" and found.message.endswith("breaks a rule: rows >= 600 (rows is 569)")
    monkeypatch.setattr(checking, "CELLS", 600)
    assert [item.code for item in mlarch.load(project).check_data()] == ["MLA510"]


@pytest.mark.parametrize("suffix", ["csv", "parquet", "jsonl"])
def test_of_a_large_table_the_first_rows_are_read(suffix: str, project: Path, edit: Edit, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is wrong after the first rows is not read, a note says how many were, and a note is no failure."""
    table = pl.read_csv(project.parent / FILE).with_columns(
        mean_area=pl.when(pl.int_range(pl.len()) == 150).then(-1.0).otherwise("mean_area")
    )
    path = project.parent / "data" / f"t.{suffix}"
    {"csv": table.write_csv, "parquet": table.write_parquet, "jsonl": table.write_ndjson}[suffix](path)
    edit(project, 'csv("data/breast_cancer.csv")', f'{suffix}("data/t.{suffix}")')
    monkeypatch.setattr(checking, "CELLS", 600)
    (note,) = mlarch.load(project).check_data()
    assert (note.code, note.severity) == ("MLA510", Severity.NOTE) and "only the first 100 rows of `nuclei`" in note.message
    done = check(project, "--data", "--format", "github")
    assert done.exit_code == 0 and "::notice file=" in done.output
    monkeypatch.setattr(checking, "CELLS", 6000)
    assert [item.code for item in mlarch.load(project).check_data()] == ["MLA505"]


def test_a_large_file_takes_no_longer_than_its_first_rows(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rest of a text file is not even looked through: bytes that are no text after the first rows go unseen."""
    monkeypatch.setattr(checking, "CELLS", 600)
    monkeypatch.setattr(files, "LOOKED_AT", 1)
    head, *rows = (project.parent / FILE).read_text(encoding="utf-8").splitlines(keepends=True)
    file = project.parent / FILE
    file.write_text(head + "".join(rows) * 100, encoding="utf-8")
    with file.open("ab") as data:
        os.truncate(data.fileno(), 8 << 30)  # a hole: eight GB of zeroes that take no space
    started = time.perf_counter()
    found = mlarch.load(project).check_data()
    assert time.perf_counter() - started < 5
    assert "MLA510" in [item.code for item in found] and "MLA507" not in [item.code for item in found]


def test_sources_that_read_no_file_are_left_alone(project: Path, edit: Edit) -> None:
    """A table of another Dagster project is not there before a run, and nothing is said of it."""
    edit(project, 'csv("data/breast_cancer.csv")', 'dagster_asset("lab/nuclei")')
    assert mlarch.load(project).check_data() == []


def test_an_empty_file_is_one_finding(project: Path) -> None:
    """An empty file is told once, at the connector, and not once more for each column."""
    content(b"")(project.parent)
    architecture = mlarch.load(project)
    (found,) = architecture.check_data()
    assert found.code == "MLA506" and found.span == architecture.positions.at(CONNECTOR)
