"""What both hosts share: which deployment is meant, free ports, the record of what is running, and asking whether it is ready."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import urllib.error
import urllib.request
from pathlib import Path

import msgspec

from ...architecture.blocks.deployment import Deployment, Mode
from ...architecture.errors import ArchitectureError
from ...architecture.lock import Lock
from ...language.suggest import names, nearest
from ..state import State, read_value
from .processes import birth, end, end_marked, is_alive


class Served(msgspec.Struct, frozen=True, kw_only=True):
    """A running server: `host` is `local` or `ray`, `pid` the process that ends it all, `dashboard` Ray's own address.

    `born` tells that process from a later one of the same number; `version` is empty while the server starts.
    """

    deployment: str
    host: str
    pid: int
    born: int | None = None
    url: str
    model: str
    version: str
    log: str | None = None
    dashboard: str | None = None
    scratch: str | None = None

    @property
    def alive(self) -> bool:
        return is_alive(self.pid) and birth(self.pid) == self.born


def chosen(lock: Lock, name: str | None) -> Deployment:
    """Return the online deployment that is meant; where there is only one, it need not be named.

    Raises ArchitectureError (MLA703) when there is none, or several and none is named.
    """
    online = {key: each for key, each in lock.architecture.deployment.items() if each.mode is Mode.ONLINE}
    if name is None and len(online) == 1:
        return next(iter(online.values()))
    if name in online:
        return online[name]
    if not online:
        raise ArchitectureError("MLA703", "the architecture has no online deployment", help="add one: `deployment api { model = model.… }`")
    guess = nearest(name or "", online)
    message = (
        "which deployment is meant?"
        if name is None
        else f"there is no deployment `{name}`" + (f"; did you mean `{guess}`?" if guess else "")
    )
    raise ArchitectureError("MLA703", message, help=f"name one of {names(online)}")


def slo_bounds(deployment: Deployment) -> tuple[float, ...]:
    """Return the latencies that the SLO names, in seconds."""
    slo = deployment.slo
    return tuple(sorted({limit.bound.value for limit in (slo.p50, slo.p95, slo.p99) if limit})) if slo else ()


def record_path(state: State, deployment: str) -> Path:
    """Return where the record of a running server is kept."""
    return state.path("serving", f"{deployment}.json")


def recorded(state: State, deployment: str) -> Served | None:
    """Return the server that is running for a deployment, or None; what one that has died left behind is removed."""
    served = read_value(record_path(state, deployment), Served)
    if served is not None and not served.alive:
        remove(served, state)
        return None
    return served


def every_recorded(state: State) -> dict[str, Served]:
    """Return the servers on record by deployment, those that have died too."""
    found = (read_value(path, Served) for path in sorted((state.folder / "serving").glob("*.json")))
    return {served.deployment: served for served in found if served is not None}


def remove(served: Served, state: State) -> None:
    """End a server with everything that it started, and remove its scratch folder and its record. One that is dead already is no error."""
    if served.alive and served.pid != os.getpid():
        end(served.pid)
    if served.scratch:
        end_marked(served.scratch)
        shutil.rmtree(served.scratch, ignore_errors=True)
    record_path(state, served.deployment).unlink(missing_ok=True)


def served_already(served: Served) -> ArchitectureError:
    """Say that a deployment is being served, and how to stop it."""
    at = f"deployment.{served.deployment}"
    return ArchitectureError(
        "MLA701", f"`{served.deployment}` is being served already, at {served.url}", at=at, help="`mlarch down` stops it"
    )


def require_free(deployment: Deployment) -> None:
    """See that the deployment's port is free.

    Raises ArchitectureError (MLA701) when it is not.
    """
    with socket.socket(socket.AF_INET6 if ":" in deployment.host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((deployment.host, deployment.port))
        except OSError as problem:
            at = f"deployment.{deployment.name}.port"
            help = (
                f"stop what listens there, or choose another: `deployment.{deployment.name}.port={deployment.port + 1}` on the command line"
            )
            raise ArchitectureError(
                "MLA701", f"{deployment.host}:{deployment.port} cannot be used: {problem.strerror}", at=at, help=help
            ) from None


def free_ports(count: int) -> list[int]:
    """Return ports that are free now, all different."""
    with contextlib.ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [int(probe.getsockname()[1]) for probe in probes]


def url_of(deployment: Deployment) -> str:
    """Return the address at which this machine reaches a deployment."""
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(deployment.host, deployment.host)
    return f"http://{host}:{deployment.port}"


def is_ready(url: str, *, seconds: float = 1.0) -> bool:
    """Ask a server whether it is ready."""
    try:
        with urllib.request.urlopen(f"{url}/readyz", timeout=seconds) as answer:
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError, ValueError):
        return False


def answering_version(url: str) -> str | None:
    """Return the model version that a server answers with, or None when it does not answer."""
    try:
        with urllib.request.urlopen(f"{url}/readyz", timeout=2) as answer:
            return str(json.load(answer)["version"])
    except (OSError, ValueError, KeyError):
        return None
