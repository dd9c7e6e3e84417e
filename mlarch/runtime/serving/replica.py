"""The same app inside a Ray Serve replica: Ray imports `build`, and a new model version arrives in `user_config`, without a restart."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from ray import serve

from ...architecture.lock import read_lock
from .app import App, Receive, Scope, Send, lifespan
from .hosting import slo_bounds

_current: App | None = None


async def current(scope: Scope, receive: Receive, send: Send) -> None:
    """Hand a request to the app of the version that was last configured."""
    if scope["type"] == "lifespan":  # the host starts before the first version is configured
        await lifespan(receive, send)
    else:
        assert _current is not None, "requests come after the first configuration"
        await _current(scope, receive, send)


def asgi() -> Callable[[Scope, Receive, Send], Awaitable[None]]:
    """Return the app; Ray calls this inside the replica."""
    return current


class Replica:
    """One replica of a deployment in a lock file. `user_config` says which bundle it answers with."""

    def __init__(self, lock: str, deployment: str) -> None:
        self.lock = lock
        self.deployment = deployment

    async def reconfigure(self, config: dict[str, Any]) -> None:
        """Load a version beside the one that answers, then let it take over."""
        global _current
        _current = await asyncio.to_thread(self._loaded, Path(config["folder"]), config["version"])

    def _loaded(self, folder: Path, version: str) -> App:
        """Return the app of a version, by what the lock file says now: a later build may name another feature store."""
        lock = read_lock(Path(self.lock))
        return App.load(folder, version, lock, slo_bounds(lock.architecture.deployment[self.deployment]))

    async def check_health(self) -> None:
        """Say that the replica is well."""
        if _current is None:
            raise RuntimeError("no model is loaded")


def build(args: dict[str, str]) -> serve.Application:
    """Return the application of a deployment; Ray Serve calls it with the `args` of the configuration."""
    hosted = serve.deployment(name=args["deployment"])(serve.ingress(asgi)(Replica))
    return hosted.bind(args["lock"], args["deployment"])
