"""Reading source files: whatever cannot be a source file is said in one finding."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

from .diagnostics import Findings
from .source import Source, Span
from .suggest import names, nearest

LIMIT = 16 * 1024 * 1024

_HELD: ContextVar[Mapping[Path, str] | None] = ContextVar("held", default=None)


@contextmanager
def holding(texts: Mapping[Path, str]) -> Iterator[None]:
    """Read these texts in the place of files (absolute paths, links resolved) that are not written yet: what a fix tries."""
    token = _HELD.set(texts)
    try:
        yield
    finally:
        _HELD.reset(token)


def read_source(path: Path, findings: Findings, asked_by: Span | None = None) -> Source | None:
    """Read a file as text, or report why not and return None; `asked_by` is the import that names it."""

    def refuse(code: str, message: str, help: str | None = None) -> None:
        findings.error(code, message, asked_by, "named here" if asked_by else "", help=help)

    name = display(path)
    held = _HELD.get()
    if held and path.resolve() in held:
        return Source(name, held[path.resolve()], path)
    try:
        if path.is_dir():
            inside = [each.name for each in architectures_in(path)]
            refuse("MLA001", f"{name} is a folder", f"name a file in it: {', '.join(inside)}" if inside else "name a `.mlarch` file")
            return None
        with path.open("rb") as file:
            data = file.read(LIMIT + 1)  # no more, whatever the size is said to be: a device has no end
        if len(data) > LIMIT:
            refuse("MLA004", f"{name} has more than the {LIMIT / 1e6:.0f} MB of an architecture file", "is this a data file?")
            return None
    except FileNotFoundError:
        refuse("MLA001", f"there is no file {name}", _beside(path, asked_by is not None))
        return None
    except OSError as problem:
        refuse("MLA001", f"cannot read {name}: {problem.strerror}")
        return None
    return _decode(data, path, name, refuse)


def decode_source(data: bytes, name: str, findings: Findings) -> Source | None:
    """Return what was read from elsewhere than a file, such as standard input, or report why it is no source and return None."""
    return _decode(data, None, name, lambda code, message, help=None: findings.error(code, message, None, help=help))


def _beside(path: Path, imported: bool) -> str:
    """What may have been meant by a file that is not there."""
    there = [each.name for each in architectures_in(path.parent)]
    guess = nearest(path.stem, [Path(each).stem for each in there])
    if guess:
        return f"did you mean `{guess}.mlarch`?"
    if there and not imported:
        return f"there are {names(there)}"
    return "its path is relative to the file that imports it" if imported else "`mlarch init` starts a new one"


def _decode(data: bytes, path: Path | None, name: str, refuse: object) -> Source | None:
    assert callable(refuse)
    if not data.removeprefix(b"\xef\xbb\xbf").strip():
        refuse("MLA002", f"{name} is empty", '`mlarch init` writes a file to start from; the first line is `language = "1.0"`')
        return None
    if b"\0" in data:
        refuse("MLA003", f"{name} is a binary file", "an architecture file is UTF-8 text")
        return None
    try:
        return Source(name, data.decode("utf-8-sig"), path)
    except UnicodeDecodeError as problem:
        line = data.count(b"\n", 0, problem.start) + 1
        refuse("MLA003", f"{name} is not UTF-8: byte {data[problem.start]:#04x} on line {line}", "save it as UTF-8")
        return None


def architectures_in(folder: Path) -> list[Path]:
    """Return the architecture files in a folder; the state folder `.mlarch/` is none of them."""
    return sorted(each for each in folder.glob("*.mlarch") if each.is_file())


def display(path: Path) -> str:
    """Return how a path is shown: relative to the working folder where it lies in it."""
    try:
        return Path(os.path.abspath(path)).relative_to(Path.cwd()).as_posix()  # noqa: PTH100 - a link is shown as it was written
    except ValueError:
        return path.as_posix()
