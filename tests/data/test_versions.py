"""Versions of the rows are listed, compared and followed: none is lost when there is a newer one."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

import mlarch
from mlarch.architecture.errors import ArchitectureError
from mlarch.cli import group
from mlarch.runtime.data.versions import difference, version_named, versions_of
from mlarch.runtime.state import State

from ..conftest import copy_example
from .breaking import FILE, cells, lines, write


def call(*arguments: object) -> tuple[int, str]:
    """Call the command line."""
    done = CliRunner().invoke(group, ["data", *map(str, arguments)])
    return done.exit_code, done.output


@pytest.fixture(scope="session")
def ingested_twice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose source was ingested, lost ten rows and gained three, and was ingested again; nobody may change it."""
    project = copy_example(tmp_path_factory.mktemp("twice") / "cancer")
    mlarch.load(project).run(only="nuclei/ingested")
    rows = lines(project.parent)
    more = [row.replace("n0", f"m{number}", 1) for number, row in enumerate(rows[1:4])]
    write(project.parent, [rows[0], *rows[11:], *more])
    mlarch.load(project).run(only="nuclei/ingested")
    return project


@pytest.fixture
def twice(ingested_twice: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    shutil.copytree(ingested_twice.parent, tmp_path / "cancer")
    return tmp_path / "cancer" / ingested_twice.name


def test_versions_are_listed_with_the_current_one(twice: Path) -> None:
    """Each version stands with its time, rows and origin, the oldest first; ingesting the same rows again makes none."""
    mlarch.load(twice).run(only="nuclei/ingested")
    first, second = versions_of(State(twice.parent), "nuclei")
    assert (first.dataset.rows, second.dataset.rows) == (569, 562)
    code, said = call("list", twice)
    assert code == 0 and [line[:20].rstrip() for line in said.splitlines()] == ["source nuclei", f"    {first.name}", f"  * {second.name}"]
    told = json.loads(call("list", twice, "--json")[1])["nuclei"]
    assert [each["current"] for each in told] == [False, True] and told[0]["digest"] == first.dataset.digest


def test_two_versions_are_compared_by_their_rows(twice: Path) -> None:
    """Rows that have gone and come are counted, a column that moved is told, and a version is named by its first digits."""
    state = State(twice.parent)
    first, second = versions_of(state, "nuclei")
    found = difference(state, first, second)
    assert (found.removed, found.added, found.columns_added, found.columns_removed) == (10, 3, (), ())
    same = difference(state, first, first)
    assert (same.removed, same.added) == (0, 0) and all(each.psi == 0 for each in same.drifts)
    assert version_named(state, "nuclei", first.name[:6]) == first
    code, said = call("diff", "nuclei", first.name[:6], second.name[:6], "--file", twice)
    assert code == 0 and "10 rows gone, 3 rows come" in said


def test_a_column_that_moved_is_told(project: Path) -> None:
    """A column with other values in half of the rows has moved, the others have not."""
    mlarch.load(project).run(only="nuclei/ingested")
    cells("mean_area", "3999", range(300))(project.parent)
    mlarch.load(project).run(only="nuclei/ingested")
    state = State(project.parent)
    far = {each.column: each.psi for each in difference(state, *versions_of(state, "nuclei")).drifts}
    assert far["mean_area"] > 0.25 and far["mean_radius"] == far["diagnosis"] == 0


def test_a_version_that_is_not_there_is_said(twice: Path) -> None:
    """The message lists the versions that there are; a source that is not there is wrong usage."""
    state = State(twice.parent)
    with pytest.raises(ArchitectureError) as raised:
        version_named(state, "nuclei", "zzz")
    assert raised.value.code == "MLA515" and versions_of(state, "nuclei")[0].name in (raised.value.help or "")
    with pytest.raises(ArchitectureError, match="2 versions of `nuclei` begin with"):
        version_named(state, "nuclei", "")
    assert call("diff", "nuclei", "zzz", "zzz", "--file", twice)[0] == 1
    assert call("diff", "cells", "a", "b", "--file", twice)[0] == 2
    assert (twice.parent / FILE).exists()


def test_a_model_is_followed_back_to_its_file(trained: Path, project: Path) -> None:
    """The version of a model names its run, its features, its rows and the file that they came from; before a run there is nothing."""
    code, said = call("lineage", trained)
    assert code == 0
    values = mlarch.load(trained).run().values
    for part in ("version 1", values["classifier/trained"].run_id, values["nuclei/ingested"].digest[:16], "from data/breast_cancer.csv"):
        assert part in said
    (chain,) = json.loads(call("lineage", trained, "--json")[1])
    assert chain["rows"][0]["digest"] == values["nuclei/ingested"].digest and chain["uri"] == values["classifier/registered"].uri
    assert call("lineage", project) == (0, "nothing yet: `mlarch run`\n") == call("list", project)
