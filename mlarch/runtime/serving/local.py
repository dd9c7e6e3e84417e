"""The app on uvicorn, for the inner loop: one process, nothing else to start."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from ...architecture.errors import ArchitectureError
from ...architecture.lock import Lock, read_lock
from ..state import State
from .hosting import Served, chosen, end, is_ready, record_path, recorded, require_free, slo_bounds, url_of

if TYPE_CHECKING:
    from ...architecture.blocks.deployment import Deployment
    from ..registry.champion import Champion

START_SECONDS = 60.0


def prepare(lock: Lock, name: str | None) -> tuple[Deployment, Champion]:
    """Return the deployment that is meant and the version that it serves.

    Raises ArchitectureError when nothing is in its stage (MLA606), it runs already or its port is taken (MLA701).
    """
    from ..registry.champion import fetch_champion

    deployment = chosen(lock, name)
    state = State(lock.root)
    running = recorded(state, deployment.name)
    if running is not None:
        raise ArchitectureError(
            "MLA701",
            f"`{deployment.name}` is being served already, at {running.url}",
            at=f"deployment.{deployment.name}",
            help="`mlarch down` stops it",
        )
    require_free(deployment)
    return deployment, fetch_champion(lock, deployment.model.name, deployment.stage, state)


def command(lock: Lock, deployment: Deployment, champion: Champion) -> list[str]:
    """Return the command of a fresh process that serves a version: it never loads what resolved the version."""
    return [sys.executable, "-m", "mlarch.runtime.serving.local", str(lock.path), deployment.name, champion.folder, champion.version]


def start(lock: Lock, name: str | None) -> Served:
    """Serve in a process of its own and return once it is ready.

    Raises ArchitectureError (MLA702) when it does not become ready.
    """
    deployment, champion = prepare(lock, name)
    log = State(lock.root).path("logs", f"{deployment.name}.log")
    with log.open("wb") as file:
        process = subprocess.Popen(command(lock, deployment, champion), stdout=file, stderr=file, start_new_session=True)
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        served = recorded(State(lock.root), deployment.name)
        if served is not None and is_ready(served.url):
            return served
        time.sleep(0.05)
    end(process.pid)
    raise ArchitectureError("MLA702", "the server did not become ready", at=f"deployment.{deployment.name}", help=f"its log is {log}")


def main(lock_path: str, name: str, folder: str, version: str) -> None:
    """Serve until told to stop; the record of the server exists while it runs."""
    import uvicorn

    from .app import App

    lock = read_lock(Path(lock_path))
    deployment = chosen(lock, name)
    app = App.load(Path(folder), version, slo_bounds(deployment))
    state = State(lock.root)
    served = Served(deployment=name, host="local", pid=os.getpid(), url=url_of(deployment), model=deployment.model.name, version=version)
    path = record_path(state, name)
    state.write_value(path, served, "serving.record")
    try:
        uvicorn.run(
            app, host=deployment.host, port=deployment.port, access_log=False, log_level="warning", lifespan="off", server_header=False
        )
    finally:
        path.unlink(missing_ok=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
