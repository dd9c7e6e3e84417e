"""Facts about the machine, and the memory of processes on it."""

from __future__ import annotations

import os
import platform
from pathlib import Path

import mlarch


def facts() -> dict[str, str | int | bool]:
    """Return what a reader needs in order to compare: processor, memory, Python, and whether bytecode is compiled."""
    package = Path(mlarch.__file__).parent
    return {
        "cores": os.cpu_count() or 0,
        "processor": _field("/proc/cpuinfo", "model name") or platform.processor(),
        "memory": _field("/proc/meminfo", "MemTotal"),
        "system": platform.platform(terse=True),
        "python": platform.python_version(),
        "mlarch's bytecode compiled": any((package / "__pycache__").glob("*.pyc")),
        "load of the last minute, before the start": f"{os.getloadavg()[0]:.2f}"
        + (", so the figures are worse than they could be" if busy() else ""),
    }


def busy() -> bool:
    """Return whether something else has kept more than half a core busy for the last minute."""
    return os.getloadavg()[0] > 0.5


def memory(process: int) -> tuple[float, float] | None:
    """Return PSS and RSS of a process and its children in MB, or None where the system does not tell."""
    sums = {"Pss": 0, "Rss": 0}
    try:
        for each in _tree(process):
            for line in Path(f"/proc/{each}/smaps_rollup").read_text().splitlines():
                name, _, rest = line.partition(":")
                if name in sums:
                    sums[name] += int(rest.split()[0])
    except OSError:
        return None
    return sums["Pss"] / 1000, sums["Rss"] / 1000


def _tree(process: int) -> list[int]:
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return [process, *(each for child in children for each in _tree(int(child)))]


def _field(path: str, name: str) -> str:
    try:
        lines = Path(path).read_text().splitlines()
    except OSError:
        return ""
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(name)), "")
