"""The services: the example served by mlarch, with and without Ray, and the rival; each asked by the same load."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from .commands import EXAMPLE, MLARCH, ROOT, Failed, run
from .load import CONNECTIONS, Measured
from .machine import memory

ROW = {"mean_radius": 18.25, "mean_texture": 19.98, "mean_area": 1040.0, "mean_concavity": 0.1127}
PROBABILITIES_AGREE = 1e-9


class Asked(msgspec.Struct, frozen=True):
    """What one round of load has found: the load's figures, and PSS and RSS in MB after it."""

    load: Measured
    memory: tuple[float, float] | None
    probability: float


def fresh(folder: Path, example: Path = EXAMPLE) -> Path:
    """Return a new copy of an example, with nothing built or run."""
    copy = folder / f"copy-{time.monotonic_ns()}"
    shutil.copytree(example, copy, ignore=shutil.ignore_patterns(".mlarch", "build", "__pycache__"))
    return copy


@contextmanager
def demo(copy: Path, *, ray: bool) -> Iterator[tuple[float, dict[str, Any]]]:
    """Go through the steps of `make demo` in a fresh copy; gives the seconds and what `serve` says. The server is stopped at the end."""
    port = f"deployment.api.port={free_port()}"
    serve = ("serve", "--json", port) if ray else ("serve", "--local", "--detach", "--json", port)
    served: dict[str, Any] = {}
    started = time.perf_counter()
    try:
        for step in (("check",), ("compile",), ("run",), serve, ("predict", "--times", "500"), ("status",)):
            said = run(MLARCH, *step, cwd=copy)
            if step is serve:
                served = json.loads(said)
        yield time.perf_counter() - started, served
    finally:
        run(MLARCH, "down", cwd=copy)


@contextmanager
def rival(copy: Path) -> Iterator[tuple[str, int]]:
    """Serve the model of a copy that has run by the hand-written service; gives its address and process."""
    constants = copy / "rival.json"
    constants.write_bytes(msgspec.json.encode(found(copy)))
    port = free_port()
    process = subprocess.Popen([sys.executable, "-m", f"{__package__}.rival", str(constants), str(port)], cwd=ROOT)
    try:
        url = f"http://127.0.0.1:{port}"
        deadline = time.monotonic() + 60
        while not listens(port):
            if process.poll() is not None or time.monotonic() > deadline:
                raise Failed("the hand-written service did not start")
            time.sleep(0.05)
        yield url, process.pid
    finally:
        process.terminate()
        process.wait()


def found(copy: Path) -> dict[str, Any]:
    """Return what training has found in a copy: each feature is `(value - mean) / scale` in the fitted program."""
    (folder,) = (copy / ".mlarch" / "models" / "classifier").iterdir()
    weights = json.loads((folder / "weights.json").read_text())
    features = json.loads((folder / "program.json").read_text())["features"]
    quotients = [feature["expression"] for feature in features]
    return {
        "means": [each["arguments"][0]["arguments"][1]["value"] for each in quotients],
        "scales": [each["arguments"][1]["value"] for each in quotients],
        "weights": weights["weights"][0],
        "intercept": weights["intercepts"][0],
    }


def ask(url: str, process: int) -> Asked:
    """Ask a service once, then under load; one wrong answer is an error.

    Raises Failed.
    """
    address, body = f"{url}/predict", json.dumps(ROW)
    request = urllib.request.Request(address, data=body.encode(), headers={"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        first = json.loads(answer.read())
    held = first.get("predictions", [first])[0]
    measured = msgspec.json.decode(run(sys.executable, "-m", f"{__package__}.load", address, body, cwd=ROOT), type=Measured)
    if measured.wrong:
        raise Failed(f"{measured.wrong} of the answers at {url} under {CONNECTIONS} connections were not 200")
    return Asked(measured, memory(process), held["probability"])


def agree(*asked: Asked) -> None:
    """Two services with the same model give the same probability for the same row.

    Raises Failed.
    """
    if max(each.probability for each in asked) - min(each.probability for each in asked) > PROBABILITIES_AGREE:
        raise Failed(f"the services disagree: {[each.probability for each in asked]}")


def listens(port: int) -> bool:
    """Return whether something takes connections at a port."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def free_port() -> int:
    """Return a port that nothing has at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
