"""Where the engines' own screens are, each with the command that opens it."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from pathlib import Path

from ..api import Project
from ..language.files import display
from ..runtime.artifacts import Trained
from ..runtime.state import State
from .overview import Overview


def screens(project: Project, seen: Overview) -> dict[str, str]:
    """Return the command or the address of each screen that has something to show."""
    trained = [value for value in seen.values.values() if isinstance(value, Trained)]
    found = {}
    if seen.values:
        found["Dagster"] = _dagster(project)
    if trained:
        uri = trained[-1].tracking_uri
        found["MLflow"] = uri if uri.startswith("http") else f"{program('mlflow')} ui --backend-store-uri {shlex.quote(uri)}"
    for running in seen.running.values():
        if running.served.dashboard:
            found["Ray"] = running.served.dashboard
    return found


def _dagster(project: Project) -> str:
    folder = project.path.resolve().parent
    home = State(folder).folder / "dagster"
    if not has_location(folder):
        where = shlex.quote(display(project.default_build / "definitions.py"))
        return f"DAGSTER_HOME={shlex.quote(str(home))} {program('dagster')} dev -f {where}"
    move = "" if folder == Path.cwd() else f"cd {shlex.quote(display(folder))} && "
    return f"{move}{'' if keeps_records(folder) else f'DAGSTER_HOME={shlex.quote(str(home))} '}{program('dagster')} dev"


def keeps_records(folder: Path) -> bool:
    """Tell whether `dagster dev` in a folder keeps its records under `.mlarch/` by itself: its `dagster.yaml` says so."""
    try:
        return "DAGSTER_HOME" not in os.environ and ".mlarch/dagster" in (folder / "dagster.yaml").read_text(encoding="utf-8")
    except OSError:
        return False


def has_location(folder: Path) -> bool:
    """Tell whether `dagster dev` finds definitions in a folder without being told."""
    import tomllib

    if (folder / "workspace.yaml").is_file():
        return True
    try:
        return "dagster" in tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8")).get("tool", {})
    except (OSError, ValueError):
        return False


def program(name: str) -> str:
    """Return how a program of this environment is called: by its name where the shell finds that very one."""
    ours = Path(sys.executable).parent / name
    found = shutil.which(name)
    return name if not ours.exists() or (found and Path(found).resolve() == ours.resolve()) else shlex.quote(display(ours))
