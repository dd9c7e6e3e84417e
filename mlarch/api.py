"""The Python face of mlarch: load an architecture, then check, compile, run it and ask it, in a script or a notebook."""

from __future__ import annotations

import errno
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from . import __version__
from .architecture.architecture import Architecture
from .architecture.binding import bind
from .architecture.errors import ArchitectureError
from .architecture.lock import LOCK_NAME, Lock, encode_lock, lines_of, make_lock, read_lock
from .architecture.nodes import digest
from .architecture.positions import Positions
from .architecture.shapes import VOCABULARY_SHAPES
from .checks import Context, check
from .checks.references import CODE as UNUSED
from .checks.support import CODE as NOT_LOWERED
from .language.diagnostics import Diagnostic, Findings, Severity
from .language.load import Loaded
from .language.load import load as load_document
from .language.reuse import remembering_meanwhile
from .runtime.state import disk_space, sweep, temporary_for
from .targets import TARGETS, Emission, emitter

if TYPE_CHECKING:
    from .targets.dagster.outcomes import RunResult


class CheckFailed(Exception):
    """The architecture has errors; `diagnostics` says which."""

    def __init__(self, diagnostics: list[Diagnostic]) -> None:
        from .language.render import render_text

        super().__init__("\n" + render_text(diagnostics, color=False))
        self.diagnostics = diagnostics


@dataclass(frozen=True)
class Build:
    """What a compilation wrote: the folder and its files, sorted."""

    folder: Path
    files: tuple[str, ...]

    @property
    def lock(self) -> Lock:
        return read_lock(self.folder / LOCK_NAME)


class Project:
    """One architecture file with its overrides: read once, never run by being read."""

    def __init__(self, path: Path, loaded: Loaded, architecture: Architecture | None, positions: Positions, findings: Findings) -> None:
        self.path = path
        self.loaded = loaded
        self.architecture = architecture
        self.positions = positions
        self.findings = findings

    @property
    def diagnostics(self) -> list[Diagnostic]:
        """Everything that the checks have to say, in the order of the text."""
        return self.findings.sorted()

    @property
    def ok(self) -> bool:
        return not self.findings.failed

    def check(self) -> list[Diagnostic]:
        """Return every finding; an empty list means that all is well."""
        return self.diagnostics

    def check_data(self) -> list[Diagnostic]:
        """Open the data of each source that reads a file and return what they have against its schema. Nothing is written.

        Of a large table only the first rows are read; a note says how many.
        """
        from .runtime.data.checking import check_data

        found = Findings()
        for name, source in self.architecture.source.items() if self.architecture else ():
            checked = check_data(source, self.path.parent)
            if checked is None:
                continue
            for problem in checked.problems:
                found.error(problem.code, problem.message, self.positions.at(problem.at or f"source.{name}"), help=problem.help)
            if not checked.whole:
                told = f"only the first {checked.rows:,} rows of `{name}` were compared with the schema"
                span = self.positions.at(f"source.{name}.connector")
                found.error("MLA510", told, span, severity=Severity.NOTE, help="`mlarch run` looks at every row")
        return found.sorted()

    @property
    def default_build(self) -> Path:
        """`build/<system>` beside the architecture file."""
        name = self.architecture.system.name if self.architecture else self.path.stem
        return self.path.parent / "build" / name

    @property
    def digest(self) -> str:
        """A short hash of what the architecture says."""
        return digest(self.architecture)

    @cached_property
    def refusals(self) -> list[Diagnostic]:
        """What keeps the architecture from being built: its errors, and what is valid but not lowered yet."""
        refused = [
            Diagnostic(item.code, item.message, item.span, item.caption, Severity.ERROR, item.labels, item.notes, item.helps, item.fixes)
            if item.code == NOT_LOWERED
            else item
            for item in self.diagnostics
        ]
        return [item for item in refused if item.severity is Severity.ERROR]

    def compile(self, out: str | os.PathLike[str] | None = None, targets: Sequence[str] = tuple(TARGETS)) -> Build:
        """Write the build: the lock file and what each target emits.

        Raises CheckFailed when the architecture has errors or says something that is not lowered yet, and ArchitectureError when the
        folder cannot be written.
        """
        files = self.files(self.default_build if out is None else Path(out), targets)
        folder = self.default_build if out is None else Path(out)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            sweep(folder)
            for name, data in files.items():
                (folder / name).parent.mkdir(exist_ok=True)
                _replace(folder / name, data)
        except OSError as problem:
            full = problem.errno == errno.ENOSPC
            raise ArchitectureError(
                "MLA901" if full else "MLA012",
                f"cannot write the build into {folder}: {problem.strerror}",
                help="free space and compile again" if full else "name another folder with `-o DIR`, or move what is in the way",
            ) from None
        return Build(folder, tuple(sorted(files)))

    def files(self, folder: Path, targets: Sequence[str] = tuple(TARGETS)) -> dict[str, bytes]:
        """Return what a compilation into `folder` would write, by file name."""
        if self.refusals or self.architecture is None:
            raise CheckFailed(self.refusals or self.diagnostics)
        locked = make_lock(self.architecture, self.positions, self.loaded.main, __version__, folder)
        root = PurePosixPath(Path(os.path.relpath(self.path.parent.resolve(), folder.resolve())).as_posix())
        emission = Emission(locked.hash, root, self.path.name, lines_of(locked))
        files = {LOCK_NAME: encode_lock(locked)}
        for target in targets:
            files.update({name: text.encode() for name, text in emitter(target)(self.architecture, emission).items()})
        return files

    def run(self, **options: Any) -> RunResult:
        """Compile, then materialise every asset in this process, skipping what is unchanged.

        Options are those of `mlarch.targets.dagster.execute.run`: `only`, `sample`, `on_event`.
        """
        from .targets.dagster.execute import run

        return run(self.compile().lock, **options)

    def predict(self, rows: Sequence[Mapping[str, object]], model: str | None = None) -> list[dict[str, object]]:
        """Answer for rows in this process, by the model that a deployment would serve; no server is needed."""
        from .runtime.serving.inprocess import predict

        return predict(self.compile().lock, rows, model)


@remembering_meanwhile()
def load(path: str | os.PathLike[str], overrides: Sequence[str] = (), overlays: Sequence[str] = ()) -> Project:
    """Read and check an architecture: a `.mlarch` file, or the same as YAML.

    `overrides` are in Hydra's grammar (`model.late.hyperparameters.num_leaves=31`); `overlays` name overlay blocks to apply. Nothing in
    the file is run. Errors are in `Project.diagnostics`, not raised.
    """
    file = Path(path)
    loaded = load_document(file, overrides, overlays, VOCABULARY_SHAPES)
    findings = loaded.findings
    if loaded.document is None:
        return Project(file, loaded, None, Positions(), findings)
    architecture, positions = bind(loaded.document, findings)
    if architecture is not None:
        check(Context(architecture, positions, findings))
    if not findings.failed:
        _look_at_overlays(file, overrides, overlays, loaded.overlays, findings, positions)
    elif loaded.overlays:  # nobody has looked whether an overlay uses what nothing else does
        findings.items = [item for item in findings if item.code != UNUSED]
    return Project(file, loaded, architecture, positions, findings)


def _look_at_overlays(
    path: Path, overrides: Sequence[str], chosen: Sequence[str], declared: Sequence[str], findings: Findings, own: Positions
) -> None:
    """Check what the file would be otherwise: the errors of an overlay that is not chosen are said now, and what only it uses is used.

    A block that an overlay adds, and that nothing uses then, is probably another one misspelt.
    """
    others = [[*chosen, name] for name in declared if name not in chosen]
    for overlays in [*others, []] if chosen else others:
        other = load_document(path, overrides, overlays, VOCABULARY_SHAPES)
        architecture, positions = bind(other.document, other.findings) if other.document else (None, Positions())
        if architecture is not None:
            check(Context(architecture, positions, other.findings))
        unused = {item.message for item in other.findings if item.code == UNUSED}
        findings.items = [item for item in findings if item.code != UNUSED or item.message in unused]
        if overlays:
            findings.items += [item for item in other.findings if item.severity is Severity.ERROR]
            added = [positions.paths.get(at) for at in positions.blocks if at not in own.blocks]
            findings.items += [item for item in other.findings if item.code == UNUSED and item.span is not None and item.span in added]


def _replace(path: Path, data: bytes) -> None:
    """Write a file whole or not at all, and leave an unchanged one untouched."""
    if path.exists() and path.read_bytes() == data:
        return
    temporary = temporary_for(path)
    try:
        with disk_space(path.parent):
            temporary.write_bytes(data)
            os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
