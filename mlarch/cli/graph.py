"""`mlarch graph`."""

from __future__ import annotations

import importlib
from pathlib import Path

import click

from .failures import Ended
from .options import architecture_file, load_project, show, write_text

#: The formats, each with the suffixes that ask for it.
FORMATS = {"svg": (".svg",), "mermaid": (".mmd", ".mermaid"), "dot": (".dot", ".gv")}


@click.command("graph")
@architecture_file
@click.option("--format", "form", type=click.Choice(list(FORMATS)), help="What to draw (default: as OUT is called, else mermaid).")
@click.option("-o", "--out", type=click.Path(path_type=Path), metavar="OUT", help="Write to a file instead of printing.")
def command(file: Path | None, overrides: tuple[str, ...], overlays: tuple[str, ...], form: str | None, out: Path | None) -> None:
    """Draw the architecture: its blocks in the order in which data pass them, and what goes from one to another.

    What is valid but not carried out yet is drawn too. SVG needs no other program to be drawn, DOT is for Graphviz.

    \b
    mlarch graph cancer.mlarch -o cancer.svg
    mlarch graph cancer.mlarch                     Mermaid, for a Markdown page
    mlarch graph cancer.mlarch -o cancer.dot
    """
    from ..targets.graph.model import graph_of

    project = load_project(file, overrides, overlays)
    if project.architecture is None or not project.ok:
        show(project.diagnostics)
        raise Ended(1)
    chosen = form or _asked_by(out)
    draw = getattr(importlib.import_module(f"mlarch.targets.graph.{chosen}"), chosen)
    text: str = draw(graph_of(project.architecture))
    if out is None:
        click.echo(text, nl=False)
    else:
        write_text(out, text)


def _asked_by(out: Path | None) -> str:
    """The format that a file's suffix asks for."""
    if out is None:
        return "mermaid"
    for form, suffixes in FORMATS.items():
        if out.suffix.lower() in suffixes:
            return form
    every = ", ".join(suffix for suffixes in FORMATS.values() for suffix in suffixes)
    raise click.UsageError(f"in which format? {out.name} ends in none of {every}; `--format` says it")
