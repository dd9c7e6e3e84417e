"""No space on the disk: one message, nothing half-written, and a rerun carries on once there is room."""

from __future__ import annotations

import errno
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

import mlarch
from mlarch.architecture.errors import ArchitectureError
from mlarch.cli import group
from mlarch.cli.failures import guarded
from mlarch.runtime.state import KILL_POINTS, State
from mlarch.targets.dagster.outcomes import Outcome

from ..conftest import copy_example
from .test_kill_points import TRAINING, half_written

#: Where the durable writes are.
MODULES = ("state", "training.training", "registry.registration")


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_a_write_that_finds_the_disk_full_leaves_nothing(tmp_path: Path, kind: str) -> None:
    """A file or a folder that cannot be written whole is not there at all, and what stood in its place stays."""
    state = State(tmp_path)
    path = state.path("models", "m")
    path.mkdir() if kind == "folder" else path.write_text("before")
    write = state.new_folder if kind == "folder" else state.new_file
    with pytest.raises(ArchitectureError, match="no space left"), write(path, "model.folder") as temporary:
        inside = temporary / "part" if kind == "folder" else temporary
        inside.write_text("half")
        raise OSError(errno.ENOSPC, "No space left on device")
    assert [each.name for each in path.parent.iterdir()] == ["m"]
    assert path.is_dir() if kind == "folder" else path.read_text() == "before"


@pytest.mark.servers
def test_a_full_disk_at_any_write_is_one_message(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whichever durable write of a run meets a full disk, the message is MLA901, nothing half-written stays, and the next run goes on."""
    left = [point for point in KILL_POINTS if point in TRAINING]

    def full(name: str) -> None:
        """The disk is full for the first write that has not met it yet."""
        if name in left:
            left.remove(name)
            raise OSError(errno.ENOSPC, "No space left on device", name)

    for module in MODULES:
        monkeypatch.setattr(f"mlarch.runtime.{module}.kill_point", full)
    while left:
        before = list(left)
        assert code_of_a_run(project) == "MLA901", before
        assert len(left) < len(before) and half_written(project) == []
    result = mlarch.load(project).run()
    assert result.ok and result.values["classifier/registered"].version == "1"
    assert set(mlarch.load(project).run().outcomes.values()) == {Outcome.UNCHANGED}


def code_of_a_run(file: Path) -> str | None:
    """Run, and return the code of what stopped it."""
    try:
        problem = mlarch.load(file).run().problem
    except ArchitectureError as raised:
        problem = raised
    return problem.code if problem else None


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own, of one megabyte at first."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)], capture_output=True, text=True)
    if mounted.returncode:
        pytest.skip(f"a file system cannot be mounted here: {mounted.stderr.strip()}")
    try:
        yield disk
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


@pytest.mark.servers
def test_a_disk_that_grows_step_by_step(small_disk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """On a disk that is truly full every run ends in MLA901, until there is room: then the same command completes, registered once."""
    file = copy_example(small_disk / "cancer")
    said = []
    for size in range(200, 6000, 150):
        subprocess.run(["mount", "-o", f"remount,size={size}k", str(small_disk)], check=True)
        code = guarded(group, ["run", str(file)])
        printed = capsys.readouterr()
        if code == 0:
            break
        said.append((size, code, printed.err.splitlines()[-2:]))
        assert code == 1 and "error[MLA901]" in printed.err and "Traceback" not in printed.err, said
    assert len(said) > 5, said
    subprocess.run(["mount", "-o", "remount,size=50m", str(small_disk)], check=True)
    result = mlarch.load(file).run()
    assert result.ok and result.values["classifier/registered"].version == "1"
    assert half_written(file) == []
