"""`mlarch down`."""

from __future__ import annotations

import json
from pathlib import Path

import click

from .failures import reported
from .options import find_file, json_option
from .waiting import Waiting


@click.command("down")
@click.argument("file", required=False, type=click.Path(path_type=Path), metavar="[FILE]")
@click.option("--deployment", "name", metavar="NAME", help="Stop only this one.")
@json_option
def command(file: Path | None, name: str | None, as_json: bool) -> None:
    """Stop what `serve` started: no process, scratch file or record is left. What was trained and registered stays.

    The file is not read, only the folder that it is in; nothing running is no error.

    \b
    mlarch down
    mlarch down cancer.mlarch --deployment api
    """
    from ..runtime.serving.cluster import stop
    from ..runtime.serving.hosting import every_recorded
    from ..runtime.state import State

    path, _ = find_file(file, ())
    if not path.exists():
        raise click.UsageError(f"there is no file {path}")
    state = State(path.resolve().parent)
    running = every_recorded(state)
    meant = [served for each, served in running.items() if name in (None, each)]
    with reported(as_json=as_json), Waiting(silent=as_json) as waiting:
        for served in meant:
            waiting(f"stopping `{served.deployment}` at {served.url}")
            stop(served, state)
    if as_json:
        stopped = [{"deployment": each.deployment, "host": each.host, "url": each.url} for each in meant]
        click.echo(json.dumps({"ok": True, "stopped": stopped}))
    elif meant:
        click.echo(f"stopped {', '.join(f'`{each.deployment}`' for each in meant)}")
    else:
        others = f"; {', '.join(f'`{each}`' for each in running)} is" if running else ""
        click.echo((f"`{name}` is not running" if name else "nothing is running") + others)
