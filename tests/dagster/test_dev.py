"""`dagster dev` in the example's folder, as a user starts it: no flags, no environment variable."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

import mlarch
from mlarch.runtime.serving.hosting import free_ports

from .test_assets import KEYS

pytestmark = pytest.mark.servers

ASSETS = "{ assetNodes { assetKey { path } groupName kinds hasMaterializePermission } }"
RUNS = "{ runsOrError { ... on Runs { results { runId jobName status } } } }"
LAUNCH = """mutation { launchRun(executionParams: {selector: {repositoryLocationName: "definitions", repositoryName: "__repository__",
jobName: "train_classifier"}, runConfigData: {}, mode: "default"}) { __typename ... on LaunchRunSuccess { run { runId } } } }"""
LATEST = '{ assetOrError(assetKey: {path: ["classifier", "registered"]}) { ... on Asset { assetMaterializations { runId } } } }'


class Screen:
    """A running `dagster dev`, asked over GraphQL."""

    def __init__(self, folder: Path, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.log = folder / "dev.log"
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("DAGSTER_", "MLARCH_"))}
        program = Path(sys.executable).with_name("dagster")
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [program, "dev", "-p", str(port)], cwd=folder, env=environment, stdout=log, stderr=log, start_new_session=True
            )

    def ask(self, query: str) -> Any:
        """Send a query and return its data."""
        request = urllib.request.Request(f"{self.url}/graphql", json.dumps({"query": query}).encode(), {"content-type": "application/json"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)["data"]

    def wait(self, seconds: float = 150) -> None:
        """Wait until it answers."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            assert self.process.poll() is None, self.log.read_text()
            with suppress(OSError):
                urllib.request.urlopen(f"{self.url}/server_info", timeout=5).close()
                return
            time.sleep(0.3)
        raise AssertionError(self.log.read_text())

    def stop(self) -> None:
        """End it as Ctrl-C does, and see that nothing of it is left."""
        self.process.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(90)
        deadline = time.monotonic() + 30
        while members(self.process.pid) and time.monotonic() < deadline:
            time.sleep(0.3)
        left = members(self.process.pid)
        for pid in left:
            os.kill(pid, signal.SIGKILL)
        assert not left


def members(session: int) -> list[int]:
    """The processes of a session that still run."""
    listed = subprocess.run(["ps", "-eo", "pid=,sess=,stat="], capture_output=True, text=True, check=True).stdout.split("\n")
    fields = [line.split() for line in listed if line]
    return [int(pid) for pid, of, state in fields if int(of) == session and not state.startswith("Z")]


@pytest.fixture
def screen(project: Path) -> Iterator[Screen]:
    """`dagster dev` in a fresh copy of the example."""
    (port,) = free_ports(1)
    started = Screen(project.parent, port)
    try:
        started.wait()
        yield started
    finally:
        started.stop()


def test_the_graph_is_shown_and_the_job_runs(screen: Screen, project: Path) -> None:
    """Without a flag the assets are shown; the job, launched there, succeeds; and `mlarch run` and the screen see one another's runs."""
    nodes = {"/".join(node["assetKey"]["path"]): node for node in screen.ask(ASSETS)["assetNodes"]}
    assert set(nodes) == set(KEYS) and {node["groupName"] for node in nodes.values()} == {"cancer"}
    assert screen.ask(LAUNCH)["launchRun"]["__typename"] == "LaunchRunSuccess"
    deadline = time.monotonic() + 240
    while (run := screen.ask(RUNS)["runsOrError"]["results"][0])["status"] not in ("SUCCESS", "FAILURE", "CANCELED"):
        assert time.monotonic() < deadline, run
        time.sleep(1)
    assert run["status"] == "SUCCESS", screen.log.read_text()

    again = mlarch.load(project).run()
    assert again.ok and set(again.outcomes.values()) == {"unchanged"} and again.values["classifier/registered"].version == "1"
    assert mlarch.load(project).run(only="classifier/registered").ok
    assert len(screen.ask(RUNS)["runsOrError"]["results"]) == 2
    assert len(screen.ask(LATEST)["assetOrError"]["assetMaterializations"]) == 2
