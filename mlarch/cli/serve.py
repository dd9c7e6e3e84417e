"""`mlarch serve`."""

from __future__ import annotations

import json
import os
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from .failures import reported
from .options import architecture_file, json_option, load_project, require, show
from .waiting import Waiting

if TYPE_CHECKING:
    from ..architecture.lock import Lock
    from ..runtime.serving.decoding import Row
    from ..runtime.serving.hosting import Served


@click.command("serve")
@architecture_file
@click.option("--deployment", "name", metavar="NAME", help="Which deployment; needed where the file has several.")
@click.option("--local", is_flag=True, help="Without Ray: one small process, until Ctrl-C.")
@click.option("--detach", is_flag=True, help="With --local: in the background, until `mlarch down`.")
@json_option
def command(
    file: Path | None,
    overrides: tuple[str, ...],
    overlays: tuple[str, ...],
    name: str | None,
    local: bool,
    detach: bool,
    as_json: bool,
) -> None:
    """Deploy the version in production (or in the deployment's stage), and say where it answers.

    It runs on Ray Serve, behind HAProxy, and stays up until `mlarch down`. Called again after a new version was registered, it hands it
    to the replicas that run: no request fails meanwhile.

    \b
    mlarch serve cancer.mlarch
    mlarch serve cancer.mlarch --local
    mlarch serve cancer.mlarch --local --detach deployment.api.port=8001
    """
    if detach and not local:
        raise click.UsageError("--detach goes with --local: Ray Serve runs in the background anyway")
    project = load_project(file, overrides, overlays)
    require(project, as_json=as_json)
    if not as_json:
        show(project.diagnostics)
    build = project.compile()
    lock = build.lock
    with reported(lock, as_json=as_json):
        if local:
            _local(lock, name, detach=detach, as_json=as_json)
        else:
            _on_ray(lock, build.folder, name, as_json=as_json)


def _on_ray(lock: Lock, build: Path, name: str | None, *, as_json: bool) -> None:
    from ..runtime.serving import cluster
    from ..runtime.serving.hosting import chosen
    from ..targets.ray_serve.read import read_configuration

    configuration = read_configuration(build, lock.architecture, chosen(lock, name))
    with Waiting(silent=as_json) as waiting:
        served = cluster.serve(lock, name, configuration, waiting)
    _warn(lock, served)
    click.echo(_said(served, _example(lock, served), as_json=as_json))


def _local(lock: Lock, name: str | None, *, detach: bool, as_json: bool) -> None:
    from ..runtime.serving import local
    from ..runtime.serving.hosting import Served, url_of

    with Waiting(silent=as_json) as waiting:
        waiting("looking the version up")
        deployment, champion = local.prepare(lock, name)
        if detach:
            waiting(f"starting {champion.name} version {champion.version}")
            served = local.start(lock, deployment, champion)
    if detach:
        _warn(lock, served)
        click.echo(_said(served, _example(lock, served), as_json=as_json))
        return
    here = Served(
        deployment=deployment.name,
        host="local",
        pid=os.getpid(),
        url=url_of(deployment),
        model=deployment.model.name,
        version=champion.version,
    )
    _warn(lock, here)
    said = _said(here, _example(lock, here), as_json=as_json, foreground=True)
    _become(local.command(lock, deployment, champion, said))


def _warn(lock: Lock, served: Served) -> None:
    """Say where the feature store does not answer: what is served takes its fallback until it does."""
    from ..architecture.feature_views import store_of
    from ..runtime.models.bundle import read_program
    from ..runtime.serving.online_store import require_written
    from ..runtime.state import State

    silent = require_written(lock, read_program(State(lock.root).path("serving", served.model, served.version)))
    if silent is not None:
        fallback = store_of(lock.architecture).fallback
        click.echo(f"warning: the feature store does not answer ({silent}); until it does, `fallback = {fallback}` holds", err=True)


def _become(arguments: list[str]) -> NoReturn:
    """Put the server in this process's place: what looked the version up needs several times the server's memory."""
    sys.stdout.flush()
    sys.stderr.flush()
    os.execv(arguments[0], arguments)


def _example(lock: Lock, served: Served) -> Row | None:
    from ..runtime.serving.example import example_row, request_columns
    from ..runtime.state import State

    state = State(lock.root)
    return example_row(state, served.model, request_columns(state.path("serving", served.model, served.version)))


def _said(served: Served, row: Row | None, *, as_json: bool, foreground: bool = False) -> str:
    """What the user is told once the deployment answers."""
    curl = f"curl {served.url}/predict -d {shlex.quote(json.dumps(row))}" if row else f"curl {served.url}/openapi.json"
    if as_json:
        plain = {
            "ok": True,
            "deployment": served.deployment,
            "host": served.host,
            "url": served.url,
            "model": served.model,
            "version": served.version,
            "pid": served.pid,
            "dashboard": served.dashboard,
            "log": served.log,
            "example": row,
        }
        return json.dumps(plain)
    lines = [f"{served.deployment}: {served.model} version {served.version} answers at {served.url}", f"  try it   {curl}"]
    lines.append("  or       mlarch predict")
    if served.dashboard:
        lines.append(f"  Ray      {served.dashboard}")
    lines.append("  stop it  " + ("Ctrl-C" if foreground else "mlarch down"))
    return "\n".join(lines)
