"""A model that looks back, served over a real Redis: killed under load, slow, refusing, and found again."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from mlarch.runtime.models.bundle import Bundle
from mlarch.runtime.serving import local
from mlarch.runtime.serving.client import Client
from mlarch.runtime.serving.hosting import Served, chosen
from mlarch.runtime.serving.online_store import require_written

from ..redis import Server, Slow, server
from ..servers import call, running, stop_all
from .asking import asking
from .flights import LONG, VIEWS, Flights, run
from .test_cluster import ask
from .test_histories import LATE, app_of, rows_of_the_test

pytestmark = pytest.mark.servers
DEADLINE = 0.1
Capsys = pytest.CaptureFixture[str]


@pytest.fixture
def redis() -> Iterator[Server]:
    """A server of the test's own."""
    with server() as made:
        yield made


def over(flights: Flights, folder: Path, address: str, more: str = "") -> Flights:
    """A copy of the system whose store is a server, filled."""
    return flights.copied(folder / "flights", f'redis("{address}")', f"{LONG}\n  deadline = 100ms\n  {more}")


@pytest.fixture
def served(flights: Flights, redis: Server, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[tuple[Flights, Served]]:
    """The system over the server, in a process of its own; the fallback is the parameter."""
    copied = over(flights, tmp_path, redis.address, f"fallback = {request.param}")
    lock = copied.lock
    champion, deployment = local.prepare(lock, None)[1], chosen(lock, None)
    yield copied, local.start(lock, deployment, champion)
    stop_all(copied.file)


def test_served_answers_are_those_of_the_evaluation(flights: Flights, redis: Server, tmp_path: Path) -> None:
    """Each row of the test part gets from Redis what the evaluation gave it, alone and with all others."""
    app = app_of(over(flights, tmp_path, redis.address))
    rows, matrix = rows_of_the_test(flights)
    wanted = Bundle.load(flights.bundle).scores(matrix)
    sent = asking(app)
    together = sent("POST", "/predict", json=rows).json()["predictions"]
    alone = [sent("POST", "/predict", json=row).json()["predictions"][0] for row in rows[:100]]
    assert not [each for each in together + alone if "fallback" in each]
    assert [each["probability"] for each in together] == pytest.approx(wanted, rel=1e-9)
    assert [each["probability"] for each in alone] == pytest.approx(wanted[:100], rel=1e-9)


def load(url: Served, seconds: float, meanwhile: list[tuple[float, object]]) -> tuple[Counter[tuple[int, bool]], float]:
    """Ask from eight threads for a while; count answers by status and whether they fell back, and return the longest wait."""
    found: Counter[tuple[int, bool]] = Counter()
    waits = [0.0]
    until = time.monotonic() + seconds

    def caller() -> None:
        while (began := time.monotonic()) < until:
            status, headers, body = ask(url, "POST", "/predict", json.dumps(LATE))
            waits.append(time.monotonic() - began)
            fell_back = "fallback" in body["predictions"][0] if status == 200 else headers.get("retry-after") == "1"
            found[status, fell_back] += 1

    threads = [threading.Thread(target=caller) for _ in range(8)]
    for each in threads:
        each.start()
    for after, act in meanwhile:
        time.sleep(after)
        act()  # type: ignore[operator]
    for each in threads:
        each.join()
    return found, max(waits)


@pytest.mark.parametrize("served", ["missing"], indirect=True)
def test_killed_under_load_it_falls_back_and_comes_again(served: tuple[Flights, Served], redis: Server) -> None:
    """Redis dies under load: no request fails, each that it does not answer says so; after a restart and a filling it answers again."""
    copied, url = served
    found, longest = load(url, 2.0, [(0.7, redis.kill)])
    assert set(found) == {(200, False), (200, True)} and min(found.values()) > 20, found
    assert longest < DEADLINE + 1.5  # eight threads and a server share the machine
    redis.start()
    run(copied, "materialized")
    deadline = time.monotonic() + 10
    while "fallback" in ask(url, "POST", "/predict", json.dumps(LATE))[2]["predictions"][0]:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert ask(url, "GET", "/readyz")[2]["store"] == "answers"


@pytest.mark.parametrize("served", ["refuse"], indirect=True)
def test_killed_under_load_it_refuses_where_that_is_declared(served: tuple[Flights, Served], redis: Server) -> None:
    """With `fallback = refuse` what Redis does not answer gets 503 with the time to ask again, and nothing else."""
    found, longest = load(served[1], 2.0, [(0.7, redis.kill)])
    assert set(found) == {(200, False), (503, True)} and min(found.values()) > 20, found
    assert longest < DEADLINE + 1.5
    text = ask(served[1], "GET", "/metrics")[2].decode()
    assert 'mlarch_store_fallbacks_total{reason="unreachable",view="departures_by_tail"}' in text


def test_a_slow_store_costs_the_deadline(flights: Flights, redis: Server, tmp_path: Path) -> None:
    """While Redis takes longer than the deadline, requests take the deadline; once it is quick again, they are answered."""
    filled = over(flights, tmp_path, redis.address)
    with Slow(redis.port) as way:
        slow = filled.copied(tmp_path / "slow", f'redis("127.0.0.1:{way.port}")', f"{LONG}\n  deadline = 100ms", filled=False)
        lock = slow.lock
        url = local.start(lock, chosen(lock, None), local.prepare(lock, None)[1])
        try:
            with Client(url) as client:
                assert "fallback" not in client.predict([LATE])["predictions"][0]
                way.seconds = 2.0
                began = time.monotonic()
                assert client.predict([LATE])["predictions"][0]["fallback"] == VIEWS
                assert DEADLINE <= time.monotonic() - began < DEADLINE + 0.5
                way.seconds = 0.0
                deadline = time.monotonic() + 15
                while "fallback" in client.predict([LATE])["predictions"][0]:
                    assert time.monotonic() < deadline
                    time.sleep(0.05)
        finally:
            stop_all(slow.file)


def test_a_server_that_was_never_filled_is_said(flights: Flights, redis: Server, tmp_path: Path, capsys: Capsys) -> None:
    """`serve` over an empty server says what to run, and once it has run, serves."""
    copied = flights.copied(tmp_path / "flights", f'redis("{redis.address}")', filled=False)
    ended = call(capsys, "serve", copied.file, "--local", "--detach")
    assert ended.code == 1 and "error[MLA906]" in ended.err and "mlarch features materialize" in ended.err, ended.err
    run(copied, "materialized")
    assert require_written(copied.lock, Bundle.load(copied.bundle).program) is None
    try:
        assert call(capsys, "serve", copied.file, "--local", "--detach").code == 0
        assert running(copied.file).alive
    finally:
        stop_all(copied.file)
