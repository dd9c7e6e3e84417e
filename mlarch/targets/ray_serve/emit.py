"""`serve.yaml` of a build: Ray Serve's configuration, without the model version, which is chosen when it is deployed."""

from __future__ import annotations

import json
import math
from typing import Any

from ...architecture.architecture import Architecture
from ...architecture.blocks.deployment import Autoscale, Deployment, Mode
from ...architecture.blocks.training import Hardware
from ...architecture.lock import LOCK_NAME
from .. import Emission

#: What Ray Serve imports to build the application.
IMPORT_PATH = "mlarch.runtime.serving.replica:build"

#: Requests that a replica holds at once where no SLO says how many it must.
ONGOING = 100


def emit(architecture: Architecture, emission: Emission) -> dict[str, str]:
    """Return one configuration for each online deployment: `serve.yaml`, or `serve.<name>.yaml` where there are several."""
    online = [deployment for deployment in architecture.deployment.values() if deployment.mode is Mode.ONLINE]
    head = f"# Ray Serve configuration of `{architecture.system.name}`, compiled from {emission.source}. Not to be edited: compile again.\n"
    return {file_name(architecture, each): head + _yaml(configuration(architecture, each)) for each in online}


def file_name(architecture: Architecture, deployment: Deployment) -> str:
    """Return the name of a deployment's configuration in the build."""
    online = [each for each in architecture.deployment.values() if each.mode is Mode.ONLINE]
    return "serve.yaml" if len(online) == 1 else f"serve.{deployment.name}.yaml"


def configuration(architecture: Architecture, deployment: Deployment) -> dict[str, Any]:
    """Return the configuration as Ray Serve's REST interface takes it."""
    hardware = architecture.hardware[deployment.hardware.name] if deployment.hardware else Hardware(name="default")
    memory = {"memory": int(hardware.memory.value) // deployment.most_replicas} if hardware.memory else {}
    replica: dict[str, Any] = {
        "name": deployment.name,
        **_replicas(deployment),
        "max_ongoing_requests": ongoing(deployment),
        "health_check_period_s": 5,
        "graceful_shutdown_timeout_s": 20,
        "ray_actor_options": {"num_cpus": 1, **memory},
    }
    return {
        "proxy_location": "HeadOnly",
        "http_options": {"host": deployment.host, "port": deployment.port},
        "applications": [
            {
                "name": deployment.name,
                "route_prefix": "/",
                "import_path": IMPORT_PATH,
                "args": {"lock": LOCK_NAME, "deployment": deployment.name},
                "logging_config": {"log_level": "WARNING", "enable_access_log": False},
                "deployments": [replica],
            }
        ],
    }


def ongoing(deployment: Deployment) -> int:
    """Return how many requests a replica may hold: twice what Little's law asks for at the SLO's throughput and slowest latency.

    L = λ·W, divided over the replicas; the factor two is room for bursts.
    """
    slo = deployment.slo
    latencies = [limit.bound.value for limit in (slo.p50, slo.p95, slo.p99) if limit] if slo else []
    if slo is None or slo.throughput is None or not latencies:
        return ONGOING
    replicas = deployment.replicas.min if isinstance(deployment.replicas, Autoscale) else deployment.replicas
    return max(ONGOING, math.ceil(2 * slo.throughput.bound.value * max(latencies) / replicas))


def _replicas(deployment: Deployment) -> dict[str, Any]:
    if not isinstance(deployment.replicas, Autoscale):
        return {"num_replicas": deployment.replicas}
    target = max(1, ongoing(deployment) // 2)
    return {
        "autoscaling_config": {
            "min_replicas": deployment.replicas.min,
            "max_replicas": deployment.replicas.max,
            "target_ongoing_requests": target,
        }
    }


def _yaml(value: dict[str, Any], indent: int = 0) -> str:
    """Return block-style YAML of plain data: JSON's scalars are YAML's."""
    lines = []
    for key, part in value.items():
        space = " " * indent
        if isinstance(part, dict):
            lines.append(f"{space}{key}:\n{_yaml(part, indent + 2)}")
        elif isinstance(part, list):
            items = [_yaml(item, indent + 4) for item in part]
            lines.append(f"{space}{key}:\n" + "".join(f"{space}  - {item[indent + 4 :]}" for item in items))
        else:
            lines.append(f"{space}{key}: {json.dumps(part)}\n")
    return "".join(lines)
