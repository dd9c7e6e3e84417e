"""Processes of our own: whether one still runs, and how it and everything that it started is ended."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from pathlib import Path

#: Set in the environment of a cluster, to its scratch folder: whatever the cluster starts inherits it, and is found by it.
MARK = "MLARCH_CLUSTER"


def is_alive(pid: int) -> bool:
    """Tell whether a process runs; one that has ended and is not collected yet does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return not _has_proc() or (_stat(pid) or ["Z"])[0] != "Z"


def birth(pid: int) -> int | None:
    """Return when a process was started, in clock ticks since boot: with its number it names a process for good. None where unknown."""
    stat = _stat(pid)
    return int(stat[19]) if stat else None


def end(pid: int, *, seconds: float = 40.0) -> None:
    """End a process: politely, then by force."""
    for signal_number, patience in ((signal.SIGTERM, seconds), (signal.SIGKILL, 5.0)):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal_number)
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)
            if not is_alive(pid):
                return
            time.sleep(0.05)


def end_marked(scratch: str, *, seconds: float = 5.0) -> None:
    """End what a cluster has left running, whoever its parent is now."""
    for signal_number in (signal.SIGTERM, signal.SIGKILL):
        deadline = time.monotonic() + seconds
        for pid in _marked(scratch):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal_number)
        while time.monotonic() < deadline:
            if not _marked(scratch):
                return
            time.sleep(0.05)


def _marked(scratch: str) -> list[int]:
    wanted = f"{MARK}={scratch}".encode()
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if wanted in (folder / "environ").read_bytes().split(b"\0") and is_alive(int(folder.name)):
                found.append(int(folder.name))
    return found


def _has_proc() -> bool:
    return Path("/proc/self/stat").exists()


def _stat(pid: int) -> list[str] | None:
    """The fields of /proc/PID/stat from the state on; the name before them may hold blanks and brackets."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
