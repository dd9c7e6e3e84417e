"""What a plan compares with: the last build, another file, or the same file at a git revision."""

from __future__ import annotations

import contextlib
import hashlib
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from .. import __version__
from ..api import CheckFailed, Project, load
from ..architecture.architecture import Architecture
from ..architecture.errors import ArchitectureError
from ..architecture.lock import LOCK_NAME, Lock, read_lock
from ..language.diagnostics import Diagnostic
from ..language.files import display
from ..language.source import Source, Span
from .revisions import at_revision

GIT = "git#"
#: File and line.
Place = tuple[str, int]


@dataclass(frozen=True)
class Baseline:
    """The side that a plan starts from; `mlarch` is the version that built it, `texts` are the digests of its files."""

    name: str
    architecture: Architecture
    place: Callable[[str], Place | None]
    mlarch: str
    texts: frozenset[str]


class BaselineFailed(CheckFailed):
    """What is compared with has errors itself."""


def baseline(against: str, project: Project, overrides: tuple[str, ...], overlays: tuple[str, ...]) -> Baseline | None:
    """Return what a project is compared with, None for a build that there is not.

    At a git revision the same overrides and overlays hold, so that only the text differs. Raises ArchitectureError when it cannot be read
    (MLA008, MLA013), BaselineFailed when it has errors.
    """
    if against == "build":
        path = _build_of(project)
        return None if path is None else _locked(path)
    if against.startswith(GIT):
        return _at_revision(against, project, overrides, overlays)
    path = Path(against)
    if path.is_dir() and (path / LOCK_NAME).is_file():
        path = path / LOCK_NAME
    if not path.is_file():
        there = f"{display(path)} has no {LOCK_NAME}" if path.is_dir() else f"there is no file {display(path)}"
        raise ArchitectureError(
            "MLA001", f"nothing to compare with: {there}", help="give `build`, a file, the folder of a build, or `git#main`"
        )
    return _locked(path) if path.suffix == ".json" else _loaded(display(path), load(path), lambda source: source.name)


def _build_of(project: Project) -> Path | None:
    """The lock file of the build: where it is by the system's name, or by the name that the system had before."""
    path = project.default_build / LOCK_NAME
    if path.exists():
        return path
    found = []
    for other in project.default_build.parent.glob(f"*/{LOCK_NAME}"):
        with contextlib.suppress(ArchitectureError):  # a build of something else, which is no concern of this plan
            main = read_lock(other).file.files[0].path
            if main is not None and (other.parent / main).resolve() == project.path.resolve():
                found.append(other)
    return found[0] if len(found) == 1 else None


def _locked(path: Path) -> Baseline:
    lock = read_lock(path)
    return Baseline(
        display(path.parent),
        lock.architecture,
        lambda at: _in_lock(lock, at),
        lock.file.mlarch,
        frozenset(each.sha256 for each in lock.file.files),
    )


def _in_lock(lock: Lock, at: str) -> Place | None:
    place = lock.place(at)
    return None if place is None else (display(place[0]), place[1])


def _loaded(name: str, project: Project, called: Callable[[Source], str]) -> Baseline:
    if project.architecture is None or not project.ok:
        raise BaselineFailed([_renamed(item, called) for item in project.diagnostics])
    return Baseline(name, project.architecture, lambda at: place_in(project, at, called), __version__, texts_of(project))


def _at_revision(against: str, project: Project, overrides: tuple[str, ...], overlays: tuple[str, ...]) -> Baseline:
    with tempfile.TemporaryDirectory(prefix="mlarch-") as folder:
        reference, root = against.removeprefix(GIT), Path(folder).resolve()
        file = at_revision(project.path, reference, root)

        def called(source: Source) -> str:
            """A file as git calls it: `main:examples/cancer.mlarch`."""
            inside = source.path is not None and source.path.resolve().is_relative_to(root)
            return f"{reference}:{source.path.resolve().relative_to(root).as_posix()}" if inside and source.path else source.name

        declared = load(file, overrides).loaded.overlays if overlays else ()
        return _loaded(against, load(file, overrides, [name for name in overlays if name in declared]), called)


def place_in(project: Project, at: str, called: Callable[[Source], str] = lambda source: source.name) -> Place | None:
    """Return where a path of a project is written, or the nearest part that encloses it."""
    span = project.positions.at(at)
    return None if span is None else (called(span.source), span.source.position(span.start)[0])


def texts_of(project: Project) -> frozenset[str]:
    """Return the digests of every text that a project was read from."""
    sources = {id(span.source): span.source for span in project.positions.paths.values()}
    return frozenset(hashlib.sha256(source.text.encode()).hexdigest() for source in (project.loaded.main, *sources.values()))


def _renamed(item: Diagnostic, called: Callable[[Source], str]) -> Diagnostic:
    """A finding about a copy, as one about what it is a copy of."""

    def moved(span: Span) -> Span:
        return replace(span, source=Source(called(span.source), span.source.text))

    labels = tuple(replace(label, span=moved(label.span)) for label in item.labels)
    return replace(item, span=moved(item.span) if item.span else None, labels=labels, fixes=())
