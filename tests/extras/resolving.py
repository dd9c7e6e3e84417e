"""The extras of pyproject.toml, and what a resolver makes of them."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent.parent
PYTHONS = ("3.11", "3.12", "3.13")


def project() -> dict[str, Any]:
    """Return pyproject.toml."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def extras() -> dict[str, list[Requirement]]:
    """Return each extra's requirements."""
    declared: dict[str, list[str]] = project()["project"]["optional-dependencies"]
    return {name: [Requirement(line) for line in lines] for name, lines in declared.items()}


def uv(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run this environment's installer in the repository; files on this disk that pip would take are offered to it too."""
    offered = os.environ.get("PIP_FIND_LINKS", "")
    environment = os.environ | ({"UV_FIND_LINKS": offered.replace(" ", ",")} if offered else {})
    return subprocess.run([sys.executable, "-m", "uv", *arguments], cwd=ROOT, env=environment, capture_output=True, text=True)


def resolve(*names: str, python: str | None = None, constraints: Path | None = None) -> dict[str, str]:
    """Return the version of every package that the core takes together with some extras; nothing is installed.

    Raises AssertionError with the resolver's words when there is no such set.
    """
    wanted = [part for name in names for part in ("--extra", name)]
    wanted += ["--python-version", python] if python else ["--python", sys.executable]
    wanted += ["--constraints", str(constraints)] if constraints else []
    done = uv("pip", "compile", "--quiet", "--no-header", "--no-annotate", "pyproject.toml", *wanted)
    assert done.returncode == 0, done.stderr
    pinned = (line.partition("==") for line in done.stdout.splitlines() if "==" in line)
    return {str(canonicalize_name(name)): version for name, _, version in pinned}
