"""`mlarch check`."""

from __future__ import annotations

import json
from pathlib import Path

import click

from .failures import Ended
from .options import architecture_file, json_option, load_project, show


@click.command("check")
@architecture_file
@json_option
def command(file: Path | None, overrides: tuple[str, ...], overlays: tuple[str, ...], as_json: bool) -> None:
    """Say everything that is wrong with an architecture, before any data is read. Nothing in the file is run.

    \b
    mlarch check cancer.mlarch
    mlarch check cancer.mlarch model.classifier.hyperparameters.C=0.1
    mlarch check cancer.yaml --json
    """
    from ..language.render import summary, to_json

    project = load_project(file, overrides, overlays)
    found = project.diagnostics
    if as_json:
        click.echo(json.dumps({"ok": project.ok, "diagnostics": to_json(found)}))
    else:
        show(found)
        blocks = sum(1 for path in project.positions.paths if path.count(".") == 1)
        name = project.loaded.main.name
        click.echo(f"{name}: {summary(found) or 'no findings'} in {blocks} blocks" if project.ok else f"{name}: {summary(found)}")
    if not project.ok:
        raise Ended(1)
