"""Ray Serve for real: one cluster, started by `mlarch serve`, that answers, takes new versions under load, and goes without a trace."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec
import pytest

import mlarch
from mlarch.architecture.errors import ArchitectureError
from mlarch.architecture.lock import Lock
from mlarch.runtime.serving import cluster
from mlarch.runtime.serving.hosting import Served, chosen, every_recorded, record_path
from mlarch.runtime.serving.processes import MARK
from mlarch.runtime.state import State
from mlarch.targets.ray_serve.read import read_configuration

from ..conftest import copy_example
from ..servers import ROW, call, lock_of, on_own_port, running, started, stop_all

pytestmark = [pytest.mark.servers, pytest.mark.timeout(600)]
Capsys = pytest.CaptureFixture[str]
Edit = Callable[[Path, str, str], Path]


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A trained project, served on a cluster by the command line; the tests below share it, in their order."""
    copied = on_own_port(copy_example(tmp_path_factory.mktemp("ray") / "cancer"))
    assert mlarch.load(copied).run().ok
    process = started("serve", copied)
    out, err = process.communicate(timeout=400)
    assert process.returncode == 0, out + err
    assert "starting Ray" in err and "deploying cancer.classifier version 1" in err
    yield copied
    stop_all(copied)


def ask(served: Served, method: str, path: str, body: str | bytes | None = None, **headers: str) -> tuple[int, dict[str, str], Any]:
    """Send one request through HAProxy."""
    connection = http.client.HTTPConnection(urlsplit(served.url).netloc, timeout=30)
    try:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        text = answer.read()
        is_json = text and answer.headers.get_content_type() == "application/json"
        return answer.status, dict(answer.headers), json.loads(text) if is_json else text
    finally:
        connection.close()


def processes(scratch: str | None) -> dict[int, str]:
    """Every process of a cluster, with its command line: all of them inherit its mark."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if f"{MARK}={scratch}".encode() in (folder / "environ").read_bytes().split(b"\0"):
                found[int(folder.name)] = (folder / "cmdline").read_text().replace("\0", " ")
    return found


def replicas(served: Served) -> set[int]:
    """The processes of a cluster's replicas."""
    return {pid for pid, command in processes(served.scratch).items() if "ServeReplica" in command}


def test_it_answers_through_haproxy(file: Path) -> None:
    """A prediction over HTTP is the one that this process makes, and HAProxy and one replica are what runs."""
    served = running(file)
    assert (served.host, served.version) == ("ray", "1")
    status, _, found = ask(served, "POST", "/predict", json.dumps([ROW, ROW]))
    assert status == 200
    assert found["version"] == "1"
    (wanted, _) = mlarch.load(file).predict([ROW, ROW])
    assert found["predictions"] == [pytest.approx(wanted)] * 2
    commands = processes(served.scratch).values()
    assert sum("haproxy" in command and " -f " in command for command in commands) == 1
    assert len(replicas(served)) == 1


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/", None, 200),
        ("GET", "/healthz", None, 200),
        ("GET", "/metrics", None, 200),
        ("GET", "/openapi.json", None, 200),
        ("HEAD", "/readyz", None, 200),
        ("GET", "/nothing", None, 404),
        ("GET", "/predict", None, 405),
        ("POST", "/predict", "no json", 400),
        ("POST", "/predict", "[" * 100_000, 400),
        ("POST", "/predict", "{}", 422),
        ("POST", "/predict", " " * 10_000_001, 413),
    ],
)
def test_every_route_comes_through(file: Path, method: str, path: str, body: str | None, status: int) -> None:
    """What the app answers is what the caller gets: HAProxy changes no status and no body, and a refusal names its fields."""
    found, headers, said = ask(running(file), method, path, body, **{"x-request-id": "abc-1"})
    assert found == status
    assert headers["x-request-id"] == "abc-1"
    if status == 422:
        assert {each["field"] for each in said["error"]["fields"]} == set(ROW)


def test_the_cluster_listens_to_this_machine_only(file: Path) -> None:
    """Ray's own ports are bound to the loopback address, since its screen and its jobs ask nobody for a password."""
    pids = processes(running(file).scratch)
    ray = {pid for pid, command in pids.items() if "haproxy" not in command and "ServeReplica" not in command}
    assert len(ray) > 5
    for pid in ray:
        assert _open_ports(pid) == set()


#: 127.0.0.1, the same as an IPv6 address, and ::1, as /proc/net writes them.
LOOPBACK = ("0100007F", "0000000000000000FFFF00000100007F", "00000000000000000000000001000000")


def _open_ports(pid: int) -> set[int]:
    """Ports at which a process listens on another address than the loopback one."""
    sockets = set()
    for link in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(OSError):
            sockets.add(str(link.readlink()))
    found = set()
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            address, _, port = fields[1].partition(":")
            if fields[3] == "0A" and address not in LOOPBACK and f"socket:[{fields[9]}]" in sockets:
                found.add(int(port, 16))
    return found


class Load:
    """Callers that ask without a pause, and count what they get."""

    def __init__(self, served: Served, callers: int = 4) -> None:
        self.answers: Counter[tuple[int, str]] = Counter()
        self._over = threading.Event()
        self._netloc = urlsplit(served.url).netloc
        self._threads = [threading.Thread(target=self._ask) for _ in range(callers)]

    def __enter__(self) -> Load:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *problem: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _ask(self) -> None:
        connection = http.client.HTTPConnection(self._netloc, timeout=30)
        body = json.dumps(ROW)
        while not self._over.is_set():
            try:
                connection.request("POST", "/predict", body)
                answer = connection.getresponse()
                self.answers[answer.status, json.loads(answer.read())["version"]] += 1
            except Exception as problem:
                self.answers[0, repr(problem)] += 1
                connection.close()
            time.sleep(0.005)
        connection.close()


def test_a_new_version_takes_over_under_load(file: Path, capsys: Capsys) -> None:
    """While callers ask without a pause, `serve` hands version 2 to the same replica: no request fails, no process is restarted."""
    served = running(file)
    before = replicas(served)
    assert mlarch.load(file, ["model.classifier.hyperparameters.C=0.01"]).run().ok
    with Load(served) as load:
        ended = call(capsys, "serve", file)
        time.sleep(1)
    assert ended.code == 0, ended.err
    assert "classifier version 2 answers" in ended.out
    assert set(load.answers) == {(200, "1"), (200, "2")}
    assert replicas(served) == before
    assert running(file) == msgspec.structs.replace(served, version="2")
    assert {ask(served, "GET", "/readyz")[2]["version"] for _ in range(20)} == {"2"}


def test_a_damaged_version_leaves_the_former_one_answering(file: Path, capsys: Capsys) -> None:
    """A model that cannot be read, here or in the registry, is found before it is deployed: version 2 goes on, without a failed request."""
    served = running(file)
    copies = {path: path.read_bytes() for path in (file.parent / ".mlarch").rglob("weights.json")}
    for path in copies:
        path.write_text("{}")
    try:
        with Load(served) as load:
            ended = call(capsys, "serve", file)
    finally:
        for path, weights in copies.items():
            path.write_bytes(weights)
    assert ended.code == 1
    assert "error[MLA608]" in ended.err
    assert set(load.answers) == {(200, "2")}


def configuration(file: Path) -> tuple[Lock, dict[str, Any]]:
    """A build's lock and configuration."""
    build = mlarch.load(file).compile()
    return build.lock, read_configuration(build.folder, build.lock.architecture, chosen(build.lock, None))


def test_a_replica_that_cannot_start_says_why(file: Path) -> None:
    """What Ray cannot import is MLA702 with the reason in Ray's words; the next right deployment works again."""
    lock, written = configuration(file)
    written["applications"][0]["import_path"] = "mlarch.runtime.serving.nowhere:build"
    with pytest.raises(ArchitectureError) as caught:
        cluster.serve(lock, None, written)
    assert caught.value.code == "MLA702"
    assert "nowhere" in caught.value.message
    assert caught.value.at == "deployment.api"
    lock, written = configuration(file)
    again = cluster.serve(lock, None, written)
    assert ask(again, "POST", "/predict", json.dumps(ROW))[0] == 200


def test_an_unknown_key_is_refused_and_nothing_changes(file: Path) -> None:
    """A key that Ray would drop keeps the configuration from being sent."""
    lock, written = configuration(file)
    written["applications"][0]["deployments"][0]["max_replicas_per_nod"] = 1
    with pytest.raises(ArchitectureError) as caught:
        cluster.serve(lock, None, written)
    assert "max_replicas_per_nod" in caught.value.message
    assert ask(running(file), "GET", "/readyz")[0] == 200


def test_the_port_of_a_running_cluster_stays(file: Path, capsys: Capsys, edit: Edit) -> None:
    """HAProxy's port is fixed when it starts: another in the file is refused, with how to stop the one that runs."""
    port = next(iter(lock_of(file).architecture.deployment.values())).port
    edit(file, str(port), str(port + 1))
    ended = call(capsys, "serve", file)
    edit(file, str(port + 1), str(port))
    assert ended.code == 1
    assert "MLA701" in ended.err and f":{port}" in ended.err and "mlarch down" in ended.err


def test_down_leaves_nothing(file: Path, capsys: Capsys) -> None:
    """After `mlarch down` no process of the cluster is left, no scratch folder and no record, and requests in flight were answered."""
    served = running(file)
    with Load(served, 2) as load:
        time.sleep(0.5)
        ended = call(capsys, "down", file)
    assert (ended.code, ended.out) == (0, "stopped `api`\n")
    assert served.scratch and not Path(served.scratch).exists()
    assert processes(served.scratch) == {}
    assert not record_path(State(file.parent), "api").exists()
    assert load.answers[200, "2"] > 20
    assert call(capsys, "predict", file).code == 1


def test_a_start_that_is_killed_leaves_nothing_after_down(file: Path, capsys: Capsys) -> None:
    """`kill -9` of the command and of Ray's own process while the cluster starts: `down` ends what is left and removes its folder."""
    process = started("serve", file)
    state, deadline = State(file.parent), time.monotonic() + 120
    served: Served | None = None
    while time.monotonic() < deadline:
        served = every_recorded(state).get("api")
        if served is not None and len(processes(served.scratch)) >= 4:
            break
        time.sleep(0.1)
    assert served is not None and served.version == ""
    os.kill(process.pid, signal.SIGKILL)
    os.kill(served.pid, signal.SIGKILL)
    process.communicate()
    assert call(capsys, "down", file).code == 0
    assert processes(served.scratch) == {}
    assert served.scratch and not Path(served.scratch).exists()
    assert not record_path(state, "api").exists()


def test_ctrl_c_while_ray_starts_leaves_nothing(file: Path) -> None:
    """Interrupting `serve` ends what it has started, without `down`."""
    process = started("serve", file)
    state, deadline = State(file.parent), time.monotonic() + 120
    served: Served | None = None
    while time.monotonic() < deadline and (served is None or len(processes(served.scratch)) < 2):
        served = every_recorded(state).get("api")
        time.sleep(0.1)
    assert served is not None
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 130, err
    assert "Traceback" not in err
    assert processes(served.scratch) == {}
    assert served.scratch and not Path(served.scratch).exists()
    assert not record_path(state, "api").exists()
