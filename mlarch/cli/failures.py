"""How a command ends: exit codes, and what is said of a failure."""

from __future__ import annotations

import json
import os
import sys
import tempfile
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..architecture.errors import ArchitectureError

if TYPE_CHECKING:
    from ..architecture.lock import Lock


class Ended(Exception):
    """A command that has said all there is to say, and ends with a code."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


def guarded(group: click.Group, arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    try:
        result = group.main(args=arguments, prog_name="mlarch", standalone_mode=False)
        return result if isinstance(result, int) else 0
    except Ended as ended:
        return ended.code
    except click.exceptions.Exit as ended:
        return ended.exit_code
    except click.Abort:
        return _interrupted()
    except KeyboardInterrupt:
        return _interrupted()
    except click.ClickException as problem:
        problem.show()
        return 2
    except ArchitectureError as problem:
        say_error(problem)
        return 1
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception:  # the last line of defence: a mistake of ours is one line and a file
        return _bug()


def _interrupted() -> int:
    click.echo("\nInterrupted. What is finished is kept; the same command carries on.", err=True)
    return 130


def _bug() -> int:
    handle, name = tempfile.mkstemp(prefix="mlarch-", suffix=".log")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(traceback.format_exc())
    kind, value, _ = sys.exc_info()
    click.echo(
        f"error[MLA999]: internal error: {kind.__name__ if kind else 'unknown'}: {value}\n"
        f"  = the details are in {name}; please report them",
        err=True,
    )
    return 2


def say_error(problem: ArchitectureError, lock_place: tuple[Path, int] | None = None, *, as_json: bool = False) -> None:
    """Print a failure found outside the checks: what, where, and what to do."""
    if as_json:
        place = {"file": str(lock_place[0]), "line": lock_place[1]} if lock_place else None
        click.echo(
            json.dumps(
                {"error": {"code": problem.code, "message": problem.message, "at": problem.at, "place": place, "help": problem.help}}
            )
        )
        return
    from ..language.render import color_wanted

    color = color_wanted(sys.stderr)
    head = f"error[{problem.code}]"
    click.echo((click.style(head, fg="red", bold=True) if color else head) + f": {problem.message}", err=True, color=color)
    if lock_place is not None:
        from ..language.files import display

        click.echo(f"  --> {display(lock_place[0])}:{lock_place[1]}" + (f"  ({problem.at})" if problem.at else ""), err=True)
    elif problem.at:
        click.echo(f"  --> {problem.at}", err=True)
    if problem.help:
        click.echo(f"  = help: {problem.help}", err=True)


@contextmanager
def reported(lock: Lock | None = None, *, as_json: bool = False) -> Iterator[None]:
    """End the command with the message of a user's mistake; with a lock, its path becomes file and line."""
    try:
        yield
    except ArchitectureError as problem:
        say_error(problem, lock.place(problem.at) if lock is not None and problem.at else None, as_json=as_json)
        raise Ended(1) from None
