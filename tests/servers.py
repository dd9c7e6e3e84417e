"""What tests with real servers share: a trained project on a port of its own, and the command line called as a user calls it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

import mlarch
from mlarch.architecture.lock import Lock
from mlarch.cli import group
from mlarch.cli.failures import guarded
from mlarch.runtime.registry.champion import Champion
from mlarch.runtime.serving.hosting import Served, every_recorded, remove
from mlarch.runtime.state import State

ROW = {"mean_radius": 17.99, "mean_texture": 10.38, "mean_area": 1001.0, "mean_concavity": 0.3001}


class Ended(NamedTuple):
    """How a command ended: its exit code, and what it wrote."""

    code: int
    out: str
    err: str


def free_port() -> int:
    """Return a port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def on_own_port(file: Path) -> Path:
    """Let a copy of the example be served at a port that is free now."""
    text = file.read_text(encoding="utf-8").replace("model = model.classifier\n", f"model = model.classifier\n  port  = {free_port()}\n")
    file.write_text(text, encoding="utf-8")
    return file


def copy_of(trained: Path, to: Path) -> Path:
    """Copy a trained example, and let it be served at a port that is free now."""
    shutil.copytree(trained.parent, to)
    return on_own_port(to / trained.name)


def call(capsys: pytest.CaptureFixture[str], *arguments: object) -> Ended:
    """Call the command line in this process."""
    capsys.readouterr()
    code = guarded(group, [str(each) for each in arguments])
    return Ended(code, *capsys.readouterr())


def started(*arguments: object) -> subprocess.Popen[str]:
    """Start the command line in a process of its own."""
    command = [str(Path(sys.executable).with_name("mlarch")), *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def lock_of(file: Path) -> Lock:
    """Compile a file and return its lock."""
    return mlarch.load(file).compile().lock


def champion_in(file: Path) -> Champion:
    """The trained model of a copied example, found without asking the registry."""
    (folder,) = (file.parent / ".mlarch" / "models" / "classifier").iterdir()
    return Champion(name="cancer.classifier", version="1", stage="production", folder=str(folder))


def running(file: Path) -> Served:
    """The record of the one server that runs for a file."""
    (served,) = every_recorded(State(file.parent)).values()
    assert served.alive
    return served


def stop_all(file: Path) -> None:
    """End whatever a test has left running."""
    state = State(file.parent)
    for served in every_recorded(state).values():
        if served.pid != os.getpid():
            remove(served, state)
