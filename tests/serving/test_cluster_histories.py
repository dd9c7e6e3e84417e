"""A model that looks back on Ray Serve: replicas read the store of the lock file, and take what a later build says of it."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from mlarch.runtime.models.bundle import Bundle

from ..redis import Server, server
from ..servers import call, running, started, stop_all
from .flights import LONG, VIEWS, Flights
from .test_cluster import ask
from .test_histories import LATE, rows_of_the_test

pytestmark = [pytest.mark.servers, pytest.mark.timeout(600)]
Capsys = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def redis() -> Iterator[Server]:
    """A server for the tests below, which share it in their order."""
    with server() as made:
        yield made


@pytest.fixture(scope="module")
def served(flights: Flights, redis: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flights]:
    """The system over Redis, served on a cluster by the command line."""
    more = f"{LONG}\n  deadline = 1s"
    copied = flights.copied(tmp_path_factory.mktemp("ray") / "flights", f'redis("{redis.address}")', more)
    out, err = (process := started("serve", copied.file)).communicate(timeout=400)
    assert process.returncode == 0, out + err
    yield copied
    stop_all(copied.file)


def test_served_answers_are_those_of_the_evaluation(flights: Flights, served: Flights) -> None:
    """Through HAProxy each row of the test part gets what the evaluation gave it, from the store."""
    rows, matrix = rows_of_the_test(flights)
    answers = ask(running(served.file), "POST", "/predict", json.dumps(rows))[2]["predictions"]
    assert [each["probability"] for each in answers] == pytest.approx(Bundle.load(flights.bundle).scores(matrix), rel=1e-9)
    assert not [each for each in answers if "fallback" in each]


def test_without_its_store_a_replica_goes_on(served: Flights, redis: Server, capsys: Capsys) -> None:
    """Redis is gone: rows fall back and the replica stays ready; deployed anew with `refuse`, they get 503 and when to ask again."""
    redis.kill()
    url = running(served.file)
    status, _, body = ask(url, "POST", "/predict", json.dumps(LATE))
    assert status == 200 and body["predictions"][0]["fallback"] == VIEWS
    assert ask(url, "GET", "/readyz")[::2] == (200, {"status": "ready", "model": "late", "version": "1", "store": "does not answer"})
    text = served.file.read_text(encoding="utf-8")
    served.file.write_text(text.replace("deadline = 1s", "deadline = 1s\n  fallback = refuse"), encoding="utf-8")
    again = call(capsys, "serve", served.file)
    assert again.code == 0 and "warning: the feature store does not answer" in again.err, again.err
    status, headers, body = ask(url, "POST", "/predict", json.dumps(LATE))
    assert (status, headers.get("retry-after"), body["error"]["code"]) == (503, "1", "MLA706")
