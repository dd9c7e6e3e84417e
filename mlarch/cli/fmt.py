"""`mlarch fmt`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from ..language.diagnostics import Findings
from ..language.files import decode_source, display, read_source
from ..language.formatting import format_source
from ..language.formatting.differences import painted, unified
from ..language.formatting.files import architectures_below, rewrite
from ..language.load import YAML_SUFFIXES
from ..language.source import Source
from .failures import Ended

STDIN = "<stdin>"


@click.command("fmt")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path, allow_dash=True), metavar="[FILE|FOLDER|-]...")
@click.option("--check", is_flag=True, help="Write nothing; list what would change, and end with 1 if anything would.")
@click.option("--diff", is_flag=True, help="Write nothing; show what would change.")
def command(paths: tuple[Path, ...], check: bool, diff: bool) -> None:
    """Rewrite architecture files in the canonical style. Without a FILE, all in this folder and below are meant.

    Only the layout changes: no statement is reordered, no comment moves, and words stay as they are written. A file with syntax errors
    is not touched. `-` reads standard input and writes standard output. Lines end in a line feed.

    \b
    mlarch fmt
    mlarch fmt cancer.mlarch shared/
    mlarch fmt --check --diff
    """
    outcomes = [_stream(check, diff)] if paths == (Path("-"),) else [_file(path, check, diff) for path in _files(paths)]
    changed, refused = outcomes.count(True), outcomes.count(None)
    if paths != (Path("-"),):
        would = "would change" if check or diff else "rewritten"
        parts = (f"{changed} {would}", f"{outcomes.count(False)} unchanged", f"{refused} refused" if refused else "")
        click.echo(", ".join(part for part in parts if part), err=True)
    if refused or (check and changed):
        raise Ended(1)


def _files(paths: tuple[Path, ...]) -> Iterator[Path]:
    """Yield the files that are meant, each once."""
    seen: dict[Path, None] = {}
    for path in paths or (Path(),):
        if path == Path("-"):
            raise click.UsageError("`-` stands alone: standard input is one file")
        if path.suffix in YAML_SUFFIXES:
            raise click.UsageError(f"{display(path)} is YAML: `fmt` is for `.mlarch` files")
        found = list(architectures_below(path)) if path.is_dir() else [path]
        if not found:
            raise click.UsageError(f"there is no `.mlarch` file in {display(path)} or below")
        seen.update(dict.fromkeys(found))
    yield from seen


def _stream(check: bool, diff: bool) -> bool | None:
    """Format standard input; return whether it changes, or None where it cannot be formatted."""
    findings = Findings()
    data = sys.stdin.buffer.read()
    text = _formatted(decode_source(data, STDIN, findings), findings)
    if text is None:
        return None
    if diff:
        _show_diff(data, text.encode(), STDIN)
    elif not check:
        sys.stdout.buffer.write(text.encode())
    return text.encode() != data


def _file(path: Path, check: bool, diff: bool) -> bool | None:
    """Format a file; return whether it changes, or None where it cannot be formatted or written."""
    findings = Findings()
    text = _formatted(read_source(path, findings), findings)
    if text is None:
        return None
    before, after = path.read_bytes(), text.encode()
    if before == after:
        return False
    if diff:
        _show_diff(before, after, display(path))
        return True
    if not check and not _written(path, after):
        return None
    click.echo(display(path))
    return True


def _written(path: Path, data: bytes) -> bool:
    """Rewrite a file, or say why it cannot be."""
    try:
        rewrite(path, data)
    except OSError as problem:
        findings = Findings()
        why = f"cannot write {display(path)}: {problem.strerror}"
        findings.error("MLA907", why, None, help="`mlarch fmt --diff` shows what would change")
        _show(findings)
        return False
    return True


def _formatted(source: Source | None, findings: Findings) -> str | None:
    """The text in the canonical style; what is wrong with it is shown."""
    text = format_source(source, findings) if source is not None else None
    _show(findings)
    return text


def _show(findings: Findings) -> None:
    if findings.items:
        from ..language.render import color_wanted, render_text

        color = color_wanted(sys.stderr)
        click.echo(render_text(findings.sorted(), color=color) + "\n", err=True, color=color)


def _show_diff(before: bytes, after: bytes, name: str) -> None:
    from ..language.render import color_wanted

    text = unified(before.decode("utf-8"), after.decode("utf-8"), name)
    color = color_wanted(sys.stdout)
    click.echo(painted(text) if color else text, nl=False, color=color)
