"""A file that changes while an older version is served: the store keeps what that version reads until nothing serves it any more."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mlarch.architecture.feature_views import FeatureView, view_of, views_of
from mlarch.architecture.pipeline import pipeline_of
from mlarch.architecture.quantities import DURATIONS
from mlarch.architecture.served_views import lacking
from mlarch.architecture.steps import steps_of
from mlarch.runtime.artifacts import Materialized
from mlarch.runtime.models.bundle import Bundle
from mlarch.runtime.registry import champion
from mlarch.runtime.registry.champion import Champion, champion_of
from mlarch.runtime.registry.served import known_versions, served_versions
from mlarch.runtime.registry.tracking import connected
from mlarch.runtime.serving.client import Client
from mlarch.runtime.serving.online_store import database, require_written
from mlarch.runtime.state import State, read_value
from mlarch.targets.dagster.execute import run as run_all
from mlarch.targets.dagster.outcomes import Outcome
from mlarch.targets.dagster.work import Work

from ..servers import call, free_port, running, stop_all
from .flights import VIEWS, Flights, run
from .test_histories import rows_of_the_test

Capsys = pytest.CaptureFixture[str]
DAY = int(DURATIONS["d"] * 1_000_000)
#: The file after it was changed: shorter windows, another column, no weather.
SHORTER = (
    ("  feature late_2d  = mean(if(delay > 15, 1, 0)) over 2d\n", ""),
    ("  feature flown_7d = count() over 7d\n", "  feature flown_1d = count() over 1d\n"),
    ("max(delay) over 7d", 'max(if(origin == "JFK", 1, 2)) over 1d'),
    ("  feature spread   = std(delay) over 7d\n", ""),
    ("  feature before   = lag(delay, 1)\n", ""),
    ("  feature second   = lag(delay, 2)\n", ""),
    ("  feature carriers = distinct(carrier) over 7d\n", ""),
    ("last(carrier) over 7d", "last(carrier) over 1d"),
    (", features.sky]", "]"),
)
FAILS = ("require roc_auc >= 0.6", "require roc_auc >= 0.9999")


@pytest.fixture
def system(flights: Flights, tmp_path: Path) -> Iterator[Flights]:
    """A copy of the system with a version in production and its store filled; a test may change its file."""
    copied = flights.copied(tmp_path / "flights")
    yield copied
    stop_all(copied.file)


def changed(file: Path, *pairs: tuple[str, str]) -> None:
    """Change texts of a file, each of which is in it once."""
    text = file.read_text(encoding="utf-8")
    for before, after in pairs:
        assert text.count(before) == 1, before
        text = text.replace(before, after)
    file.write_text(text, encoding="utf-8")


def drop(file: Path, start: str, end: str) -> None:
    """Take a part out of a file."""
    text = file.read_text(encoding="utf-8")
    file.write_text(text[: text.index(start)] + text[text.index(end) :], encoding="utf-8")


def move(system: Flights, version: str) -> None:
    """Put a version into production, as a person does in the registry."""
    with connected(system.lock, pipeline_of(system.lock.architecture, "late"), State(system.file.parent)) as tracker:
        tracker.client.set_registered_model_alias("flights.late", "production", version)


def kept(system: Flights) -> dict[str, FeatureView]:
    """What the store keeps of each view that was written."""
    found: dict[str, FeatureView] = {}
    for path in sorted((system.file.parent / ".mlarch" / "values").glob("*/materialized.json")):
        value = read_value(path, Materialized)
        assert value is not None and value.kept is not None
        found[value.view] = value.kept
    return found


def asked(system: Flights, rows: list[dict[str, Any]]) -> list[float]:
    """What the server answers, none of it by the fallback."""
    with Client(running(system.file)) as client:
        answers = client.predict(rows)["predictions"]
    assert not [each for each in answers if each.get("fallback")]
    return [each["probability"] for each in answers]


@pytest.mark.servers
def test_a_version_is_answered_by_until_another_is_served(system: Flights, capsys: Capsys) -> None:
    """A served version answers as in its evaluation, whatever the file says by now; what it alone reads goes once another is served."""
    rows, matrix = rows_of_the_test(system)
    wanted = pytest.approx(Bundle.load(system.bundle).scores(matrix).tolist(), rel=1e-9)
    assert call(capsys, "serve", system.file, "--local", "--detach").code == 0
    assert asked(system, rows) == wanted

    changed(system.file, *SHORTER, FAILS)
    first = run_all(system.lock)
    assert first.problem is not None and first.problem.code == "MLA604"
    assert asked(system, rows) == wanted
    plane = kept(system)["departures_by_tail"]
    assert plane.window == 7 * DAY and plane.rank == 2 and {"delay", "origin"} <= {column.name for column in plane.columns}
    listed = call(capsys, "features", "list", system.file)
    assert "weather_by_origin" in listed.out and "read by version 1 of `late`" in listed.out
    (later,) = json.loads(call(capsys, "features", "materialize", system.file, "--view", "weather_by_origin", "--json").out)
    assert later["written"] == 0 and asked(system, rows) == wanted
    again = run_all(system.lock)
    assert {again.outcomes[f"{view}/materialized"] for view in kept(system)} == {Outcome.UNCHANGED}

    changed(system.file, (FAILS[1], "require roc_auc >= 0.1"))
    assert run_all(system.lock).problem is None
    assert {each.version for each in served_versions(system.lock, State(system.file.parent))} == {"1", "2"}
    assert call(capsys, "features", "materialize", system.file).code == 0
    assert asked(system, rows) == wanted  # the server keeps its version while another one is in production

    assert call(capsys, "down", system.file).code == 0
    assert call(capsys, "serve", system.file, "--local", "--detach").code == 0
    assert running(system.file).version == "2"
    passed = run_all(system.lock)
    assert passed.problem is None and passed.outcomes["departures_by_tail/materialized"] is Outcome.DONE
    plane = kept(system)["departures_by_tail"]
    assert plane.window == DAY and plane.rank == 0 and "delay" not in {column.name for column in plane.columns}
    assert "weather_by_origin" not in call(capsys, "features", "list", system.file).out
    with sqlite3.connect(database(system.file.parent)) as store:
        names = [name for (name,) in store.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    assert "flights_departures_by_tail" in names and "flights_weather_by_origin" not in names
    assert asked(system, rows)


@pytest.mark.servers
def test_a_rollback_is_served_once_the_store_keeps_its_histories(system: Flights, capsys: Capsys) -> None:
    """Where the stage goes back to a version whose histories went away, `serve` says what to run, and materialization brings them back."""
    rows, matrix = rows_of_the_test(system)
    changed(system.file, *SHORTER[:-1], (FAILS[0], "require roc_auc >= 0.1"))
    for _ in range(2):  # a version passes; then nothing serves the one before
        assert run_all(system.lock).problem is None
    assert kept(system)["departures_by_tail"].window == DAY
    move(system, "1")
    ended = call(capsys, "serve", system.file, "--local", "--detach")
    assert ended.code == 1 and "keeps less of `departures_by_tail`" in ended.err and "mlarch features materialize" in ended.err, ended.err
    assert call(capsys, "features", "materialize", system.file).code == 0
    assert call(capsys, "serve", system.file, "--local", "--detach").code == 0
    assert asked(system, rows) == pytest.approx(Bundle.load(system.bundle).scores(matrix).tolist(), rel=1e-9)


@pytest.mark.servers
def test_a_view_that_nothing_reads_any_more_goes_by_itself(system: Flights) -> None:
    """A run in which nothing else changed takes out what only the version before read; the run after it has nothing to do."""
    changed(system.file, SHORTER[-1], (FAILS[0], "require roc_auc >= 0.1"))
    view = "departures_by_origin/materialized"
    assert run_all(system.lock).problem is None
    manifests = system.file.parent / ".mlarch" / "feast" / "written"
    assert [*manifests.glob("*/weather_by_origin.parquet")]
    assert run_all(system.lock).outcomes[view] is Outcome.DONE and not [*manifests.glob("*/weather_by_origin.parquet")]
    assert run_all(system.lock).outcomes[view] is Outcome.UNCHANGED


def test_what_the_file_has_no_more_is_said(system: Flights, capsys: Capsys) -> None:
    """Where a source or a column is gone from the file, `features list` and `serve` say which a version in production still reads."""
    drop(system.file, "source weather {", "feature_store store {")
    drop(system.file, "features flight {", "features airport {")
    drop(system.file, "features sky {", "model late {")
    changed(system.file, ("features.flight, features.plane, features.airport, features.sky", "features.airport"))
    changed(system.file, ("    carrier   : string\n", ""))
    run(system, "ingested", "materialized")
    (version,) = served_versions(system.lock, State(system.file.parent))
    lacks = {view_of(each): [*lacking(system.lock.architecture, each)] for each in version.histories}
    assert lacks == {"departures_by_tail": ["`carrier`"], "departures_by_origin": [], "weather_by_origin": ["`source.weather`"]}
    listed = call(capsys, "features", "list", system.file).out
    assert "departures_by_tail is not kept for version 1 of `late`: the file has no more `carrier`" in listed, listed
    assert "weather_by_origin is not kept for version 1 of `late`: the file has no more `source.weather`" in listed
    ended = call(capsys, "serve", system.file, "--local", "--detach")
    assert ended.code == 1 and "`source.weather` of it" in ended.err and "`mlarch run` trains one" in ended.err, ended.err


def test_a_registry_that_is_silent_takes_nothing_away(system: Flights) -> None:
    """Where the registry does not answer, the store keeps what the versions read that were served when it answered last."""
    state = State(system.file.parent)
    before = served_versions(system.lock, state)
    assert [each.version for each in before] == ["1"] and known_versions(state) == before
    text = system.file.read_text(encoding="utf-8")
    system.file.write_text(text + f'tracking t {{ uri = "http://127.0.0.1:{free_port()}" }}\n', encoding="utf-8")
    changed(system.file, *SHORTER)
    assert served_versions(system.lock, state) == before
    work = Work(system.lock, state)
    assert work.views["departures_by_tail"].window == 7 * DAY and "weather_by_origin" in work.views
    assert "weather/ingested" in work.steps and "weather_by_origin/materialized" in work.steps


def test_a_registry_that_did_not_change_is_not_asked_again(system: Flights, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run with nothing to do does not load MLflow for what it knows; a stage that was moved, or a bundle that is gone, is looked up."""
    asked = []

    def counted(*arguments: Any) -> Champion | None:
        asked.append(arguments)
        return champion_of(*arguments)

    monkeypatch.setattr(champion, "champion_of", counted)
    lock, state = system.lock, State(system.file.parent)
    first = [served_versions(lock, state) for _ in range(3)]
    count = len(asked)
    assert first[0] == first[2] and count <= 2
    assert served_versions(lock, state) == first[0] and len(asked) == count
    shutil.rmtree(state.folder / "serving" / "late")
    assert served_versions(lock, state) == first[0] and len(asked) == count + 1
    with connected(lock, pipeline_of(lock.architecture, "late"), state) as tracker:
        tracker.client.delete_registered_model_alias("flights.late", "production")
    assert served_versions(lock, state) == () and len(asked) == count + 2


def test_a_build_says_what_its_file_says(system: Flights) -> None:
    """What is served changes no build: neither its views, nor its steps and their versions."""
    changed(system.file, *SHORTER)
    lock, state = system.lock, State(system.file.parent)
    assert "weather_by_origin" not in views_of(lock.architecture)
    work, declared = Work(lock, state), steps_of(lock.architecture)
    assert {*work.steps} - {*declared} == {"weather/ingested", "weather/validated", "weather_by_origin/materialized"}
    assert {key: work.steps[key].code_version for key in declared} == {key: step.code_version for key, step in declared.items()}


def test_a_file_that_names_no_views_keeps_those_of_what_is_served(system: Flights) -> None:
    """Where a changed file looks back on nothing, the version in production has its views as before."""
    changed(system.file, ("[features.flight, features.plane, features.airport, features.sky]", "[features.flight]"))
    assert not views_of(system.lock.architecture)
    assert [*Work(system.lock, State(system.file.parent)).views] == VIEWS
    run(system, "ingested", "materialized")
    assert require_written(system.lock, Bundle.load(system.bundle).program) is None
