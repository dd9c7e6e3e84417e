"""Imports follow the arrows of the house, and what checks and compiles loads no engine."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from .sources import ROOT

EXAMPLE = ROOT / "examples" / "cancer" / "cancer.mlarch"

#: What neither `check` nor `compile` loads, whatever it costs to do without.
HEAVY = (
    "dagster",
    "hydra",
    "lightgbm",
    "matplotlib",
    "mlflow",
    "numpy",
    "omegaconf",
    "pandas",
    "polars",
    "ray",
    "sklearn",
    "torch",
    "xgboost",
    "yaml",
)

#: Runs the command line in a fresh process and prints which of the heavy packages it has loaded.
PROBE = """
import json, sys
from mlarch.cli import main
try:
    main()
except SystemExit as ended:
    assert not ended.code, ended.code
print(json.dumps([name for name in {heavy!r} if name in sys.modules]))
"""


def test_imports_follow_the_arrows() -> None:
    """The contracts in pyproject.toml hold: no import back, no circle between packages, no engine where none is needed."""
    linter = shutil.which("lint-imports", path=Path(sys.executable).parent)
    assert linter is not None
    done = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def loaded(*arguments: str) -> list[str]:
    """The heavy packages that a command loads."""
    done = subprocess.run([sys.executable, "-c", PROBE.format(heavy=HEAVY), *arguments], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    found: list[str] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.mark.parametrize("command", ["check", "compile", "plan", "document", "graph"])
def test_no_engine_is_loaded(command: str, tmp_path: Path) -> None:
    """`check`, `compile`, `plan`, `document` and `graph` of a text file load no engine, no table library and no YAML."""
    file = tmp_path / EXAMPLE.name
    shutil.copy(EXAMPLE, file)
    assert loaded(command, str(file)) == []


def test_the_probe_sees_what_is_loaded(tmp_path: Path) -> None:
    """A command that reads data loads Polars, and the probe says so: it would see an engine."""
    assert "polars" in loaded("init", str(tmp_path / "new"))


def test_importing_the_package_loads_nothing() -> None:
    """`import mlarch` is free: not even the parser is loaded before it is asked for."""
    code = "import sys, mlarch; print([name for name in ('lark', 'msgspec', 'click', 'mlarch.api') if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
