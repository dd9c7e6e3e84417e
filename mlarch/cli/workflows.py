"""The workflow that `mlarch init --ci` writes: it checks each change, and posts its plan where the change is reviewed."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from .. import __version__
from ..architecture.errors import ArchitectureError
from ..language.files import display
from .workflow_texts import GITHUB, GITHUB_COMMENT, GITLAB, GITLAB_COMMENT


class Host(StrEnum):
    """Where changes are reviewed."""

    GITHUB = "github"
    GITLAB = "gitlab"


#: Where each host looks for its workflow, from the top of the repository.
PLACES = {Host.GITHUB: ".github/workflows/mlarch.yml", Host.GITLAB: ".gitlab-ci.yml"}
#: What begins the comment, so that a later run finds it and writes it anew instead of adding one. Nobody sees it.
MARK = "<!-- mlarch plan -->"
#: A comment takes 65,536 characters on GitHub; a longer plan is cut.
LONGEST = 60_000


@dataclass(frozen=True)
class Workflow:
    """A file to write, and its text."""

    path: Path
    text: str


def place(host: Host, folder: Path) -> Path:
    """Return where the workflow of a folder's repository stands: at its top, or in the folder where there is no repository.

    Raises ArchitectureError (MLA011) when something is there already.
    """
    path = repository(folder) / PLACES[host]
    if path.exists() or path.is_symlink():
        raise ArchitectureError("MLA011", f"{display(path)} exists already", help="move it away, and take over from it what you need")
    return path


def repository(folder: Path) -> Path:
    """Return the top of the repository that a folder lies in, or the folder itself."""
    inside = folder.resolve()
    return next((each for each in (inside, *inside.parents) if (each / ".git").exists()), inside)


def workflow(host: Host, folder: Path, files: list[Path]) -> Workflow:
    """Return the workflow for the architecture files of a folder."""
    path = place(host, folder)
    top = repository(folder)
    names = [file.resolve().relative_to(top).as_posix() for file in files]
    text = (GITHUB if host is Host.GITHUB else GITLAB).replace("@VERSION@", __version__)
    form = " --format github" if host is Host.GITHUB else ""
    parts = {
        "@CHECK@": [f"mlarch check{form} {shlex.quote(name)}" for name in names],
        "@STYLE@": [f"mlarch fmt --check {' '.join(map(shlex.quote, names))}"],
        "@PLAN@": _plan(names),
        "@COMMENT@": (GITHUB_COMMENT if host is Host.GITHUB else GITLAB_COMMENT).replace("@MARK@", MARK).splitlines(),
    }
    return Workflow(path, "\n".join(_filled(text.splitlines(), parts)) + "\n")


def _filled(lines: list[str], parts: dict[str, list[str]]) -> list[str]:
    """Put each part in place of the line that names it, as far to the right as that is."""
    made = []
    for line in lines:
        pad = line[: len(line) - len(line.lstrip())]
        made += [(pad + each).rstrip() for each in parts.get(line.strip(), [line.strip()])]
    return made


def _plan(names: list[str]) -> list[str]:
    """A function that plans a file against the base, or as new where the base has none, and the text of the comment."""
    return [
        "plan() {",
        '  if git cat-file -e "$BASE:$1" 2>/dev/null; then mlarch plan "$1" --against "git#$BASE"; else mlarch plan "$1"; fi',
        "}",
        "{",
        f"  echo '{MARK}'",
        "  echo '~~~~diff'",  # hosts colour its signs
        *(f"  plan {shlex.quote(name)} | head -c {LONGEST // len(names)}" for name in names),
        "  echo '~~~~'",
        "} > plan.md",
        "cat plan.md",
    ]
