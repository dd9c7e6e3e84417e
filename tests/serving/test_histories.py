"""Requests to a model that looks back: what the store gives is what training saw, and what it does not give is said."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import polars as pl
import pytest
from prometheus_client.parser import text_string_to_metric_families

from mlarch.runtime.features.requests import to_closure
from mlarch.runtime.features.store.answering import to_store_completion
from mlarch.runtime.models.bundle import Bundle
from mlarch.runtime.serving.app import App
from mlarch.runtime.serving.online_store import database, histories_of
from mlarch.runtime.training.preparation import read_part

from .asking import Ask, asking
from .bundles import RIGHT, a_bundle
from .flights import LONG, VIEWS, Flights
from .test_app import schema

#: Before everything that any store of these tests keeps.
EARLY = {"tail": "N1", "origin": "JFK", "carrier": "AA", "scheduled": "2024-02-03T12:00:00Z"}
LATE = {**EARLY, "scheduled": "2024-03-30T12:00:00Z"}


def app_of(flights: Flights) -> App:
    """The app of a system's model."""
    return App.load(flights.bundle, "1", flights.lock)


def rows_of_the_test(flights: Flights) -> tuple[list[dict[str, Any]], np.ndarray[Any, Any]]:
    """The rows of the test part as requests bring them, and the features that the evaluation saw of each."""
    prepared = flights.values["late/features"]
    root = flights.file.parent
    columns = [column.name for column in Bundle.load(flights.bundle).program.inputs]
    rows = pl.read_parquet(root / prepared.folder / "test_rows.parquet").select(columns).to_dicts()
    matrix = read_part(root, prepared, "test")[0]
    return msgspec.to_builtins(rows), matrix.to_numpy()


@pytest.fixture(scope="module")
def app(flights: Flights) -> App:
    """The app over the store that the steps have filled."""
    return app_of(flights)


@pytest.fixture(scope="module")
def ask(app: App) -> Ask:
    """A function that sends one request to it."""
    return asking(app)


@pytest.fixture(scope="module")
def short(flights: Flights, tmp_path_factory: pytest.TempPathFactory) -> Flights:
    """The system with a store that keeps a day."""
    return flights.copied(tmp_path_factory.mktemp("short") / "flights", more="keep = 1d")


@pytest.fixture
def own(flights: Flights, tmp_path: Path) -> Flights:
    """A copy of the system whose store a test may harm."""
    copied = flights.copied(tmp_path / "flights", filled=False)
    there, here = database(flights.file.parent), database(copied.file.parent)
    here.parent.mkdir(parents=True)
    with sqlite3.connect(there) as held, sqlite3.connect(here) as made:
        held.backup(made)
    return copied


def fallbacks(ask: Ask) -> dict[tuple[str, str], int]:
    """What `/metrics` counts, by view and reason, where it is not 0."""
    families = {family.name: family for family in text_string_to_metric_families(ask("GET", "/metrics").text)}
    samples = [sample for sample in families["mlarch_store_fallbacks"].samples if sample.name.endswith("_total") and sample.value]
    return {(sample.labels["view"], sample.labels["reason"]): int(sample.value) for sample in samples}


# --- what the store gives ---------------------------------------------------------------------------------------------------


def test_served_answers_are_those_of_the_evaluation(flights: Flights, ask: Ask) -> None:
    """Each row of the test part, asked for alone and all at once, gets the probability that the evaluation computed, and no fallback."""
    rows, matrix = rows_of_the_test(flights)
    wanted = Bundle.load(flights.bundle).scores(matrix)
    together = ask("POST", "/predict", json=rows).json()["predictions"]
    alone = [ask("POST", "/predict", json=row).json()["predictions"][0] for row in rows]
    assert len(rows) > 100 and not [each for each in together + alone if "fallback" in each]
    assert [each["probability"] for each in together] == pytest.approx(wanted, rel=1e-9)
    assert [each["probability"] for each in alone] == pytest.approx(wanted, rel=1e-9)
    assert len(set(wanted.tolist())) > 50


def test_served_features_are_those_of_training(flights: Flights, app: App) -> None:
    """Every feature of every test row is the one in the matrix: counts and latest rows to the last bit, means within 1e-9."""
    rows, matrix = rows_of_the_test(flights)
    assert app.histories is not None
    decoded = app.decoder.decode(msgspec.json.encode(rows))
    features = [app.bundle.features(row) for row in app.histories.complete_now(decoded).rows]
    found = np.array([[np.nan if each is None else each for each in row] for row in features])
    np.testing.assert_allclose(found, matrix, rtol=1e-9, atol=0)
    exact = [
        place for place, name in enumerate(app.bundle.program.names) if name.rpartition(".")[2] not in ("late_2d", "spread", "delay_6h")
    ]
    assert np.array_equal(found[:, exact], matrix[:, exact], equal_nan=True)


def test_an_entity_without_rows_has_an_empty_history(ask: Ask, app: App) -> None:
    """Of an entity that is not in the store nothing has happened: its counts are 0, that is no fallback; and so for one that is missing."""
    before = fallbacks(ask)
    for tail in ("never seen", None):
        (found,) = ask("POST", "/predict", json={**LATE, "tail": tail}).json()["predictions"]
        assert "fallback" not in found
    assert app.histories is not None
    row = app.histories.complete_now(app.decoder.decode(msgspec.json.encode({**LATE, "tail": "never seen"}))).rows[0]
    assert [value for name, value in row.items() if name.startswith("count() over 7d")] == [0.0]
    assert fallbacks(ask) == before


@pytest.mark.parametrize("change", [{"scheduled": "0001-01-01T00:00:00Z"}, {"scheduled": "9999-12-31T23:59:59.999999Z"}, {"tail": "\0"}])
def test_any_moment_and_any_entity_get_an_answer(change: dict[str, str], ask: Ask) -> None:
    """The first moment of the calendar, before which there is no hour, its last one, and a name of one zero byte are answered."""
    answer = ask("POST", "/predict", json=[{**LATE, **change}])
    assert answer.status_code == 200 and "fallback" not in answer.json()["predictions"][0]


def test_a_request_is_one_look_into_the_store(flights: Flights) -> None:
    """However many rows a request has, the store is asked once, and for each entity once."""
    app, asked = app_of(flights), []
    assert app.histories is not None
    read = app.histories.reader.read

    async def counted(wanted: Any) -> Any:
        asked.append(list(wanted))
        return await read(wanted)

    app.histories.reader.read = counted  # type: ignore[method-assign]
    answer = asking(app)("POST", "/predict", json=[LATE, {**LATE, "carrier": "B6"}, {**LATE, "tail": "N2"}] * 20)
    assert answer.status_code == 200
    ((*keys,),) = asked
    assert len(keys) == len(set(keys)) == 4


def test_the_metrics_tell_of_the_store(flights: Flights) -> None:
    """`/metrics` has the looks into the store with their times, every reason at 0, and the age of each view once it was read."""
    ask = asking(app_of(flights))
    assert ask("GET", "/readyz").json()["store"] == "not asked yet"
    ask("POST", "/predict", json=[LATE] * 3)
    ask("POST", "/predict", json=LATE)
    families = {family.name: family for family in text_string_to_metric_families(ask("GET", "/metrics").text)}
    counts = [sample.value for sample in families["mlarch_store_read_seconds"].samples if sample.name.endswith("_count")]
    assert counts == [2] and len(families["mlarch_store_fallbacks"].samples) >= 5 * len(VIEWS)
    ages = {sample.labels["view"]: sample.value for sample in families["mlarch_store_age_seconds"].samples}
    assert set(ages) == set(VIEWS) and min(ages.values()) > 86_400  # the flights are of 2024
    assert ask("GET", "/readyz").json()["store"] == "answers"


def test_a_model_that_does_not_look_back_has_no_store(flights: Flights, tmp_path: Path) -> None:
    """Where a row is all that a model reads there is no store: nothing of one is opened, described or said."""
    bundle = a_bundle(tmp_path / "bundle")
    app = App(bundle, "1", (), histories_of(flights.lock, bundle.program))
    ask = asking(app)
    assert app.histories is None and ask("POST", "/predict", json=RIGHT).status_code == 200
    assert "store" not in ask("GET", "/readyz").json() and "mlarch_store" not in ask("GET", "/metrics").text
    document = ask("GET", "/openapi.json").json()
    assert "503" not in document["paths"]["/predict"]["post"]["responses"] and "fallback" not in str(document)


# --- what it does not give --------------------------------------------------------------------------------------------------


def test_a_moment_that_is_not_kept_falls_back(short: Flights) -> None:
    """Of a moment before what is kept the values are missing, counts too, and the answer and the metrics say of which views."""
    app = app_of(short)
    ask = asking(app)
    late, early = ask("POST", "/predict", json=[LATE, EARLY]).json()["predictions"]
    assert "fallback" not in late and early["fallback"] == VIEWS
    assert fallbacks(ask) == {(view, "too_old"): 1 for view in VIEWS}
    (row,) = app.decoder.decode(msgspec.json.encode(EARLY))
    nothing = to_store_completion(app.bundle.program).unanswered(row)
    assert early["probability"] == pytest.approx(app.bundle.score_one(to_closure(app.bundle.program)(dict(nothing))))


def test_only_what_fails_falls_back(own: Flights) -> None:
    """A damaged history costs its own values alone; the other views of the row, and other rows, keep theirs."""
    with sqlite3.connect(database(own.file.parent)) as store:
        changed = store.execute(
            "UPDATE \"flights_departures_by_tail\" SET value = substr(value, 1, length(value) - 4) || x'00000000'"
        ).rowcount
        store.execute("UPDATE \"flights_weather_by_origin\" SET value = x'ff' WHERE instr(entity_key, CAST('LGA' AS BLOB))")
    assert changed > 20
    app = app_of(own)
    ask = asking(app)
    found = ask("POST", "/predict", json=[LATE, {**LATE, "tail": None}, {**LATE, "origin": "LGA"}]).json()["predictions"]
    assert [each.get("fallback") for each in found] == [VIEWS[:1], None, [VIEWS[0], VIEWS[2]]]
    assert fallbacks(ask) == {(VIEWS[0], "unreadable"): 2, (VIEWS[2], "unreadable"): 1}
    schema(ask("GET", "/openapi.json").json(), "Answer").validate({"model": "late", "version": "1", "predictions": found})


def test_a_store_that_is_gone_falls_back_until_it_is_there_again(own: Flights) -> None:
    """Without its file every view falls back, no request fails and `/readyz` says so; once the file is there it is read again."""
    ask = asking(app_of(own))
    file = database(own.file.parent)
    before = ask("POST", "/predict", json=LATE).json()["predictions"]
    hidden = file.rename(file.with_suffix(".hidden"))
    gone = ask("POST", "/predict", json=LATE)
    assert gone.status_code == 200 and gone.json()["predictions"][0]["fallback"] == VIEWS
    assert fallbacks(ask) == {(view, "unreachable"): 1 for view in VIEWS}
    assert ask("GET", "/readyz").json() == {"status": "ready", "model": "late", "version": "1", "store": "does not answer"}
    hidden.rename(file)
    assert ask("POST", "/predict", json=LATE).json()["predictions"] == before
    assert ask("GET", "/readyz").json()["store"] == "answers"


@pytest.fixture
def refusing(own: Flights) -> Iterator[Ask]:
    """The app of a system that declares `fallback = refuse`, over a store that is whole."""
    text = own.file.read_text(encoding="utf-8")
    own.file.write_text(text.replace(LONG, f"{LONG}\n  fallback = refuse"), encoding="utf-8")
    return asking(app_of(own))


def test_a_refusal_is_declared(refusing: Ask, own: Flights) -> None:
    """With `fallback = refuse` a request that the store does not answer gets 503, when to ask again, and why; the next one is answered."""
    assert refusing("POST", "/predict", json=LATE).status_code == 200
    file = database(own.file.parent)
    hidden = file.rename(file.with_suffix(".hidden"))
    answer = refusing("POST", "/predict", json=[LATE])
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    error = answer.json()["error"]
    assert error["code"] == "MLA706" and VIEWS[0] in error["message"] and "unreachable" in error["message"]
    document = refusing("GET", "/openapi.json").json()
    schema(document, "Error").validate(answer.json())
    assert "Retry-After" in document["paths"]["/predict"]["post"]["responses"]["503"]["headers"]
    assert '_count{status="503"} 1.0' in refusing("GET", "/metrics").text
    hidden.rename(file)
    assert refusing("POST", "/predict", json=LATE).status_code == 200


def test_a_moment_that_is_not_kept_is_the_callers(short: Flights) -> None:
    """With `fallback = refuse` a row about a moment that is not kept is refused as its own fault: asking again would not help."""
    text = short.file.read_text(encoding="utf-8")
    short.file.write_text(text.replace("keep = 1d", "keep = 1d\n  fallback = refuse"), encoding="utf-8")
    answer = asking(app_of(short))("POST", "/predict", json=[LATE, EARLY])
    short.file.write_text(text, encoding="utf-8")
    assert answer.status_code == 422 and "retry-after" not in answer.headers
    assert [(each["row"], each["field"]) for each in answer.json()["error"]["fields"]] == [(1, "scheduled")]


def test_a_model_that_takes_no_missing_values_is_not_asked_without(own: Flights, tmp_path: Path) -> None:
    """Where what is missing leaves a model without an answer, that is no fault of the row's: the request gets 503."""
    program = Bundle.load(own.bundle).program
    bundle = a_bundle(tmp_path / "bundle", program=program)
    ask = asking(App(bundle, "1", (), histories_of(own.lock, program)))
    database(own.file.parent).unlink()
    answer = ask("POST", "/predict", json=LATE)
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "MLA706")
    assert "takes no missing values" in answer.json()["error"]["message"]
