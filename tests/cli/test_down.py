"""`mlarch down` stops what `serve` started, and nothing else."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from mlarch.runtime.serving import local
from mlarch.runtime.serving.hosting import Served, chosen, record_path
from mlarch.runtime.serving.processes import MARK, birth, is_alive
from mlarch.runtime.state import State

from ..servers import call, champion_in, copy_of, lock_of, stop_all

Capsys = pytest.CaptureFixture[str]


@pytest.fixture
def file(trained: Path, tmp_path: Path) -> Iterator[Path]:
    """A trained project that nobody serves yet."""
    copied = copy_of(trained, tmp_path / "cancer")
    yield copied
    stop_all(copied)


def serve(file: Path) -> Served:
    """Serve a project in the background."""
    lock = lock_of(file)
    return local.start(lock, chosen(lock, None), champion_in(file))


def test_it_stops_what_runs_and_says_so(file: Path, capsys: Capsys) -> None:
    """The process ends, the record goes, what was trained stays; a second time there is nothing to do."""
    served = serve(file)
    ended = call(capsys, "down", file)
    assert (ended.code, ended.out) == (0, "stopped `api`\n")
    assert not is_alive(served.pid)
    assert not record_path(State(file.parent), "api").exists()
    assert (file.parent / ".mlarch" / "models").is_dir()
    again = call(capsys, "down", file)
    assert (again.code, again.out) == (0, "nothing is running\n")


def test_for_machines_it_lists_what_it_stopped(file: Path, capsys: Capsys) -> None:
    """With --json each stopped deployment is listed with host and address."""
    served = serve(file)
    stopped = json.loads(call(capsys, "down", file, "--json").out)
    assert stopped == {"ok": True, "stopped": [{"deployment": "api", "host": "local", "url": served.url}]}
    assert json.loads(call(capsys, "down", file, "--json").out) == {"ok": True, "stopped": []}


def test_after_kill_9_it_clears_up(file: Path, capsys: Capsys) -> None:
    """A server that was killed has left a record; `down` removes it and is content."""
    served = serve(file)
    os.kill(served.pid, signal.SIGKILL)
    os.waitpid(served.pid, 0)
    assert call(capsys, "down", file).code == 0
    assert not record_path(State(file.parent), "api").exists()


def test_one_deployment_is_stopped_by_name(file: Path, capsys: Capsys) -> None:
    """`--deployment` leaves the others alone, and says which run when it names none of them."""
    served = serve(file)
    ended = call(capsys, "down", file, "--deployment", "other")
    assert (ended.code, ended.out) == (0, "`other` is not running; `api` is\n")
    assert is_alive(served.pid)
    assert call(capsys, "down", file, "--deployment", "api").out == "stopped `api`\n"
    assert not is_alive(served.pid)


def test_a_broken_file_does_not_keep_it_running(file: Path, capsys: Capsys) -> None:
    """The file is not read: a server can be stopped while its architecture is being edited."""
    served = serve(file)
    file.write_text("system {")
    assert call(capsys, "down", file).code == 0
    assert not is_alive(served.pid)


def test_a_stranger_is_left_alone(file: Path, capsys: Capsys) -> None:
    """A record whose number now belongs to another process is removed, and that process is not touched."""
    import subprocess
    import sys

    stranger = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    born = birth(stranger.pid)
    assert born is not None
    record = Served(
        deployment="api", host="local", pid=stranger.pid, born=born - 5, url="http://127.0.0.1:1", model="classifier", version="1"
    )
    state = State(file.parent)
    state.write_value(record_path(state, "api"), record, "serving.record")
    try:
        assert call(capsys, "down", file).code == 0
        assert not record_path(state, "api").exists()
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_what_a_dead_cluster_left_running_is_ended(file: Path, capsys: Capsys, tmp_path: Path) -> None:
    """Processes that carry the cluster's mark end with it, even when the one on record is dead, and its scratch folder goes."""
    import subprocess
    import sys

    scratch = tmp_path / "scratch"
    scratch.mkdir()
    orphan = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], env={**os.environ, MARK: str(scratch)})
    record = Served(
        deployment="api",
        host="ray",
        pid=orphan.pid,
        born=1,
        url="http://127.0.0.1:1",
        model="classifier",
        version="",
        dashboard="http://127.0.0.1:1",
        scratch=str(scratch),
    )
    state = State(file.parent)
    state.write_value(record_path(state, "api"), record, "serving.record")
    assert call(capsys, "down", file).code == 0
    assert orphan.wait(5) == -signal.SIGTERM
    assert not scratch.exists()


def test_a_file_that_is_not_there_is_said(tmp_path: Path, capsys: Capsys) -> None:
    """A wrong path is wrong usage, not a project in which nothing runs."""
    ended = call(capsys, "down", tmp_path / "nothing.mlarch")
    assert ended.code == 2
    assert "nothing.mlarch" in ended.err
