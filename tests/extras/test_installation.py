"""Each extra installed for real: its libraries are imported and do one small thing.

mlarch itself uses `boosting`; that the others install and work beside it keeps their versions for what is to come, and claims no more.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from .environments import ENVIRONMENTS, CannotInstall, install
from .resolving import ROOT

pytestmark = [pytest.mark.servers, pytest.mark.timeout(1200)]

#: The exit status by which a probe says that this machine lacks a server; its last line says which.
LACKS = 77


class Environments:
    """One environment at a time: asking for another removes the last, since some are over a GB."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made: dict[str, Path | str] = {}

    def interpreter(self, name: str) -> Path | str:
        """Return the interpreter of an environment, or the reason why there is none."""
        if name not in self._made:
            self.remove()
            self._folder.mkdir()
            try:
                self._made[name] = install(name, self._folder)
            except CannotInstall as problem:
                self._made[name] = str(problem)
        return self._made[name]

    def remove(self) -> None:
        """Remove what was installed."""
        shutil.rmtree(self._folder, ignore_errors=True)
        self._made.clear()


@pytest.fixture(scope="module")
def environments(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Environments]:
    """The environments of this module's tests."""
    found = Environments(tmp_path_factory.mktemp("extras") / "environment")
    yield found
    found.remove()


def probe(interpreter: Path, name: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run an extra's probe by an interpreter, in an empty folder and with no way to a hub."""
    offline = {"HF_HUB_OFFLINE": "1", "WANDB_MODE": "offline", "CUDA_VISIBLE_DEVICES": "", "TF_CPP_MIN_LOG_LEVEL": "2"}
    environment = os.environ | offline | {"PYTHONPATH": str(ROOT), "HOME": str(folder)}
    command = [str(interpreter), "-P", "-m", f"{__package__}.probes.{name}"]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=600)


@pytest.mark.parametrize(
    ("environment", "name"),
    [pytest.param(environment, name, id=name) for environment, names in ENVIRONMENTS.items() for name in names],
)
def test_an_installed_extra_works(environment: str, name: str, environments: Environments, tmp_path: Path) -> None:
    """In an environment of its own, an extra's libraries are imported and each does one small real thing."""
    interpreter = environments.interpreter(environment)
    if isinstance(interpreter, str):
        pytest.skip(interpreter)
    done = probe(interpreter, name, tmp_path)
    if done.returncode == LACKS:
        pytest.skip(done.stdout.strip().splitlines()[-1])
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
