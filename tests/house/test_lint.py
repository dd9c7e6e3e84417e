"""Style and types: what `make lint` says."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from .sources import ROOT

BIN = Path(sys.executable).parent


@pytest.mark.parametrize(
    "command",
    [("ruff", "check", "--no-cache"), ("ruff", "format", "--check", "--no-cache", "--quiet")],
    ids=["style", "format"],
)
def test_the_code_is_tidy(command: tuple[str, ...]) -> None:
    """The linter finds nothing, and the formatter would change nothing."""
    program, *arguments = command
    done = subprocess.run([str(BIN / program), *arguments, "mlarch", "tests"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_types_hold(tmp_path: Path) -> None:
    """The package passes the strict type checker."""
    done = subprocess.run([str(BIN / "mypy"), "--cache-dir", str(tmp_path), "mlarch"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
