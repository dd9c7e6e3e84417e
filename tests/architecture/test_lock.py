"""The lock file is read back as it was written, wherever the folder has gone, and is refused where it is damaged."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from mlarch.api import Build, load
from mlarch.architecture.errors import ArchitectureError
from mlarch.architecture.lock import LOCK_NAME, read_lock

from ..house.sources import ROOT

EXAMPLE = ROOT / "examples" / "cancer" / "cancer.mlarch"


@pytest.fixture
def build(tmp_path: Path) -> Build:
    """The example, compiled in a folder of its own."""
    file = tmp_path / "project" / EXAMPLE.name
    file.parent.mkdir()
    shutil.copy(EXAMPLE, file)
    return load(file).compile()


def test_a_lock_file_holds_the_architecture(build: Build) -> None:
    """What is read back equals what was checked, with the same hash."""
    project = load(build.folder.parent.parent / EXAMPLE.name)
    assert build.lock.architecture == project.architecture
    assert build.lock.hash == project.digest


def test_places_lead_to_the_lines_of_the_source(build: Build) -> None:
    """A path gives file and line; what has no line of its own gives that of the part around it."""
    source = build.folder.parent.parent / EXAMPLE.name
    lines = source.read_text(encoding="utf-8").splitlines()
    for at, text in (
        ("source.nuclei.schema.mean_area", "mean_area "),
        ("deployment.api.slo.p99", "p99 < 100ms"),
        ("model.classifier", "model c"),
    ):
        place = build.lock.place(at)
        assert place is not None and place[0] == source.resolve() and text in lines[place[1] - 1]
    assert build.lock.place("model.classifier.threshold") == build.lock.place("model.classifier")
    assert build.lock.place("nowhere") is None


def test_paths_go_with_the_folder(build: Build, tmp_path: Path) -> None:
    """A project that is moved finds its own files: nothing in the lock file is absolute."""
    moved = tmp_path / "elsewhere" / "deeper"
    shutil.move(build.folder.parent.parent, moved)
    lock = read_lock(moved / "build" / "cancer" / LOCK_NAME)
    assert lock.root == moved.resolve()
    assert str(tmp_path) not in (moved / "build" / "cancer" / LOCK_NAME).read_text(encoding="utf-8")
    place = lock.place("model.classifier")
    assert place is not None and place[0] == (moved / EXAMPLE.name).resolve()


def test_a_code_version_follows_what_is_said(build: Build, tmp_path: Path) -> None:
    """A comment or a blank line changes no code version; a value does, and only where it is said."""
    text = EXAMPLE.read_text(encoding="utf-8")
    versions = {}
    for name, changed in {
        "same": text.replace("## Area against", "\n  ## Another comment on"),
        "other": text.replace("mean_radius    : float in 0..60", "mean_radius    : float in 0..61"),
    }.items():
        file = tmp_path / f"{name}.mlarch"
        file.write_text(changed, encoding="utf-8")
        lock = load(file).compile(tmp_path / name).lock
        versions[name] = (lock.code_version("source.nuclei"), lock.code_version("features.shape"))
    now = (build.lock.code_version("source.nuclei"), build.lock.code_version("features.shape"))
    assert versions["same"] == now
    assert versions["other"][0] != now[0] and versions["other"][1] == now[1]
    with pytest.raises(KeyError):
        build.lock.code_version("source.absent")


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: "",
        lambda text: text[: len(text) // 2],
        lambda text: text.replace('"format": 1', '"format": 99'),
        lambda text: text.replace('"csv"', '"excel"'),
        lambda text: json.dumps({key: value for key, value in json.loads(text).items() if key != "architecture"}),
        lambda text: "[]",
    ],
    ids=["empty", "half", "format", "vocabulary", "incomplete", "list"],
)
def test_a_damaged_lock_file_is_refused(build: Build, damage: object) -> None:
    """A lock file that is cut, from another format or of another vocabulary is one error that says what to do."""
    assert callable(damage)
    path = build.folder / LOCK_NAME
    path.write_text(damage(path.read_text(encoding="utf-8")), encoding="utf-8")
    with pytest.raises(ArchitectureError) as caught:
        read_lock(path)
    assert caught.value.code == "MLA008" and caught.value.help is not None and "mlarch compile" in caught.value.help


def test_a_missing_lock_file_is_said(tmp_path: Path) -> None:
    """Without a lock file, the error names its path."""
    with pytest.raises(ArchitectureError, match="cannot read the lock file") as caught:
        read_lock(tmp_path / LOCK_NAME)
    assert caught.value.code == "MLA008"
