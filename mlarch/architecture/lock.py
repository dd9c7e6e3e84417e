"""The lock file: the frozen architecture with positions and a hash. Everything that runs reads it, never the live source."""

from __future__ import annotations

import hashlib
import os
from functools import cached_property
from pathlib import Path

import msgspec

from ..language.source import Source
from .architecture import Architecture
from .errors import ArchitectureError
from .nodes import digest, node_at
from .positions import Positions

LOCK_NAME = "architecture.lock.json"
FORMAT = 1


class LockedFile(msgspec.Struct, frozen=True):
    """A source text: its path relative to the lock file (None for an override) and the SHA-256 of its text."""

    name: str
    path: str | None
    sha256: str


class LockFile(msgspec.Struct, frozen=True):
    """What stands in `architecture.lock.json`. `positions` maps a path to file number, line and column (from 1)."""

    format: int
    mlarch: str
    hash: str
    files: tuple[LockedFile, ...]
    architecture: Architecture
    positions: dict[str, tuple[int, int, int]]


class Lock:
    """A lock file read back, with its places resolved on this machine."""

    def __init__(self, file: LockFile, path: Path) -> None:
        self.file = file
        self.path = path

    @property
    def architecture(self) -> Architecture:
        return self.file.architecture

    @property
    def hash(self) -> str:
        return self.file.hash

    @cached_property
    def root(self) -> Path:
        """The folder of the architecture file: data paths and `.mlarch/` are relative to it."""
        main = self.file.files[0].path
        return (self.path.parent / (main or "")).resolve().parent

    def place(self, at: str) -> tuple[Path, int] | None:
        """Return file and line of a path in the architecture, or of the nearest part that encloses it."""
        path = at.replace("[", ".").replace("]", "")
        while path:
            position = self.file.positions.get(path)
            if position is not None:
                written = self.file.files[position[0]].path
                if written is not None:
                    return (self.path.parent / written).resolve(), position[1]
            path = path.rpartition(".")[0]
        return None

    def code_version(self, at: str) -> str:
        """Return a short hash of what is said at a path, doc comments and positions aside.

        Raises KeyError when nothing is said there.
        """
        return digest(node_at(self.architecture, at))


def make_lock(architecture: Architecture, positions: Positions, main: Source, version: str, folder: Path) -> LockFile:
    """Build the lock file of an architecture that will be written into `folder`; `main` is the file that the user named."""
    sources = {id(main): main}
    for span in positions.paths.values():
        sources.setdefault(id(span.source), span.source)
    numbers = {key: number for number, key in enumerate(sources)}
    located = {path: (numbers[id(span.source)], *span.source.position(span.start)) for path, span in sorted(positions.paths.items())}
    files = tuple(_locked(source, folder) for source in sources.values())
    return LockFile(FORMAT, version, digest(architecture), files, architecture, located)


def lines_of(file: LockFile) -> dict[str, str]:
    """Return where each block stands, as `flights.mlarch:71`, by its path."""
    names = [each.name for each in file.files]
    return {path: f"{names[number]}:{line}" for path, (number, line, _) in file.positions.items() if path.count(".") == 1}


def _locked(source: Source, folder: Path) -> LockedFile:
    sha256 = hashlib.sha256(source.text.encode()).hexdigest()
    if source.path is None:
        return LockedFile(source.name, None, sha256)
    return LockedFile(source.path.name, Path(os.path.relpath(source.path.resolve(), folder.resolve())).as_posix(), sha256)


def encode_lock(file: LockFile) -> bytes:
    """Return the bytes of a lock file: indented JSON, the same for the same input."""
    return msgspec.json.format(msgspec.json.encode(file), indent=1) + b"\n"


def read_lock(path: Path) -> Lock:
    """Read a lock file.

    Raises ArchitectureError when it is missing, damaged, or from another version of the format.
    """
    again = "run `mlarch compile` again"
    try:
        data = path.read_bytes()
    except OSError as problem:
        raise ArchitectureError("MLA008", f"cannot read the lock file {path}: {problem.strerror}", help=again) from None
    try:
        file = msgspec.json.decode(data, type=LockFile)
    except (msgspec.DecodeError, msgspec.ValidationError) as problem:
        raise ArchitectureError("MLA008", f"the lock file {path} is damaged or from another version: {problem}", help=again) from None
    if file.format != FORMAT:
        raise ArchitectureError("MLA008", f"the lock file {path} has format {file.format}; this mlarch reads {FORMAT}", help=again)
    return Lock(file, path.resolve())
