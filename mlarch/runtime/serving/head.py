"""Ray on this machine: a cluster of our own, whose processes, ports and files are told apart from any other's."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import tempfile
from pathlib import Path

import msgspec

from ...architecture.blocks.deployment import Deployment
from ...architecture.lock import Lock
from ..engines import quiet
from ..state import State
from .hosting import Served, free_ports, record_path, url_of
from .processes import MARK, birth

#: How long a replica that is to end still takes requests, until HAProxy has surely heard of it; Ray's own 30 seconds are for networks.
DRAIN_SECONDS = 3


def start_cluster(lock: Lock, deployment: Deployment, state: State) -> Served:
    """Start Ray for a deployment, on record from the first moment, and return at once: it takes a while to answer."""
    quiet()
    gcs, dashboard, agent, agent_grpc, runtime, client, metrics, *proxies = free_ports(10)
    # Sockets lie here, whose paths may have 97 characters, 67 of them Ray's own: a project's folder is too deep for them.
    scratch = Path(tempfile.mkdtemp(prefix="mlarch-", dir="/tmp"))
    log = state.path("logs", f"{deployment.name}.ray.log")
    starting = Served(
        deployment=deployment.name,
        host="ray",
        pid=os.getpid(),  # until the cluster has a process of its own: from now on nothing is lost, whatever happens to this one
        born=birth(os.getpid()),
        url=url_of(deployment),
        model=deployment.model.name,
        version="",
        log=str(log),
        dashboard=f"http://127.0.0.1:{dashboard}",
        scratch=str(scratch),
    )
    state.write_value(record_path(state, deployment.name), starting, "serving.record")
    options = {
        "node-ip-address": "127.0.0.1",
        "port": gcs,
        "dashboard-host": "127.0.0.1",
        "dashboard-port": dashboard,
        "dashboard-agent-listen-port": agent,
        "dashboard-agent-grpc-port": agent_grpc,
        "runtime-env-agent-port": runtime,
        "ray-client-server-port": client,
        "metrics-export-port": metrics,
        "temp-dir": scratch,
        **_logical(lock, deployment),
        "object-store-memory": 100_000_000,
        "include-log-monitor": "false",
    }
    command = [sys.executable, "-m", "ray.scripts.scripts", "start", "--head", "--block", "--disable-usage-stats"]
    with log.open("wb") as file:
        process = subprocess.Popen(
            [*command, *(f"--{name}={value}" for name, value in options.items())],
            stdout=file,
            stderr=file,
            env=_environment(scratch, *proxies),
            start_new_session=True,
        )
    served = msgspec.structs.replace(starting, pid=process.pid, born=birth(process.pid))
    state.write_value(record_path(state, deployment.name), served, "serving.record")
    return served


def _logical(lock: Lock, deployment: Deployment) -> dict[str, int]:
    """Room for every replica, whatever this machine has: to Ray, CPUs and memory are numbers that replicas are placed by."""
    cpus = {"num-cpus": max(os.cpu_count() or 1, deployment.most_replicas + 1)}
    hardware = lock.architecture.hardware[deployment.hardware.name] if deployment.hardware else None
    return {**cpus, "memory": int(hardware.memory.value)} if hardware and hardware.memory else cpus


def _environment(scratch: Path, metrics: int, stats: int, fallback: int) -> dict[str, str]:
    """HAProxy and throughput mode must be set before Ray starts; what two clusters on one machine would share is set apart."""
    proxy = scratch / "p"
    proxy.mkdir()
    replicas = 20_000 + 100 * secrets.randbelow(100)
    return {
        **os.environ,
        MARK: str(scratch),
        # Ray binds the loopback address only: otherwise it takes the machine's own for it, and stands open to the network.
        "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",
        "RAY_SERVE_ENABLE_HA_PROXY": "1",
        "RAY_SERVE_THROUGHPUT_OPTIMIZED": "1",
        "RAY_SERVE_HAPROXY_CONFIG_FILE_LOC": str(proxy / "haproxy.cfg"),
        "RAY_SERVE_HAPROXY_SOCKET_PATH": str(proxy / "admin.sock"),
        "RAY_SERVE_HAPROXY_SERVER_STATE_BASE": str(proxy),
        "RAY_SERVE_HAPROXY_SERVER_STATE_FILE": str(proxy / "state"),
        "RAY_SERVE_HAPROXY_METRICS_PORT": str(metrics),
        "RAY_SERVE_HAPROXY_STATS_PORT": str(stats),
        "RAY_SERVE_HAPROXY_NBTHREAD": "1",
        "RAY_SERVE_FALLBACK_PROXY_HTTP_PORT": str(fallback),
        "RAY_SERVE_DIRECT_INGRESS_MIN_HTTP_PORT": str(replicas),
        "RAY_SERVE_DIRECT_INGRESS_MAX_HTTP_PORT": str(replicas + 99),
        "RAY_SERVE_DIRECT_INGRESS_MIN_DRAINING_PERIOD_S": str(DRAIN_SECONDS),
        # One thread a replica: OpenMP guessing is what makes boosted trees slow beside anything else.
        "OMP_NUM_THREADS": "1",
    }
