"""`mlarch compile`."""

from __future__ import annotations

import json
from pathlib import Path

import click

from ..language.files import display
from .options import architecture_file, json_option, load_project, require, show


@click.command("compile")
@architecture_file
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), metavar="DIR", help="Where to write the build (default: build/<system> beside FILE)."
)
@json_option
def command(file: Path | None, overrides: tuple[str, ...], overlays: tuple[str, ...], out: Path | None, as_json: bool) -> None:
    """Write the build: a few small files that can be read, reviewed and committed. The same input gives the same bytes.

    \b
    mlarch compile cancer.mlarch
    mlarch compile cancer.mlarch model.classifier.family=random_forest -o /tmp/forest
    """
    project = load_project(file, overrides, overlays)
    require(project, as_json=as_json)
    build = project.compile(out)
    if as_json:
        click.echo(json.dumps({"ok": True, "folder": str(build.folder), "files": list(build.files), "hash": build.lock.hash}))
        return
    show(project.diagnostics)
    click.echo(f"{display(build.folder)}/")
    for name in build.files:
        click.echo(f"  {name:26}{_PURPOSE.get(name, '')}")


_PURPOSE = {
    "ARCHITECTURE.md": "the ML Architecture Document, for people",
    "architecture.lock.json": "what everything that runs reads",
    "definitions.py": "Dagster assets and checks",
    "serve.yaml": "Ray Serve's configuration",
}
