"""`mlarch convert`."""

from __future__ import annotations

from pathlib import Path

import click

from ..api import CheckFailed, Project, load
from ..architecture.errors import ArchitectureError
from ..architecture.shapes import VOCABULARY_SHAPES
from ..language import tree
from ..language.converting import Changed, Outlined, Unsayable, converted, read
from ..language.diagnostics import Diagnostic, Findings, Severity
from ..language.files import display, holding, read_source
from ..language.load import YAML_SUFFIXES
from ..language.reuse import remembering_meanwhile
from .failures import reported
from .options import stop, write_text

FORMS = {"mlarch": (".mlarch",), "yaml": YAML_SUFFIXES}


@click.command("convert")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("-o", "--out", type=click.Path(path_type=Path), metavar="OUT", help="Write this file. Default: standard output.")
@click.option("--to", "form", type=click.Choice(tuple(FORMS)), help="The form to write. Default: the other one.")
def command(file: Path, out: Path | None, form: str | None) -> None:
    """Write a `.mlarch` file as YAML, or a YAML file as text: the same architecture, with every comment at its statement.

    What FILE imports stays as it is: both forms import each other. The config groups of a YAML file are composed in place. A file that
    is there already is not overwritten.

    \b
    mlarch convert cancer.mlarch
    mlarch convert cancer.mlarch -o cancer.yaml
    mlarch convert cancer.yaml --to mlarch > again.mlarch
    """
    from_yaml = file.suffix in YAML_SUFFIXES
    to = form or ("mlarch" if from_yaml else "yaml")
    if (to == "yaml") == from_yaml:
        raise click.UsageError(f"{display(file)} is {to} already" + ("" if from_yaml else "; `mlarch fmt` lays it out"))
    if out is not None and out.suffix not in FORMS[to]:
        raise click.UsageError(f"{display(out)} is to hold {to}: its name ends in {' or '.join(FORMS[to])}")
    with reported():
        text = _converted(file, to == "yaml")
        if out is None:
            click.echo(text, nl=False)
        else:
            _write(file, out, text)


@remembering_meanwhile()
def _converted(file: Path, to_yaml: bool) -> str:
    """The text of the other form, after it was read again and found to be the same architecture."""
    findings = Findings()
    source = read_source(file, findings)
    outlined = read(source, not to_yaml, VOCABULARY_SHAPES, findings) if source is not None else None
    if outlined is None:
        raise stopped(findings.items)
    project = load(file)
    if errors := _errors(project, outlined):
        raise stopped(errors)
    twin = file.with_name(f".{file.stem}.converted.{'yaml' if to_yaml else 'mlarch'}")
    try:
        text = converted(outlined, to_yaml, VOCABULARY_SHAPES, twin)
    except Unsayable as why:
        there = "YAML" if to_yaml else "text"
        raise ArchitectureError(
            "MLA014", f"{display(file)} cannot be said as {there}: {why}", help="change it, and convert again"
        ) from None
    _prove(file, twin, text, project)
    return text


def stopped(diagnostics: list[Diagnostic]) -> Exception:
    """End the command with what is wrong in the file."""
    stop(CheckFailed(diagnostics), as_json=False)
    raise AssertionError  # `stop` does not return


def _errors(project: Project, outlined: Outlined) -> list[Diagnostic]:
    """What is wrong with a file, but for what others give it: a part has no language and no system, and a parameter may have no value."""
    errors = [item for item in project.diagnostics if item.severity is Severity.ERROR]
    if not any(isinstance(each, tree.Block) and each.kind.text == "system" for each in outlined.statements):
        return [item for item in errors if item.code not in ("MLA007", "MLA213", "MLA214")]
    return [item for item in errors if not (item.code == "MLA007" and "has no value" in item.message)]


def _prove(file: Path, twin: Path, text: str, project: Project) -> None:
    """Read the result as a file beside the original and compare the architectures, with every overlay. Raises Changed."""
    for overlays in ((), *((name,) for name in project.loaded.overlays)):
        before = load(file, overlays=overlays) if overlays else project
        with holding({twin.resolve(): text}):
            after = load(twin, overlays=overlays)
        if after.architecture != before.architecture or _codes(after) != _codes(before):
            raise Changed(f"{display(file)} would not be the same architecture" + (f" with the overlay {overlays[0]}" if overlays else ""))


def _codes(project: Project) -> list[str]:
    return sorted(item.code for item in project.diagnostics)


def _write(file: Path, out: Path, text: str) -> None:
    """Write the result where nothing else is."""
    imports = [line for line in text.splitlines() if line.startswith("import")]
    if imports and out.resolve().parent != file.resolve().parent:
        raise click.UsageError(f"{display(file)} imports files, relative to its own folder: write {out.name} beside it")
    if out.is_file() and out.read_bytes() == text.encode():
        click.echo(f"{display(out)} is up to date", err=True)
        return
    if out.exists():
        raise ArchitectureError("MLA011", f"{display(out)} exists already, and says something else", help="name another file, or move it")
    write_text(out, text)
