"""What the tests share: the example as a fresh project, the same once trained, and a way to change what a file says."""

from __future__ import annotations

import shutil
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

import mlarch

EXAMPLE = Path(__file__).parent.parent / "examples" / "cancer"


def copy_example(to: Path) -> Path:
    """Copy the example into a folder without anything that was built or run, and return its architecture file."""
    shutil.copytree(EXAMPLE, to, ignore=shutil.ignore_patterns(".mlarch", "build", "__pycache__"))
    return to / "cancer.mlarch"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The architecture file of a fresh, untrained copy of the example."""
    return copy_example(tmp_path / "cancer")


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The architecture file of an example that has run once; all tests share it, so that nobody may change it."""
    file = copy_example(tmp_path_factory.mktemp("trained") / "cancer")
    result = mlarch.load(file).run()
    assert result.ok, result.problem
    return file


@pytest.fixture
def edit() -> Callable[[Path, str, str], Path]:
    """A function that replaces a text that stands once in a file, and returns the file."""

    def replace(file: Path, old: str, new: str) -> Path:
        text = file.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {file.name}"
        file.write_text(text.replace(old, new), encoding="utf-8")
        return file

    return replace


def pytest_sessionstart() -> None:
    """Take Ctrl-C as in a terminal: a shell starts what runs in its background without it, and so would be what the tests start."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
