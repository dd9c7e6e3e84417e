"""`mlarch plan`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from ..api import CheckFailed
from ..planning.blast import first_plan, plan
from .baselines import BaselineFailed, baseline
from .failures import Ended, reported
from .options import architecture_file, find_file, json_option, load_project, stop
from .planned import Shown, breaking_text, document, plan_text

#: The exit code of `--exit-code` when something would change.
CHANGES = 3


@click.command("plan")
@architecture_file
@click.option(
    "--against",
    default="build",
    show_default=True,
    metavar="build|FILE|git#REF",
    help="What to compare with: the last build, another file or lock file, or FILE at a git revision.",
)
@click.option("--breaking", is_flag=True, help="List only what a reviewer must see: requests, types, data rules, promises, gates, doors.")
@click.option(
    "--exit-code", "exit_code", is_flag=True, help=f"End with {CHANGES} when something would change (or is listed by --breaking)."
)
@json_option
def command(
    file: Path | None, overrides: tuple[str, ...], overlays: tuple[str, ...], against: str, breaking: bool, exit_code: bool, as_json: bool
) -> None:
    """Say what would change: each value before and after, what it costs, and how far it reaches. Only files are read.

    An override changes FILE, and FILE at a git revision with it.

    \b
    mlarch plan cancer.mlarch
    mlarch plan cancer.mlarch model.classifier.family=random_forest
    mlarch plan cancer.mlarch --against git#main --breaking --exit-code
    """
    path, rest = find_file(file, overrides)
    project = load_project(path, rest, overlays)
    if project.architecture is None or not project.ok:
        stop(CheckFailed(project.diagnostics), as_json=as_json)
        return
    with reported(as_json=as_json):
        try:
            old = baseline(against, project, rest, overlays)
        except BaselineFailed as failed:
            if not as_json:
                click.echo(f"{against}, which is compared with, has errors itself:\n", err=True)
            stop(failed, as_json=as_json)
    made = first_plan(project.architecture) if old is None else plan(old.architecture, project.architecture, old.mlarch)
    shown = Shown(made, project, old)
    with reported(as_json=as_json):
        _ = shown.pins  # a file of pins that cannot be read is told before anything is
    if as_json:
        click.echo(json.dumps(document(shown)))
    else:
        from ..language.render import color_wanted, summary

        if project.diagnostics:  # a plan is read for what changes: what a check says of the rest would hide it
            click.echo(f"{summary(project.diagnostics)}; `mlarch check` shows them\n", err=True)
        click.echo((breaking_text if breaking else plan_text)(shown, color=color_wanted(sys.stdout)))
    if exit_code and (made.breaks if breaking else not made.empty):
        raise Ended(CHANGES)
