"""The architecture files of a git revision, written into a folder: nothing is checked out, and no hook runs."""

from __future__ import annotations

import subprocess
from pathlib import Path

from ..architecture.errors import ArchitectureError
from ..language.load import YAML_SUFFIXES

CODE = "MLA013"
_SUFFIXES = (".mlarch", *YAML_SUFFIXES)


def at_revision(file: Path, reference: str, folder: Path) -> Path:
    """Write the architecture files of a revision of the file's repository into a folder, and return where the file lies in it.

    Raises ArchitectureError (MLA013) when there is no git, no repository, no such revision, or no such file in it.
    """
    top = Path(_git(file.resolve().parent, "rev-parse", "--show-toplevel", why=f"{file} is in no git repository").decode().rstrip("\n"))
    commit = _git(top, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{reference}^{{commit}}", why=f"git knows no `{reference}`")
    listed = _git(top, "ls-tree", "-r", "-z", "--full-tree", commit.decode().strip(), why=f"git cannot list `{reference}`")
    blobs = dict(_blobs(listed))
    name = file.resolve().relative_to(top.resolve()).as_posix()
    if name not in blobs:
        there = ", ".join(sorted(other for other in blobs if other.endswith(file.suffix))[:5])
        raise ArchitectureError(CODE, f"`{reference}` has no file {name}", help=f"it has {there}" if there else "was it committed?")
    for path, text in _texts(top, blobs).items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text)
    return folder / name


def _blobs(listed: bytes) -> list[tuple[str, str]]:
    """Path and object of each file that an architecture can be made of; links and submodules are none."""
    found = []
    for entry in filter(None, listed.split(b"\0")):
        head, _, path = entry.partition(b"\t")
        mode, _, blob = head.decode().split(" ")
        name = path.decode(errors="surrogateescape")
        if mode.startswith("100") and name.endswith(_SUFFIXES):
            found.append((name, blob))
    return found


def _texts(top: Path, blobs: dict[str, str]) -> dict[str, bytes]:
    """Read all files in one process of git: the answer to each object is a line that says its size, its bytes, and a line break."""
    asked = "".join(f"{blob}\n" for blob in blobs.values()).encode()
    data = _git(top, "cat-file", "--batch", why="git cannot read its objects", given=asked)
    texts, start = {}, 0
    for name in blobs:
        end = data.index(b"\n", start)
        size = int(data[start:end].split(b" ")[2])
        texts[name] = data[end + 1 : end + 1 + size]
        start = end + size + 2
    return texts


def _git(folder: Path, *arguments: str, why: str, given: bytes | None = None) -> bytes:
    try:
        done = subprocess.run(["git", "-C", str(folder), *arguments], input=given, capture_output=True)
    except FileNotFoundError:
        raise ArchitectureError(CODE, "git is not installed", help="compare with a file, or with the build") from None
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise ArchitectureError(CODE, why, help=said[-1] if said else "`git log --oneline` lists revisions")
    return done.stdout
