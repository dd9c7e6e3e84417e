"""A model that looks back, as people use it: served in a process of its own, asked on the command line, from Python and through MLflow."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import pandas as pd
import pytest

import mlarch
from mlarch.architecture.errors import ArchitectureError
from mlarch.runtime.models.bundle import Bundle
from mlarch.runtime.registry.pyfunc import LOCK, _load_pyfunc
from mlarch.runtime.registry.registration import requirements
from mlarch.runtime.serving.client import Client
from mlarch.runtime.serving.online_store import database

from ..servers import call, free_port, running, stop_all
from .flights import LONG, VIEWS, Flights
from .test_histories import EARLY, LATE, rows_of_the_test

Capsys = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def served(flights: Flights, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flights]:
    """A copy of the system, served by the command line; its store keeps a day."""
    copied = flights.copied(tmp_path_factory.mktemp("served") / "flights", more="keep = 1d")
    yield copied
    stop_all(copied.file)


@pytest.fixture
def empty(flights: Flights, tmp_path: Path) -> Iterator[Flights]:
    """A copy of the system whose store was never filled."""
    copied = flights.copied(tmp_path / "flights", filled=False)
    yield copied
    stop_all(copied.file)


def test_it_is_served_and_asked(served: Flights, capsys: Capsys) -> None:
    """`serve --local` answers from the store; `predict` without rows asks as of late enough, and says of a row what fell back."""
    ended = call(capsys, "serve", served.file, "--local", "--detach")
    assert ended.code == 0 and "warning" not in ended.err, ended.err
    tried = call(capsys, "predict", served.file)
    assert tried.code == 0 and "fallback" not in tried.err + tried.out, tried.err
    asked = call(capsys, "predict", served.file, "--row", json.dumps(LATE), "--row", json.dumps(EARLY))
    assert asked.code == 0 and f"fallback: the feature store gave no answer of {', '.join(VIEWS)}" in asked.err
    head, late, early = asked.out.splitlines()[1:]
    assert head.split()[-1] == "fallback" and early.strip().endswith(", ".join(VIEWS)) and not late.strip().endswith(VIEWS[-1])
    offline = call(capsys, "predict", served.file, "--offline", "--json", "--row", json.dumps(LATE), "--row", json.dumps(EARLY))
    with Client(running(served.file)) as client:
        assert json.loads(offline.out)["predictions"] == client.predict([LATE, EARLY])["predictions"]


def test_offline_answers_are_those_of_the_evaluation(flights: Flights, served: Flights) -> None:
    """From Python each of the latest rows gets what the evaluation gave it, from the store and without a server."""
    rows, matrix = rows_of_the_test(flights)
    latest = sorted(range(len(rows)), key=lambda place: rows[place]["scheduled"])[-10:]
    wanted = Bundle.load(flights.bundle).scores(matrix[latest])
    found = mlarch.load(served.file).predict([rows[place] for place in latest])
    assert [each["probability"] for each in found] == pytest.approx(wanted, rel=1e-9)
    assert not [each for each in found if "fallback" in each]


def test_a_store_that_was_never_filled_is_said_before_anything_starts(empty: Flights, capsys: Capsys) -> None:
    """`serve` and `predict --offline` end with one message, which says what to run."""
    for command in (("serve", empty.file, "--local", "--detach"), ("predict", empty.file, "--offline", "--row", json.dumps(LATE))):
        ended = call(capsys, *command)
        assert ended.code == 1 and "error[MLA906]" in ended.err and VIEWS[0] in ended.err, ended.err
        assert "mlarch features materialize" in ended.err and "Traceback" not in ended.err


def test_a_store_that_is_out_of_reach_is_a_warning(flights: Flights, tmp_path: Path, capsys: Capsys) -> None:
    """Where Redis does not answer, `serve` says so and what holds until it does; requests get the fallback."""
    copied = flights.copied(tmp_path / "flights", f'redis("127.0.0.1:{free_port()}")', filled=False)
    try:
        ended = call(capsys, "serve", copied.file, "--local", "--detach")
        assert ended.code == 0, ended.err
        assert "warning: the feature store does not answer" in ended.err and "`fallback = missing` holds" in ended.err
        with Client(running(copied.file)) as client:
            assert client.predict([LATE])["predictions"][0]["fallback"] == VIEWS
    finally:
        stop_all(copied.file)


def test_a_refusal_reaches_the_one_who_asks(flights: Flights, tmp_path: Path, capsys: Capsys) -> None:
    """Where the file declares `fallback = refuse`, `predict` ends with the server's words, with a server and without."""
    more = f"{LONG}\n  fallback = refuse"
    copied = flights.copied(tmp_path / "flights", f'redis("127.0.0.1:{free_port()}")', more, filled=False)
    try:
        assert call(capsys, "serve", copied.file, "--local", "--detach").code == 0
        for offline in ((), ("--offline",)):
            ended = call(capsys, "predict", copied.file, "--row", json.dumps(LATE), *offline)
            assert ended.code == 1 and "error[MLA706]: the feature store gives no answer" in ended.err, ended.err
    finally:
        stop_all(copied.file)


def test_a_missing_client_of_redis_is_said(flights: Flights, tmp_path: Path, capsys: Capsys, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without hiredis, `serve` says what to install."""

    monkeypatch.setitem(sys.modules, "hiredis", None)
    monkeypatch.delitem(sys.modules, "mlarch.runtime.features.store.redis", raising=False)
    copied = flights.copied(tmp_path / "flights", f'redis("127.0.0.1:{free_port()}")', filled=False)
    ended = call(capsys, "serve", copied.file, "--local", "--detach")
    assert ended.code == 1 and "error[MLA602]" in ended.err and "pip install 'mlarch[redis]'" in ended.err, ended.err


# --- MLflow's own clients ---------------------------------------------------------------------------------------------------


def test_mlflow_is_told_where_the_store_is(flights: Flights, monkeypatch: pytest.MonkeyPatch) -> None:
    """Loaded by MLflow, the model reads the store of the lock file that MLARCH_LOCK names, and gives what the evaluation gave."""
    import mlflow

    monkeypatch.setenv(LOCK, str(flights.lock.path))
    rows, matrix = rows_of_the_test(flights)
    frame = pd.DataFrame(rows).assign(scheduled=lambda each: pd.to_datetime(each["scheduled"], format="ISO8601"))
    registered = flights.values["late/registered"]
    mlflow.set_tracking_uri(registered.tracking_uri)
    found = mlflow.pyfunc.load_model(registered.uri).predict(frame.assign(scheduled=frame["scheduled"].dt.tz_localize(None)))
    assert found["probability"].tolist() == pytest.approx(Bundle.load(flights.bundle).scores(matrix), rel=1e-9)
    assert set(found["fallback"]) == {""}


def test_mlflow_says_what_fell_back(flights: Flights, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the store does not answer, each row says which views; without MLARCH_LOCK the model is not loaded, in one message."""
    copied = flights.copied(tmp_path / "flights", filled=False)
    lock = copied.lock
    shutil.copy(database(flights.file.parent), tmp_path)
    monkeypatch.setenv(LOCK, str(lock.path))
    frame = pd.DataFrame([LATE]).assign(scheduled=lambda each: pd.to_datetime(each["scheduled"]))
    assert _load_pyfunc(str(flights.bundle)).predict(frame)["fallback"].tolist() == [", ".join(VIEWS)]
    monkeypatch.delenv(LOCK)
    with pytest.raises(ArchitectureError) as refused:
        _load_pyfunc(str(flights.bundle))
    assert refused.value.code == "MLA706" and LOCK in (refused.value.help or "")


def test_mlflow_is_told_of_the_client_of_redis(flights: Flights, tmp_path: Path) -> None:
    """A model that reads histories from Redis names hiredis among what must be installed, and one that reads SQLite does not."""
    bundle, other = Bundle.load(flights.bundle), flights.copied(tmp_path / "flights", 'redis("127.0.0.1:6379")', filled=False)
    wanted = requirements(other.lock.architecture, bundle)
    assert f"hiredis=={version('hiredis')}" in wanted and wanted[0].startswith("mlarch[redis]==")
    assert not [each for each in requirements(flights.lock.architecture, bundle) if "redis" in each]
