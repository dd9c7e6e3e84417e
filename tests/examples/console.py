"""Pages with commands in them: what a page shows of a command's output is held to what the command says now.

In a block of a page, a line `$ …` is a command, and what follows it is quoted from its output. `…` stands for lines that are left out.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_BLOCK = re.compile(r"^```\w*\n(.*?)^```$", re.M | re.S)
#: What differs from run to run: times, ports, processes and digests.
_FLEETING = re.compile(r"\b\d+(?:\.\d+)? (?:s|ms)\b|(?<=127\.0\.0\.1:)\d+|\b[0-9a-f]{16}\b")
_DECIMAL = re.compile(r"\d+\.\d+")


@dataclass(frozen=True)
class Command:
    """A command of a page, and the lines that the page quotes of its output."""

    line: str
    quoted: tuple[str, ...]


def commands(page: str) -> Iterator[Command]:
    """Yield the commands of a page, in order."""
    for block in _BLOCK.findall(page):
        line, quoted = "", []
        for each in [*block.splitlines(), "$ "]:
            if not each.startswith("$ "):
                quoted.append(each)
                continue
            if line:
                yield Command(line, tuple(quoted))
            line, quoted = each[2:], []


def said(command: str, folder: Path) -> str:
    """Run a command as a shell does in a folder, and return what it says on both outputs; a code other than 0 is part of it."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-c", command], cwd=folder, env={**os.environ, "PATH": path}, text=True, stdin=subprocess.DEVNULL, capture_output=True
    )
    return done.stderr + done.stdout


def missing(quoted: tuple[str, ...], output: str, within: float) -> list[str]:
    """Return the quoted lines that an output does not have; decimals may differ by `within`, times, ports and digests at will.

    The order is not looked at: which of the two outputs comes first is not known.
    """
    lines = [_plain(line) for line in output.splitlines()]
    wanted = (line for line in quoted if line.strip() not in ("", "…"))
    return [line for line in wanted if not any(_alike(_plain(line), other, within) for other in lines)]


def _plain(line: str) -> str:
    return " ".join(_FLEETING.sub("_", line).split())


def _alike(one: str, other: str, within: float) -> bool:
    if _DECIMAL.sub("_", one) != _DECIMAL.sub("_", other):
        return False
    pairs = zip(_DECIMAL.findall(one), _DECIMAL.findall(other), strict=True)
    return all(abs(float(left) - float(right)) <= within for left, right in pairs)
