"""`mlarch compile`: the same bytes on every machine, only what changed is written, and nothing that is not carried out."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from mlarch.api import CheckFailed, load

from ..house.sources import ROOT

EXAMPLE = ROOT / "examples" / "cancer" / "cancer.mlarch"
FLIGHTS = ROOT / "examples" / "flights"


def mlarch(*arguments: str, cwd: Path, python: str = sys.executable, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command line in a process of its own."""
    code = "from mlarch.cli import main; main()"
    return subprocess.run([python, "-c", code, *arguments], cwd=cwd, env={**os.environ, **environment}, capture_output=True, text=True)


def project(folder: Path) -> Path:
    """A copy of the example in a new folder."""
    folder.mkdir(parents=True)
    shutil.copy(EXAMPLE, folder)
    return folder


def contents(folder: Path) -> Mapping[str, bytes]:
    """The files of a build."""
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


@pytest.mark.parametrize("name", ["cancer.mlarch", "cancer.yaml"])
def test_the_same_input_gives_the_same_bytes(name: str, tmp_path: Path) -> None:
    """Two hash seeds and two folders of different depth give the same build, of either form."""
    builds = []
    for seed, place in (("1", "one"), ("2", "one/two/three")):
        folder = project(tmp_path / place)
        shutil.copy(EXAMPLE.with_name(name), folder)
        done = mlarch("compile", name, cwd=folder, PYTHONHASHSEED=seed)
        assert done.returncode == 0, done.stderr
        builds.append(contents(folder / "build" / "cancer"))
    assert builds[0] == builds[1]
    assert set(builds[0]) >= {"architecture.lock.json", "definitions.py", "serve.yaml", "ARCHITECTURE.md"}


#: The libraries that a compilation loads; the compiled one has a variant of its own for each Python, and a slow one in plain Python.
LIBRARIES = ("click", "lark", "msgspec")


@pytest.mark.servers
@pytest.mark.parametrize("version", ["3.11", "3.12", "3.13"])
def test_every_python_gives_the_same_bytes(version: str, tmp_path: Path) -> None:
    """Another version of Python compiles the example to the bytes of this one, where it is installed with the libraries."""
    python = _interpreter(version)
    if python is None or version == f"{sys.version_info.major}.{sys.version_info.minor}":
        pytest.skip(f"no other Python {version} on this machine")
    probe = subprocess.run([python, "-c", f"import {', '.join(LIBRARIES)}"], capture_output=True, text=True, cwd=tmp_path)
    path = str(ROOT)
    if probe.returncode:
        path += os.pathsep + _libraries(python, tmp_path)
    ours, theirs = project(tmp_path / "ours"), project(tmp_path / "theirs")
    assert mlarch("compile", EXAMPLE.name, cwd=ours).returncode == 0
    done = mlarch("compile", EXAMPLE.name, cwd=theirs, python=python, PYTHONPATH=path, PYTHONDONTWRITEBYTECODE="1")
    assert done.returncode == 0, done.stderr
    assert contents(ours / "build" / "cancer") == contents(theirs / "build" / "cancer")


def _interpreter(version: str) -> str | None:
    """A Python of a version on the path or among those that pyenv keeps."""
    found = shutil.which(f"python{version}")
    kept = [str(path) for path in sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python{version}"))]
    for python in [found, *kept] if found else kept:
        if subprocess.run([python, "--version"], capture_output=True).returncode == 0:
            return python
    return None


def _libraries(python: str, folder: Path) -> str:
    """A folder with the libraries for another Python, from the packages of this machine or its index."""
    target = folder / "libraries"
    done = subprocess.run(
        [sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--retries", "1", "--target", str(target), *LIBRARIES],
        capture_output=True,
        text=True,
    )
    if done.returncode:
        pytest.skip(f"its libraries cannot be installed here: {done.stderr.strip().splitlines()[-1:]}")
    return str(target)


def test_unchanged_files_are_left_alone(tmp_path: Path) -> None:
    """A second compilation writes nothing; a changed value writes the files that say it, and leaves no others behind."""
    folder = project(tmp_path / "p")
    load(folder / EXAMPLE.name).compile()
    build = folder / "build" / "cancer"
    for path in build.iterdir():
        os.utime(path, (1, 1))
    load(folder / EXAMPLE.name).compile()
    assert {path.stat().st_mtime for path in build.iterdir()} == {1}
    load(folder / EXAMPLE.name, ["deployment.api.port=8123"]).compile()
    changed = {path.name for path in build.iterdir() if path.stat().st_mtime != 1}
    assert {"architecture.lock.json", "serve.yaml"} <= changed
    assert not any(path.name.startswith(".") for path in build.iterdir())


def test_out_names_the_folder(tmp_path: Path) -> None:
    """`-o DIR` writes there and nowhere else, and the lock file still finds its source."""
    folder = project(tmp_path / "p")
    done = mlarch("compile", EXAMPLE.name, "-o", "../far/away", "--json", cwd=folder)
    said = json.loads(done.stdout)
    assert done.returncode == 0 and said["ok"] and sorted(said["files"]) == sorted(contents(tmp_path / "far" / "away"))
    assert not (folder / "build").exists()
    lock = load(folder / EXAMPLE.name).compile(tmp_path / "far" / "away").lock
    assert lock.root == folder.resolve() and lock.hash == said["hash"]


def test_what_is_not_carried_out_is_refused(tmp_path: Path) -> None:
    """What `check` warns of, `compile` refuses with the same code, place and exit code 1, and writes nothing."""
    folder = project(tmp_path / "p")
    file = folder / EXAMPLE.name
    file.write_text(file.read_text(encoding="utf-8").replace("slo {", "mode = streaming\n  slo {"), encoding="utf-8")
    assert mlarch("check", file.name, cwd=folder).returncode == 0
    done = mlarch("compile", file.name, "--json", cwd=folder)
    said = json.loads(done.stdout)
    assert done.returncode == 1 and not said["ok"]
    assert [(each["code"], each["severity"]) for each in said["diagnostics"]] == [("MLA801", "error")]
    assert not (folder / "build").exists()
    with pytest.raises(CheckFailed, match="MLA801"):
        load(file).compile()


def test_a_wrong_file_is_not_compiled(tmp_path: Path) -> None:
    """Errors end a compilation before a file is written."""
    folder = project(tmp_path / "p")
    file = folder / EXAMPLE.name
    file.write_text(file.read_text(encoding="utf-8").replace("logistic_regression", "logistic"), encoding="utf-8")
    done = mlarch("compile", file.name, cwd=folder)
    assert done.returncode == 1 and "error[MLA405]" in done.stderr and "Traceback" not in done.stderr
    assert not (folder / "build").exists()


def test_an_edit_after_compilation_changes_nothing_that_runs(tmp_path: Path) -> None:
    """The lock file is what a run reads: an edited or deleted source changes nothing before the next compilation."""
    folder = project(tmp_path / "p")
    file = folder / EXAMPLE.name
    build = load(file).compile()
    before = build.lock.architecture
    file.write_text(file.read_text(encoding="utf-8").replace("logistic_regression", "random_forest"), encoding="utf-8")
    assert build.lock.architecture == before and before.model["classifier"].family == "logistic_regression"
    assert "lock" in (build.folder / "definitions.py").read_text(encoding="utf-8")
    file.unlink()
    assert build.lock.architecture == before


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    """Where a file stands in the way of the build's folder, one message says so."""
    folder = project(tmp_path / "p")
    (folder / "build").write_text("in the way")
    done = mlarch("compile", EXAMPLE.name, cwd=folder)
    assert done.returncode == 1 and "Traceback" not in done.stderr and "MLA999" not in done.stderr


def test_the_flights_are_valid(tmp_path: Path) -> None:
    """The whole example has no error: what this version does not carry out is said, and nothing else; none of it is in the base."""
    shutil.copytree(FLIGHTS, tmp_path / "flights")
    assert load(tmp_path / "flights" / "flights.mlarch").diagnostics == []
    for overlays in (["operations"], ["cluster"], ["operations", "cluster"]):
        found = load(tmp_path / "flights" / "flights.mlarch", overlays=overlays).diagnostics
        assert {(item.code, item.severity.value) for item in found} == {("MLA801", "warning")}
