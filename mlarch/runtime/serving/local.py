"""The app on uvicorn, for the inner loop: one process, nothing else to start."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import uvicorn

from ...architecture.errors import ArchitectureError
from ...architecture.lock import Lock, read_lock
from ..state import State
from .hosting import Served, chosen, is_ready, record_path, recorded, require_free, served_already, slo_bounds, url_of
from .processes import birth, end

if TYPE_CHECKING:
    from ...architecture.blocks.deployment import Deployment
    from ..registry.champion import Champion

START_SECONDS = 60.0
#: How long requests that are being answered may take once the server is told to stop.
DRAIN_SECONDS = 10


def prepare(lock: Lock, name: str | None) -> tuple[Deployment, Champion]:
    """Return the deployment that is meant and the version that it serves.

    Raises ArchitectureError when nothing is in its stage (MLA606), the feature store has not what it reads (MLA906), it
    runs already or its port is taken (MLA701).
    """
    from ..models.bundle import read_program
    from ..registry.champion import fetch_champion
    from .online_store import require_written

    deployment = chosen(lock, name)
    state = State(lock.root)
    running = recorded(state, deployment.name)
    if running is not None:
        raise served_already(running)
    require_free(deployment)
    champion = fetch_champion(lock, deployment.model.name, deployment.stage, state)
    require_written(lock, read_program(Path(champion.folder)))  # here rather than in the log of a process that ends
    return deployment, champion


def command(lock: Lock, deployment: Deployment, champion: Champion, said: str = "") -> list[str]:
    """Return the command of a fresh process that serves a version: it never loads what resolved the version.

    `said` is printed when it is ready.
    """
    return [sys.executable, "-m", "mlarch.runtime.serving.local", str(lock.path), deployment.name, champion.folder, champion.version, said]


def start(lock: Lock, deployment: Deployment, champion: Champion) -> Served:
    """Serve in a process of its own and return once it is ready.

    Raises ArchitectureError (MLA702) when it does not become ready.
    """
    state = State(lock.root)
    log = state.path("logs", f"{deployment.name}.log")
    with log.open("wb") as file:
        process = subprocess.Popen(command(lock, deployment, champion), stdout=file, stderr=file, start_new_session=True)
    try:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and process.poll() is None:
            served = recorded(state, deployment.name)
            if served is not None and is_ready(served.url):
                return served
            time.sleep(0.05)
    except BaseException:
        end(process.pid)
        raise
    end(process.pid)
    why = (log.read_text(errors="replace").strip().splitlines() or ["it does not say why"])[-1]
    raise ArchitectureError(
        "MLA702", f"the server did not become ready: {why}", at=f"deployment.{deployment.name}", help=f"its log is {log}"
    )


class _Server(uvicorn.Server):
    """A server that is on record, and says so, from the moment at which it listens."""

    def __init__(self, config: uvicorn.Config, served: Served, state: State, said: str) -> None:
        super().__init__(config)
        self.served = served
        self.state = state
        self.said = said

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, then tell."""
        await super().startup(sockets)
        if self.started:
            self.state.write_value(record_path(self.state, self.served.deployment), self.served, "serving.record")
            if self.said:
                print(self.said, flush=True)


def main(lock_path: str, name: str, folder: str, version: str, said: str = "") -> None:
    """Serve until told to stop; the record of the server exists while it runs. A model that cannot be read ends in one line."""
    signal.signal(signal.SIGTERM, _leave)  # uvicorn drains first, then raises the signal again
    try:
        _serve(read_lock(Path(lock_path)), name, Path(folder), version, said)
    except ArchitectureError as problem:
        sys.exit(f"error[{problem.code}]: {problem.message}")
    except KeyboardInterrupt:
        return


def _serve(lock: Lock, name: str, folder: Path, version: str, said: str) -> None:
    from .app import App

    deployment = chosen(lock, name)
    state, pid = State(lock.root), os.getpid()
    served = Served(
        deployment=name, host="local", pid=pid, born=birth(pid), url=url_of(deployment), model=deployment.model.name, version=version
    )
    config = uvicorn.Config(
        App.load(folder, version, lock, slo_bounds(deployment)),
        host=deployment.host,
        port=deployment.port,
        access_log=False,
        log_level="warning",
        lifespan="off",
        server_header=False,
        timeout_graceful_shutdown=DRAIN_SECONDS,
    )
    server = _Server(config, served, state, said)
    try:
        server.run()
    finally:
        if server.started:
            record_path(state, name).unlink(missing_ok=True)


def _leave(number: int, frame: object) -> NoReturn:
    sys.exit(0)


if __name__ == "__main__":
    main(*sys.argv[1:])
