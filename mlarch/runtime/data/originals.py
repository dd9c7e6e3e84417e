"""The files that a source reads, as they are now: how long they are, and what they hold."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

from ...architecture.blocks.source import Source
from ..artifacts import SourceFile
from .connectors.files import data_files


def originals(source: Source, root: Path) -> tuple[SourceFile, ...]:
    """Return the data files of a source, in the order in which they are read; none where it reads none.

    Raises ArchitectureError (MLA501) when there is no such file.
    """
    return tuple(_original(file, root) for file in data_files(source, root))


def _original(file: Path, root: Path) -> SourceFile:
    state = file.stat()
    path = file.relative_to(root).as_posix() if file.is_relative_to(root) else file.as_posix()
    return SourceFile(path=path, bytes=state.st_size, digest=_digest(file, state.st_mtime_ns, state.st_size))


@lru_cache(maxsize=4096)
def _digest(file: Path, written: int, size: int) -> str:
    """Return the SHA-256 of a file that was written then and is so long: a run asks for it more than once."""
    with file.open("rb") as data:
        return hashlib.file_digest(data, "sha256").hexdigest()
