"""The app on Ray Serve: a cluster of its own on this machine, in HAProxy and throughput mode, deployed by configuration."""

from __future__ import annotations

import contextlib
import http.client
import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from ...architecture.blocks.deployment import Deployment
from ...architecture.errors import ArchitectureError
from ...architecture.lock import Lock
from ..engines import quiet
from ..models.bundle import Bundle
from ..registry.champion import Champion, fetch_champion
from ..state import State
from .head import start_cluster
from .hosting import (
    Served,
    answering_version,
    chosen,
    every_recorded,
    record_path,
    recorded,
    remove,
    require_free,
    served_already,
    url_of,
)
from .online_store import require_written

START_SECONDS = 120.0
#: How long requests that are being answered may take once a cluster is told to stop.
STOP_SECONDS = 25.0
Say = Callable[[str], None]


def serve(lock: Lock, name: str | None, configuration: Mapping[str, Any], say: Say = lambda text: None) -> Served:
    """Deploy the version in the deployment's stage and return once it answers; a running cluster is reused.

    `configuration` is what the build says, from `serve.yaml`. Raises ArchitectureError: MLA606 when nothing is in the stage, MLA701 when
    the port is taken, MLA702 when a replica does not start, MLA904 when Ray does not, MLA906 when the feature store was never filled.
    """
    deployment, state = chosen(lock, name), State(lock.root)
    with state.lock(f"serve-{deployment.name}", seconds=2 * START_SECONDS):  # a second command waits, and finds the cluster of the first
        served = recorded(state, deployment.name)
        if served is not None and (served.host != "ray" or served.url != url_of(deployment)):
            raise served_already(served)
        if served is not None:
            say("looking the version up")
            return _serve_on(served, lock, deployment, configuration, say)
        require_free(deployment)
        say("starting Ray")
        try:
            return _serve_on(start_cluster(lock, deployment, state), lock, deployment, configuration, say)
        except BaseException:  # a redeployment that failed leaves the former version answering, a start that failed leaves nothing
            begun = every_recorded(state).get(deployment.name)
            if begun is not None:
                stop(begun, state)
            raise


def _serve_on(served: Served, lock: Lock, deployment: Deployment, configuration: Mapping[str, Any], say: Say) -> Served:
    """Deploy on a cluster; the version is looked up while it starts."""
    state = State(lock.root)
    champion = fetch_champion(lock, deployment.model.name, deployment.stage, state)
    require_written(lock, Bundle.load(Path(champion.folder)).program)  # a replica that cannot answer ends, and the former version with it
    refuse_unknown(configuration)
    _wait_for_cluster(served)
    say(f"deploying {champion.name} version {champion.version}")
    _deploy(served, _completed(configuration, lock, champion))
    _wait_for_answers(served, champion)
    served = msgspec.structs.replace(served, version=champion.version)
    state.write_value(record_path(state, deployment.name), served, "serving.record")
    return served


def stop(served: Served, state: State) -> None:
    """End a server, a cluster with everything that it started."""
    if served.dashboard and served.alive:
        with contextlib.suppress(ArchitectureError, OSError, http.client.HTTPException):
            _ask(served.dashboard, "/api/serve/applications/", "DELETE", seconds=STOP_SECONDS)
    remove(served, state)


def refuse_unknown(configuration: Mapping[str, Any]) -> None:
    """Refuse keys that Ray Serve does not know: it would drop them without a word.

    Raises ArchitectureError (MLA702).
    """
    quiet()
    from ray.serve.config import AutoscalingConfig
    from ray.serve.schema import (
        DeploymentSchema,
        HTTPOptionsSchema,
        LoggingConfig,
        RayActorOptionsSchema,
        ServeApplicationSchema,
        ServeDeploySchema,
    )

    def known(model: Any, part: Mapping[str, Any], place: str) -> None:
        for key in part:
            if key not in model.model_fields:
                raise ArchitectureError(
                    "MLA702", f"Ray Serve does not know `{place}{key}`", help="`mlarch compile` writes the configuration anew"
                )

    known(ServeDeploySchema, configuration, "")
    known(HTTPOptionsSchema, configuration.get("http_options", {}), "http_options.")
    for application in configuration.get("applications", []):
        known(ServeApplicationSchema, application, "applications.")
        known(LoggingConfig, application.get("logging_config", {}), "applications.logging_config.")
        for part in application.get("deployments", []):
            known(DeploymentSchema, part, "deployments.")
            known(RayActorOptionsSchema, part.get("ray_actor_options", {}), "deployments.ray_actor_options.")
            known(AutoscalingConfig, part.get("autoscaling_config", {}), "deployments.autoscaling_config.")


def _completed(configuration: Mapping[str, Any], lock: Lock, champion: Champion) -> dict[str, Any]:
    """Return the configuration with what only this machine knows: where the lock file is, and the version with its bundle."""
    completed: dict[str, Any] = json.loads(json.dumps(configuration))
    for application in completed["applications"]:
        application["args"]["lock"] = str(lock.path)
        for part in application["deployments"]:
            # The time makes it differ from what has failed before, which Ray would not try again.
            part["user_config"] = {"folder": champion.folder, "version": champion.version, "deployed": time.time()}
    return completed


def _wait_for_cluster(served: Served) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and served.alive:
        with contextlib.suppress(ArchitectureError, OSError, http.client.HTTPException):
            _ask(served.dashboard or "", "/api/serve/applications/", "GET", seconds=5)
            return
        time.sleep(0.2)
    raise ArchitectureError(
        "MLA904", "Ray did not start", at=f"deployment.{served.deployment}", help=f"its log is {served.log}; `--local` serves without Ray"
    )


def _deploy(served: Served, configuration: Mapping[str, Any]) -> None:
    _ask(served.dashboard or "", "/api/serve/applications/", "PUT", json.dumps(configuration).encode(), seconds=60)


def _wait_for_answers(served: Served, champion: Champion) -> None:
    """Wait until the application runs and the proxy answers with the version that was deployed."""
    at = f"deployment.{served.deployment}"
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if not served.alive:
            raise ArchitectureError("MLA904", "Ray ended while the deployment was starting", at=at, help=f"its log is {served.log}")
        application = _application(served)
        if application.get("status") == "DEPLOY_FAILED":
            raise ArchitectureError(
                "MLA702", f"the replica did not start: {_reason(application)}", at=at, help=f"Ray's log is {served.log}"
            )
        if application.get("status") == "RUNNING" and answering_version(served.url) == champion.version:
            return
        time.sleep(0.2)
    raise ArchitectureError(
        "MLA702", "the deployment did not become ready", at=at, help=f"Ray's log is {served.log}; its screen is {served.dashboard}"
    )


def _application(served: Served) -> Mapping[str, Any]:
    """What Ray says of the application; nothing where its screen is too busy to answer, which it is while replicas start."""
    try:
        said = _ask(served.dashboard or "", "/api/serve/applications/", "GET", seconds=20)
    except (OSError, http.client.HTTPException, ArchitectureError):
        return {}
    application: Mapping[str, Any] = said.get("applications", {}).get(served.deployment, {})
    return application


def _reason(application: Mapping[str, Any]) -> str:
    """The last line of what Ray says: the exception itself."""
    messages = [application.get("message", ""), *(each.get("message", "") for each in application.get("deployments", {}).values())]
    lines = [line.strip() for message in messages for line in message.splitlines() if line.strip()]
    return lines[-1] if lines else "Ray does not say why"


def _ask(dashboard: str, path: str, method: str, body: bytes | None = None, *, seconds: float) -> dict[str, Any]:
    """Call Ray Serve's REST interface.

    Raises ArchitectureError (MLA904) when it refuses, OSError when it does not answer.
    """
    request = urllib.request.Request(dashboard + path, data=body, method=method, headers={"content-type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=seconds) as answer:
            text = answer.read()
    except urllib.error.HTTPError as problem:
        raise ArchitectureError(
            "MLA904", f"Ray Serve refused the configuration: {problem.read().decode(errors='replace').strip()[-500:]}"
        ) from None
    return dict(json.loads(text)) if text else {}
