"""The app on uvicorn, in a process of its own: concurrency, slow and broken clients, signals, memory, and its record."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
import pytest

from mlarch.architecture.errors import ArchitectureError
from mlarch.runtime.serving import local
from mlarch.runtime.serving.hosting import Served, answering_version, chosen, is_ready, record_path, recorded
from mlarch.runtime.serving.processes import birth, is_alive
from mlarch.runtime.state import State

from ..servers import ROW, champion_in, copy_of, lock_of, stop_all

Start = Callable[[], Served]


@pytest.fixture(scope="module")
def file(trained: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A trained project on a port of its own."""
    copied = copy_of(trained, tmp_path_factory.mktemp("local") / "cancer")
    yield copied
    stop_all(copied)


@pytest.fixture
def start(file: Path) -> Iterator[Start]:
    """A function that starts the server; it is stopped after the test."""
    lock = lock_of(file)
    yield lambda: local.start(lock, chosen(lock, None), champion_in(file))
    stop_all(file)


def connect(served: Served) -> socket.socket:
    """Open a connection."""
    parts = urlsplit(served.url)
    return socket.create_connection((parts.hostname, parts.port), timeout=20)


def ask(served: Served, rows: object = ROW) -> tuple[int, dict[str, object]]:
    """Ask for predictions on a connection of its own."""
    connection = http.client.HTTPConnection(urlsplit(served.url).netloc, timeout=20)
    try:
        connection.request("POST", "/predict", json.dumps(rows))
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


def request(body: bytes) -> bytes:
    """The bytes of a request."""
    return b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)


def test_it_answers_on_record_until_it_is_told_to_stop(start: Start, file: Path) -> None:
    """A started server is on record, answers with its version, and leaves neither process nor record behind after SIGTERM."""
    served = start()
    state = State(file.parent)
    assert recorded(state, "api") == served
    assert (served.host, served.version, served.born) == ("local", "1", birth(served.pid))
    assert answering_version(served.url) == "1"
    assert ask(served)[0] == 200
    os.kill(served.pid, signal.SIGTERM)
    os.waitpid(served.pid, 0)
    assert not record_path(state, "api").exists()
    assert not is_ready(served.url)


def test_each_of_many_callers_gets_its_own_answer(start: Start) -> None:
    """Under concurrent requests nobody gets the answer to another's row."""
    served = start()
    rows = [{**ROW, "mean_radius": 5 + number / 10} for number in range(400)]
    together = ask(served, rows)[1]["predictions"]
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda row: ask(served, row), rows))
    assert {status for status, _ in answers} == {200}
    alone = [body["predictions"][0]["probability"] for _, body in answers]  # type: ignore[index]
    assert alone == pytest.approx([each["probability"] for each in together])  # type: ignore[attr-defined]
    assert len(set(alone)) > 300


def test_slow_and_broken_clients_hold_nobody_up(start: Start) -> None:
    """Half a header, half a body, garbage and silence from sixty connections: the next caller is answered as ever."""
    served = start()
    starts = [b"", b"POST /pre", request(b"x" * 100)[:-50], b"\x16\x03\x01\x02\x00garbage\r\n\r\n"]
    slow = [connect(served) for _ in range(60)]
    for number, connection in enumerate(slow):
        connection.sendall(starts[number % len(starts)])
    began = time.monotonic()
    assert [ask(served)[0] for _ in range(20)] == [200] * 20
    assert time.monotonic() - began < 5
    for connection in slow:
        connection.close()
    assert ask(served)[0] == 200


def test_what_is_no_http_is_refused(start: Start) -> None:
    """Bytes that are no request get 400, not silence."""
    with connect(start()) as connection:
        connection.sendall(b"\x16\x03\x01\x02\x00garbage\r\n\r\n")
        assert connection.recv(100).startswith(b"HTTP/1.1 400")


def test_a_request_that_has_begun_is_answered_before_the_end(start: Start) -> None:
    """SIGTERM while a body is half sent: nobody new is let in, the one that has begun gets its answer, and the process ends with 0."""
    served = start()
    body = request(json.dumps(ROW).encode())
    with connect(served) as connection:
        connection.sendall(body[:-10])
        time.sleep(0.3)
        os.kill(served.pid, signal.SIGTERM)
        deadline = time.monotonic() + 10
        while is_ready(served.url) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert is_alive(served.pid)
        assert not is_ready(served.url)
        connection.sendall(body[-10:])
        assert connection.recv(100).startswith(b"HTTP/1.1 200")
    assert os.waitstatus_to_exitcode(os.waitpid(served.pid, 0)[1]) == 0


@pytest.mark.servers
def test_a_stopped_server_does_not_wait_for_ever(start: Start) -> None:
    """A client that never sends the rest of its body delays the end by the time that is left for draining, and no longer."""
    served = start()
    with connect(served) as connection:
        connection.sendall(request(b"x" * 100)[:-50])
        time.sleep(0.3)
        os.kill(served.pid, signal.SIGTERM)
        began = time.monotonic()
        os.waitpid(served.pid, 0)
        assert time.monotonic() - began < local.DRAIN_SECONDS + 5


def test_the_record_of_a_killed_server_is_removed(start: Start, file: Path) -> None:
    """After kill -9 nothing is said to run, and the next start works."""
    served = start()
    os.kill(served.pid, signal.SIGKILL)
    os.waitpid(served.pid, 0)
    state = State(file.parent)
    assert record_path(state, "api").exists()
    assert recorded(state, "api") is None
    assert not record_path(state, "api").exists()
    assert ask(start())[0] == 200


def test_a_later_process_of_the_same_number_is_not_taken_for_the_server(start: Start, file: Path) -> None:
    """A record names a process by number and time of birth: where only the number is the same, nobody is stopped."""
    state = State(file.parent)
    born = birth(os.getpid())
    assert born is not None
    stranger = Served(
        deployment="api", host="local", pid=os.getpid(), born=born - 1, url="http://127.0.0.1:1", model="classifier", version="1"
    )
    state.write_value(record_path(state, "api"), stranger, "serving.record")
    assert not stranger.alive
    assert recorded(state, "api") is None
    assert is_alive(os.getpid())


def test_it_needs_little_memory(start: Start) -> None:
    """A serving process stays far under 350 MB: neither MLflow nor the estimators' libraries are loaded into it."""
    served = start()
    ask(served, [ROW] * 1_000)
    fields = dict(line.split(":") for line in Path(f"/proc/{served.pid}/status").read_text().splitlines())
    assert int(fields["VmRSS"].split()[0]) < 350_000


def test_a_taken_port_is_said(start: Start, file: Path) -> None:
    """A port that somebody else listens at is found before anything is started, with its place in the architecture."""
    lock = lock_of(file)
    with socket.create_server(("127.0.0.1", chosen(lock, None).port)), pytest.raises(ArchitectureError) as caught:
        local.prepare(lock, None)
    assert (caught.value.code, caught.value.at) == ("MLA701", "deployment.api.port")


def test_a_damaged_model_is_said(file: Path, tmp_path: Path) -> None:
    """A bundle that was changed keeps the server from starting, and the message has the reason, not a traceback."""
    champion = champion_in(file)
    folder = tmp_path / "bundle"
    folder.mkdir()
    for path in Path(champion.folder).iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    (folder / "weights.json").write_text("{}")
    lock = lock_of(file)
    with pytest.raises(ArchitectureError) as caught:
        local.start(lock, chosen(lock, None), msgspec.structs.replace(champion, folder=str(folder)))
    assert caught.value.code == "MLA702"
    assert "weights.json" in caught.value.message and "was changed" in caught.value.message
