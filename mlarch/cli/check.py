"""`mlarch check`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..api import Project
from ..language.diagnostics import Diagnostic, Fix
from .failures import Ended
from .options import architecture_file, load_project, show

if TYPE_CHECKING:
    from ..language.fixing import Fixed


@click.command("check")
@architecture_file
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "sarif", "github"]),
    default="text",
    show_default=True,
    help="For people, for programs, for code scanners, or for the pages of GitHub.",
)
@click.option("--json", "form", flag_value="json", help="The same as --format json.")
@click.option(
    "--data", is_flag=True, help="Compare the data of each source with its schema too: all of a table, or the first rows of a large one."
)
@click.option("--fix", is_flag=True, help="Mend the files where that is safe (slips in names, quotes), if fewer errors are left then.")
def command(file: Path | None, overrides: tuple[str, ...], overlays: tuple[str, ...], form: str, data: bool, fix: bool) -> None:
    """Say everything that is wrong with an architecture, before any data is read. Nothing in the file is run.

    With --data the files of its sources are opened as well, and what they have against their schemas is said; nothing is written.

    \b
    mlarch check cancer.mlarch
    mlarch check cancer.mlarch --fix
    mlarch check cancer.mlarch --data
    mlarch check cancer.mlarch model.classifier.hyperparameters.C=0.1
    mlarch check cancer.yaml --json
    mlarch check cancer.mlarch --format sarif > cancer.sarif
    """
    project = load_project(file, overrides, overlays)
    fixes: tuple[Fix, ...] = ()
    if fix:
        fixes = _fix(project, file, overrides, overlays)
        project = load_project(file, overrides, overlays) if fixes else project
    if data:
        project.findings.items += project.check_data()
    if form == "json":
        _json(project, fixes if fix else None)
    elif form == "sarif":
        _sarif(project)
    elif form == "github":
        _github(project)
    else:
        show(project.diagnostics)
        click.echo(_closing(project))
    if not project.ok:
        raise Ended(1)


def _closing(project: Project) -> str:
    """The last line: what was found, and in how much."""
    from ..language.render import summary

    found, name = summary(project.diagnostics), project.loaded.main.name
    blocks = sum(1 for path in project.positions.paths if path.count(".") == 1)
    return f"{name}: {found or 'no findings'} in {blocks} blocks" if project.ok else f"{name}: {found}"


def _json(project: Project, fixes: tuple[Fix, ...] | None) -> None:
    from ..language.render import to_json
    from ..language.render.json import fix_to_json

    made = {} if fixes is None else {"fixed": [fix_to_json(each) for each in fixes]}
    click.echo(json.dumps({"ok": project.ok, **made, "diagnostics": to_json(project.diagnostics)}))


def _sarif(project: Project) -> None:
    from .. import __version__
    from ..language.render.sarif import to_sarif

    click.echo(json.dumps(to_sarif(project.diagnostics, project.path, __version__), indent=2, ensure_ascii=False))


def _github(project: Project) -> None:
    from ..language.render.github import to_github

    if project.diagnostics:
        click.echo(to_github(project.diagnostics))
    click.echo(_closing(project))


def _fix(project: Project, file: Path | None, overrides: tuple[str, ...], overlays: tuple[str, ...]) -> tuple[Fix, ...]:
    """Make the fixes in the files and say so; return those that were made."""
    from ..language.files import holding
    from ..language.fixing import applicable, fixed

    def recheck(texts: Mapping[Path, str]) -> list[Diagnostic]:
        with holding(texts):
            return load_project(file, overrides, overlays).diagnostics

    if not any(applicable(project.diagnostics)):
        return ()
    done = fixed(project.diagnostics, recheck)
    _write(done)
    for each in done.fixes:
        click.echo(f"fixed {each.span.place}: {each.title}", err=True)
    if not done.fixes:
        click.echo("nothing fixed: what could be done by itself would leave as many errors", err=True)
    return done.fixes


def _write(done: Fixed) -> None:
    """Write each file whole, or say why it cannot be."""
    from ..architecture.errors import ArchitectureError
    from ..language.files import display
    from ..language.fixing import encoded
    from ..language.formatting.files import rewrite

    for path, text in done.texts.items():
        try:
            rewrite(path, encoded(text, path.read_bytes()))
        except OSError as problem:
            raise ArchitectureError("MLA907", f"cannot write {display(path)}: {problem.strerror}") from None
