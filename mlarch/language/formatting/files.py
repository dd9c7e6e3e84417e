"""Which files a command means, and how a file is rewritten: whole or not at all, with its permissions, through links."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from pathlib import Path


def architectures_below(folder: Path) -> Iterator[Path]:
    """Yield the architecture files in a folder and below, in a fixed order; hidden folders and links to folders are not entered."""
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(each for each in folders if not each.startswith("."))
        yield from (Path(place, name) for name in sorted(names) if name.endswith(".mlarch") and not name.startswith("."))


def rewrite(path: Path, data: bytes) -> None:
    """Replace what a file holds; a link stays a link to it. Raises OSError, with the file as it was, where that cannot be done.

    A file without permission to write is refused, even where its folder would allow to put another in its place.
    """
    target = path.resolve()
    if not target.stat().st_mode & 0o222 or not os.access(target, os.W_OK):
        raise PermissionError(errno.EACCES, "it is read-only", str(path))
    temporary = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        with temporary.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        shutil.copymode(target, temporary)
        os.replace(temporary, target)
    finally:
        temporary.unlink(missing_ok=True)
