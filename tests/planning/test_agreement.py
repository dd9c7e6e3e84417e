"""What a plan predicts is what would run: the steps themselves decide, for every change that can be made to an example."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest

import mlarch
from mlarch.architecture.architecture import Architecture
from mlarch.architecture.lock import FORMAT, Lock, LockFile
from mlarch.architecture.typing import TypeProblem
from mlarch.planning.blast import plan
from mlarch.planning.classes import Class
from mlarch.runtime.state import State
from mlarch.targets.dagster.work import Work

from ..documents.mutations import changes
from ..house.sources import ROOT

FILES = ("tests/documents/everything.mlarch", "examples/cancer/cancer.mlarch", "examples/flights/flights.mlarch")
GOOD = sorted((ROOT / "dsl" / "corpus" / "good").glob("*.mlarch"))
#: What the example of the flights declares beyond that which it runs.
OVERLAYS = {"examples/flights/flights.mlarch": ("operations", "cluster")}
#: A block called otherwise than the name that it is found by, which no file says; and renamings, which change nothing by themselves.
_IMPOSSIBLE = re.compile(r"(?!system)\w+\.\w+\.name|moved.*")
#: Classes of changes that make an asset run again; the request API breaks by an asset of another schema, or by an address.
RUN_AGAIN = {Class.REMATERIALISE, Class.RETRAIN, Class.REBASELINE, Class.REGISTER, Class.VALIDATE}


def read(path: str) -> Architecture:
    """Return the architecture of a file that has no errors."""
    architecture = mlarch.load(ROOT / path, overlays=OVERLAYS.get(path, ())).architecture
    assert architecture is not None
    return architecture


def would_run(old: Architecture, new: Architecture, folder: Path) -> list[str]:
    """The assets whose code version is another, and those after them, by the steps that Dagster's assets are made of."""
    before, after = (Work(Lock(LockFile(FORMAT, "", "", (), side, {}), folder), State(folder)).steps for side in (old, new))
    stale: list[str] = []
    for key, step in after.items():
        if key not in before or before[key].code_version != step.code_version or {*step.inputs, *step.after} & set(stale):
            stale.append(key)
    return stale


@pytest.mark.parametrize("path", FILES)
def test_the_assets_predicted_are_those_that_would_run(path: str, tmp_path: Path) -> None:
    """For each single change of each example, the plan names the assets that would run again, and lays them to the change."""
    old, tried, reaching = read(path), 0, 0
    for at, new in changes(old):
        if _IMPOSSIBLE.fullmatch(at):
            continue
        try:
            truth = would_run(old, new, tmp_path)
        except (TypeProblem, KeyError, msgspec.ValidationError):
            # A feature of something that is not there or of another type, a family or a setting that there is not: `check` refuses it.
            continue
        made = plan(old, new)
        assert [asset.key for asset in made.assets] == truth, at
        assert {key for each in made.changes for key in each.assets} == set(truth), at
        assert made.changes, f"{at} is another, and the plan says nothing"
        assert bool(truth) or not RUN_AGAIN & {each.cost for each in made.changes}, at
        tried, reaching = tried + 1, reaching + bool(truth)
    assert tried > 50 and reaching > 20


@pytest.mark.parametrize("path", [*FILES, *(each.relative_to(ROOT).as_posix() for each in GOOD)])
def test_a_file_against_itself_changes_nothing(path: str) -> None:
    """Whatever a right file says, read twice it plans no change, no asset and no deployment."""
    assert plan(read(path), read(path)).empty


def test_any_two_files_can_be_compared() -> None:
    """However little two right files have in common, the plan from one to the other lays every asset to a change."""
    architectures = [read(path) for path in (*FILES, *(each.relative_to(ROOT).as_posix() for each in GOOD))]
    for old in architectures:
        for new in architectures:
            made = plan(old, new)
            assert {key for each in made.changes for key in each.assets} == {asset.key for asset in made.assets}
