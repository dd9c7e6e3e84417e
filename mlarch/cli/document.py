"""`mlarch document`."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath

import click

from ..api import Project
from .failures import Ended
from .options import architecture_file, load_project, require, show, write_text


@click.command("document")
@architecture_file
@click.option("--run", "with_run", is_flag=True, help="Add what the last run measured, each figure a link to its artifact.")
@click.option("-o", "--out", type=click.Path(path_type=Path), metavar="OUT", help="Write to a file, or into a folder, instead of printing.")
def command(file: Path | None, overrides: tuple[str, ...], overlays: tuple[str, ...], with_run: bool, out: Path | None) -> None:
    """Print or write the ML Architecture Document: what the file declares, and with --run what the last run measured.

    What is valid but not carried out yet is documented, and marked as planned.

    \b
    mlarch document cancer.mlarch | less
    mlarch document cancer.mlarch -o docs/ARCHITECTURE.md
    mlarch document cancer.mlarch --run -o report.md
    """
    project = load_project(file, overrides, overlays)
    target = out / "ARCHITECTURE.md" if out is not None and out.is_dir() else out
    folder = target.parent if target is not None else project.path.parent
    text = _measured(project, folder) if with_run else _declared(project, folder)
    if target is None:
        click.echo(text, nl=False)
        return
    write_text(target, text)


def _declared(project: Project, folder: Path) -> str:
    from ..targets import Emission
    from ..targets.document.emit import document

    if project.architecture is None or not project.ok:
        show(project.diagnostics)
        raise Ended(1)
    root = PurePosixPath(Path(os.path.relpath(project.path.parent.resolve(), folder.resolve())).as_posix())
    return document(project.architecture, Emission(project.digest, root, project.path.name))


def _measured(project: Project, folder: Path) -> str:
    from ..runtime.state import State
    from ..targets.document.measured import measured

    require(project, as_json=False)
    lock = project.compile().lock
    return measured(lock, State(lock.root).folder, folder)
