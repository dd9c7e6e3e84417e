"""What several commands share: the architecture file, overrides, overlays, and loading them."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterable
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar, cast

import click

from ..api import CheckFailed, Project, load
from ..language.diagnostics import Diagnostic
from ..language.files import architectures_in, display
from .failures import Ended

#: So many findings are read at once; more are counted.
AT_ONCE = 50
#: What an architecture has, and a file that others import has not.
_SYSTEM = re.compile(r"^[ \t]*system\b", re.M)

Command = TypeVar("Command", bound=Callable[..., Any])


def architecture_file(command: Command) -> Command:
    """Add FILE, overrides and `--overlay`. Without FILE, the only architecture in this folder is meant."""

    @wraps(command)
    def with_file(*, words: tuple[str, ...], **others: Any) -> Any:
        file, overrides = _divide(words)
        return command(file=file, overrides=overrides, **others)

    # One argument of plain words: as a path, an override such as `param.uri=https://host` would lose a slash.
    named = click.argument("words", nargs=-1, type=click.Path(), metavar="[FILE] [OVERRIDES]...")(with_file)
    overlays = click.option(
        "--overlay", "overlays", multiple=True, metavar="NAME", help="Merge an `overlay NAME { … }` of the file. May be repeated."
    )
    return cast(Command, overlays(named))


def _divide(words: tuple[str, ...]) -> tuple[Path | None, tuple[str, ...]]:
    """Tell the file from the overrides: `path=value` and `~path` are no file, unless one is called so."""
    if words and (Path(words[0]).exists() or not ("=" in words[0] or words[0].startswith("~"))):
        return Path(words[0]), words[1:]
    return None, words


json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON document for machines.")


def find_file(file: Path | None, overrides: tuple[str, ...]) -> tuple[Path, tuple[str, ...]]:
    """Return the architecture file and the overrides: without a file the only one in this folder is meant, or the only one of a system."""
    if file is not None:
        return file, overrides
    found = architectures_in(Path.cwd())
    for meant in (found, [each for each in found if _has_a_system(each)]):
        if len(meant) == 1:
            return Path(meant[0].name), overrides
    here = (
        f"this folder has {len(found)}: {', '.join(each.name for each in found)}"
        if found
        else "this folder has no `.mlarch` file; `mlarch init` starts one"
    )
    raise click.UsageError(f"which architecture file? {here}")


def _has_a_system(path: Path) -> bool:
    try:
        return bool(_SYSTEM.search(path.read_text(encoding="utf-8", errors="replace")))
    except OSError:
        return False


def load_project(file: Path | None, overrides: tuple[str, ...], overlays: tuple[str, ...]) -> Project:
    """Load and check what the command line names."""
    path, rest = find_file(file, overrides)
    return load(path, rest, overlays)


def show(diagnostics: Iterable[Diagnostic]) -> None:
    """Print findings to standard error: the first ones of many, in colour and as wide as the screen on a terminal."""
    from ..language.render import color_wanted, first_of, render_text, width_of

    every = list(diagnostics)
    color, shown = color_wanted(sys.stderr), first_of(every, AT_ONCE)
    text = render_text(shown, color=color, width=width_of(sys.stderr))
    if text:
        click.echo(text + "\n", err=True, color=color)
    if len(shown) < len(every):
        click.echo(f"… and {len(every) - len(shown)} more; `mlarch check --format json` and `--format sarif` say them all\n", err=True)


def require(project: Project, *, as_json: bool) -> None:
    """End the command with the findings when the architecture cannot be built."""
    if project.refusals or project.architecture is None:
        stop(CheckFailed(project.refusals or project.diagnostics), as_json=as_json)


def stop(failed: CheckFailed, *, as_json: bool) -> None:
    """Show why a check failed, and end with exit code 1."""
    from ..language.render import summary, to_json

    if as_json:
        click.echo(json.dumps({"ok": False, "diagnostics": to_json(failed.diagnostics)}))
    else:
        show(failed.diagnostics)
        click.echo(summary(failed.diagnostics), err=True)
    raise Ended(1)


def write_text(target: Path, text: str) -> None:
    """Write what the user asked for to a file of the user's, and say so."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8", newline="\n")
    except OSError as problem:
        raise click.UsageError(f"cannot write {display(target)}: {problem.strerror}") from None
    click.echo(f"wrote {display(target)}", err=True)
