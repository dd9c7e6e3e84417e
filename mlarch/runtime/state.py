"""`.mlarch/`: where everything is kept, and how it is written so that no failure leaves anything half done."""

from __future__ import annotations

import errno
import itertools
import os
import re
import shutil
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import msgspec

from ..architecture.errors import ArchitectureError

Value = TypeVar("Value", bound=msgspec.Struct)

#: Every durable write, by name. A test kills the process at each and runs again.
KILL_POINTS = (
    "dagster.home",
    "data.table",
    "data.manifest",
    "data.pins",
    "validation.report",
    "features.folder",
    "model.folder",
    "evaluation.folder",
    "tracking.database",
    "tracking.run",
    "registry.version",
    "registry.alias",
    "registry.record",
    "run.value",
    "run.record",
    "serving.bundle",
    "serving.record",
    "store.repository",
    "store.registry",
    "store.registered",
    "store.batch",
    "store.manifest",
    "store.table",
)

_attempts = itertools.count()
#: Bytes that are too few for SQLite to open a database.
NO_ROOM = 256 * 1024
#: `.name.PID` is being written by a process; SQLite keeps its journal beside it.
_TEMPORARY = re.compile(r"\..+\.(\d+)(-journal|-wal|-shm)?")
#: Kept by engines, which clean up after themselves.
_FOREIGN = ("dagster", "mlartifacts")


def kill_point(name: str) -> None:
    """Die here, as by `kill -9`, when the environment asks for it; called just before and just after a durable write."""
    if os.environ.get("MLARCH_KILL_AT") == name:
        os.kill(os.getpid(), signal.SIGKILL)


class Unnamed:
    """A file that is written before its name is known."""

    def __init__(self, temporary: Path) -> None:
        self.temporary = temporary
        self.path = temporary

    def named(self, name: str) -> Path:
        """Name the file; return where it will be."""
        self.path = self.temporary.with_name(name)
        return self.path


class State:
    """The folder `.mlarch/` beside an architecture file; runs on a sample of the rows have a folder of their own inside it."""

    def __init__(self, root: Path, *, sampled: bool = False) -> None:
        self.root = root
        self.sampled = sampled
        self.folder = root / ".mlarch" / "sample" if sampled else root / ".mlarch"

    def path(self, *parts: str) -> Path:
        """Return a path under the folder; its parent exists afterwards."""
        path = self.folder.joinpath(*parts)
        with disk_space(self.root):
            path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def write(self, path: Path, data: bytes, point: str) -> None:
        """Write a file whole or not at all, durably. `point` is its name in KILL_POINTS."""
        with self.new_file(path, point) as temporary, temporary.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())

    def write_value(self, path: Path, value: msgspec.Struct, point: str) -> None:
        """Write a value as indented JSON."""
        self.write(path, msgspec.json.format(msgspec.json.encode(value), indent=1) + b"\n", point)

    @contextmanager
    def new_file(self, path: Path, point: str) -> Iterator[Path]:
        """Give a path to write a file to; it takes its place when the block ends without an error, and never otherwise."""
        assert point in KILL_POINTS, point
        temporary = temporary_for(path)
        try:
            with disk_space(self.root):
                path.parent.mkdir(parents=True, exist_ok=True)
                yield temporary
                kill_point(point)
                os.replace(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)
        kill_point(f"{point}+")

    @contextmanager
    def named_later(self, folder: Path, point: str) -> Iterator[Unnamed]:
        """Give a file in a folder to write, which gets its name before the block ends: it takes its place then, and never otherwise."""
        assert point in KILL_POINTS, point
        file = Unnamed(temporary_for(folder / "unnamed"))
        try:
            with disk_space(self.root):
                yield file
                kill_point(point)
                os.replace(file.temporary, file.path)
        finally:
            file.temporary.unlink(missing_ok=True)
        kill_point(f"{point}+")

    @contextmanager
    def new_folder(self, path: Path, point: str) -> Iterator[Path]:
        """Give a fresh folder to fill; it takes its place whole when the block ends without an error, and never otherwise."""
        assert point in KILL_POINTS, point
        temporary = temporary_for(path)
        try:
            with disk_space(self.root):
                temporary.mkdir(parents=True)
                yield temporary
                kill_point(point)
                if path.exists():  # the same content by another process, or an unfinished older one
                    shutil.rmtree(path)
                os.replace(temporary, path)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
        kill_point(f"{point}+")

    @contextmanager
    def scratch(self, path: Path) -> Iterator[Path]:
        """Give an empty folder beside a path, which is gone when the block ends."""
        temporary = temporary_for(path)
        try:
            with disk_space(self.root):
                temporary.mkdir(parents=True)
                yield temporary
        finally:
            shutil.rmtree(temporary, ignore_errors=True)

    def sweep(self) -> None:
        """Remove what processes that were killed left half written."""
        for place, folders, _ in os.walk(self.folder):
            folders[:] = [each for each in folders if each not in _FOREIGN or Path(place) != self.folder]
            sweep(Path(place))

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


def temporary_for(path: Path) -> Path:
    """Return where a file or folder is written before it takes its place: beside it, never used before, with the number of this process."""
    return path.with_name(f".{path.name}.{next(_attempts)}.{os.getpid()}")


def sweep(folder: Path) -> None:
    """Remove from a folder what processes that run no more left half written."""
    for path in folder.glob(".*"):
        found = _TEMPORARY.fullmatch(path.name)
        if found is None or _is_running(int(found[1])):
            continue
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True


@contextmanager
def made_anew(path: Path) -> Iterator[None]:
    """Remove a file or folder of ours that turns out to be damaged (MLA608), so that the next run makes it again."""
    try:
        yield
    except ArchitectureError as problem:
        if problem.code == "MLA608":
            shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)
        raise


@contextmanager
def disk_space(folder: Path) -> Iterator[None]:
    """Turn a full disk into the user's message, whatever library met it first; `folder` is on that disk."""
    try:
        yield
    except ArchitectureError:
        raise
    except Exception as problem:
        if not any(_is_full(each, folder) for each in _chain(problem)):
            raise
        raise ArchitectureError(
            "MLA901", f"no space left on the disk of {folder}", help="free space and run again; nothing half-written is left"
        ) from problem


def _chain(problem: BaseException | None) -> Iterator[BaseException]:
    """Yield an exception and those that led to it."""
    while problem is not None:
        yield problem
        problem = problem.__cause__ or problem.__context__


def _is_full(problem: BaseException, folder: Path) -> bool:
    if isinstance(problem, OSError) and problem.errno in (errno.ENOSPC, errno.EDQUOT):
        return True
    if isinstance(problem, sqlite3.OperationalError):  # it says "disk I/O error" or "unable to open" as well
        return problem.sqlite_errorname == "SQLITE_FULL" or shutil.disk_usage(folder).free < NO_ROOM
    return "No space left on device" in str(problem)
