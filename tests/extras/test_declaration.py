"""What pyproject.toml declares, read as it stands: no resolver is asked."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from .environments import ENVIRONMENTS
from .resolving import ROOT, extras, project

PROBES = Path(__file__).parent / "probes"
LOCKS = ("uv.lock", "poetry.lock", "pdm.lock", "pylock.toml", "Pipfile.lock", "package-lock.json", "requirements.txt")


def declared() -> list[Requirement]:
    """Every requirement of the core, the extras and the groups."""
    groups = [line for lines in project()["dependency-groups"].values() for line in lines]
    core = project()["project"]["dependencies"]
    return [Requirement(line) for line in [*core, *groups, *project()["build-system"]["requires"]]] + [
        requirement for requirements in extras().values() for requirement in requirements
    ]


def test_every_requirement_has_a_floor() -> None:
    """A requirement without a lowest version is a resolver's way back to an ancient release."""
    floors = {">=", "==", "~="}
    assert [str(each) for each in declared() if not floors & {bound.operator for bound in each.specifier}] == []


def test_every_extra_is_proved_in_one_environment() -> None:
    """Each declared extra is installed by some environment of the tests, and has a probe that makes its libraries work."""
    proved = [name for names in ENVIRONMENTS.values() for name in names]
    assert sorted(proved) == sorted(extras())
    assert {path.stem for path in PROBES.glob("[!_]*.py")} - {"stub"} == set(extras())


def test_no_lock_file_is_committed() -> None:
    """A lock file names a registry's host, and would decide for users what the floors and caps leave open."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("this is no git checkout")
    assert [name for name in listed.stdout.splitlines() if name.rpartition("/")[2] in LOCKS] == []
