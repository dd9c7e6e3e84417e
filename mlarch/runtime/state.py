"""`.mlarch/`: where everything is kept, and how it is written so that no failure leaves anything half done."""

from __future__ import annotations

import errno
import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import msgspec

from ..architecture.errors import ArchitectureError

Value = TypeVar("Value", bound=msgspec.Struct)

#: Every durable write, by name. A test kills the process at each and runs again.
KILL_POINTS = (
    "data.table",
    "data.manifest",
    "validation.report",
    "features.folder",
    "model.folder",
    "evaluation.folder",
    "tracking.run",
    "registry.version",
    "registry.alias",
    "registry.record",
    "run.value",
    "run.record",
    "serving.bundle",
    "serving.record",
)


def kill_point(name: str) -> None:
    """Die here, as by `kill -9`, when the environment asks for it; called just before and just after a durable write."""
    if os.environ.get("MLARCH_KILL_AT") == name:
        os.kill(os.getpid(), signal.SIGKILL)


class State:
    """The folder `.mlarch/` beside an architecture file; runs on a sample of the rows have a folder of their own inside it."""

    def __init__(self, root: Path, *, sampled: bool = False) -> None:
        self.root = root
        self.sampled = sampled
        self.folder = root / ".mlarch" / "sample" if sampled else root / ".mlarch"

    def path(self, *parts: str) -> Path:
        """Return a path under the folder; its parent exists afterwards."""
        path = self.folder.joinpath(*parts)
        with disk_space():
            path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def write(self, path: Path, data: bytes, point: str) -> None:
        """Write a file whole or not at all, durably. `point` is its name in KILL_POINTS."""
        assert point in KILL_POINTS, point
        temporary = path.with_name(f".{path.name}.{os.getpid()}")
        with disk_space():
            path.parent.mkdir(parents=True, exist_ok=True)
            with temporary.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            kill_point(point)
            os.replace(temporary, path)
        kill_point(f"{point}+")

    def write_value(self, path: Path, value: msgspec.Struct, point: str) -> None:
        """Write a value as indented JSON."""
        self.write(path, msgspec.json.format(msgspec.json.encode(value), indent=1) + b"\n", point)

    @contextmanager
    def new_folder(self, path: Path, point: str) -> Iterator[Path]:
        """Give a fresh folder to fill; it takes its place whole when the block ends without an error, and never otherwise."""
        assert point in KILL_POINTS, point
        temporary = path.with_name(f".{path.name}.{os.getpid()}")
        shutil.rmtree(temporary, ignore_errors=True)
        with disk_space():
            temporary.mkdir(parents=True)
        try:
            with disk_space():
                yield temporary
            kill_point(point)
            if path.exists():  # the same content by another process, or an unfinished older one
                shutil.rmtree(path)
            os.replace(temporary, path)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
        kill_point(f"{point}+")

    @contextmanager
    def lock(self, name: str, *, seconds: float = 600) -> Iterator[None]:
        """Hold a lock between processes; another run waits its turn.

        Raises ArchitectureError (MLA902) when it is not free in time.
        """
        from filelock import FileLock, Timeout

        lock = FileLock(self.path("locks", f"{name}.lock"))
        try:
            lock.acquire(timeout=seconds)
        except Timeout:
            raise ArchitectureError("MLA902", f"another run holds {self.folder} ({name})", help="wait for it to end, or stop it") from None
        try:
            yield
        finally:
            lock.release()


def read_value(path: Path, kind: type[Value]) -> Value | None:
    """Return a value that was written, or None when it is absent or damaged."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except (OSError, msgspec.DecodeError, msgspec.ValidationError):
        return None


@contextmanager
def disk_space() -> Iterator[None]:
    """Turn a full disk into the user's message."""
    try:
        yield
    except OSError as problem:
        if problem.errno in (errno.ENOSPC, errno.EDQUOT):
            raise ArchitectureError(
                "MLA901",
                f"no space left on the disk ({problem.filename or 'under .mlarch'})",
                help="free space and run again; nothing half-written is left",
            ) from problem
        raise
