"""The command line: one module a command, loaded only when it is called."""

from __future__ import annotations

import gc
import importlib
import sys

import click

from .. import __version__
from .failures import guarded

#: Every command, in the order of a working day; its module is `mlarch.cli.<name>`.
COMMANDS = {
    "init": "Start a project, from a data file if there is one.",
    "check": "Say everything that is wrong, before any data is read.",
    "fmt": "Rewrite architecture files in the canonical style.",
    "convert": "Write a file as YAML, or YAML as text.",
    "compile": "Write the build: lock file, Dagster definitions, serving config, ARCHITECTURE.md.",
    "plan": "Say what a change would change, and what that costs.",
    "run": "Ingest, validate, build features, train, evaluate and register.",
    "serve": "Deploy the champion and answer requests.",
    "predict": "Ask for predictions.",
    "status": "Show what was trained, registered and deployed.",
    "features": "Fill the feature store, and look into it.",
    "data": "List the versions of the rows, compare two, follow a model back to its files.",
    "down": "Stop what `serve` started.",
    "document": "Write ARCHITECTURE.md, with measured figures if asked.",
    "graph": "Draw the architecture as SVG, Mermaid or DOT.",
    "lsp": "Answer an editor: the language server.",
    "explain": "Say what a diagnostic code means.",
}

#: The commands that read files, answer and end. What they make is one tree that lives until then, and holds hardly a circle: looking for
#: circles in it over and over takes a fifth of their time and frees nothing.
BRIEF = frozenset({"check", "fmt", "convert", "compile", "plan", "graph", "explain"})


class LazyGroup(click.Group):
    """A group that knows its commands by name and imports only the one that is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command = importlib.import_module(f"{__name__}.{cmd_name}").command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if name not in COMMANDS and not name.startswith("-"):
            from ..language.suggest import nearest

            guess = nearest(name, COMMANDS)
            ctx.fail(f"there is no command '{name}'." + (f" Did you mean '{guess}'?" if guess else " 'mlarch --help' lists them."))
        return super().resolve_command(ctx, args)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="mlarch")
def group() -> None:
    """ML architecture as code: one file is checked, compiled, trained, registered and served.

    \b
    mlarch init                          start a project here
    mlarch check   cancer.mlarch         find mistakes before data is read
    mlarch run     cancer.mlarch         train, evaluate and register
    mlarch serve   cancer.mlarch --local answer requests on this machine

    Exit codes: 0 all is well, 1 findings or a failed step, 2 wrong usage or an internal error. Shell completion:
    `eval "$(_MLARCH_COMPLETE=bash_source mlarch)"` (or zsh_source, fish_source).
    """


def main() -> None:
    """Run the command line; a user's mistake never shows a traceback."""
    if BRIEF.intersection(sys.argv[1:2]):
        gc.disable()
    sys.exit(guarded(group))
