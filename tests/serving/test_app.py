"""The app by itself, without a host: every route, every refusal, and what it says of itself."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from prometheus_client.parser import text_string_to_metric_families

from mlarch.architecture.blocks.model import Output
from mlarch.architecture.blocks.system import Problem
from mlarch.runtime.serving.app import MOST_BYTES, App, lifespan

from .asking import Ask, asking
from .bundles import COLUMNS, RIGHT, a_bundle


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> App:
    """The app of a binary classifier, with a latency of the SLO as an edge."""
    return App(a_bundle(tmp_path_factory.mktemp("app") / "bundle"), "7", (0.033,))


@pytest.fixture(scope="module")
def ask(app: App) -> Ask:
    """A function that sends one request to the app, in this process."""
    return asking(app)


def test_a_row_gets_a_prediction(ask: Ask) -> None:
    """`POST /predict` answers with model, version and one prediction a row, in order."""
    answer = ask("POST", "/predict", json=RIGHT)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    found = answer.json()
    assert (found["model"], found["version"], len(found["predictions"])) == ("risk", "7", 1)
    several = [{**RIGHT, "age": age} for age in (0, 60, 120)]
    together = ask("POST", "/predict", json=several).json()["predictions"]
    assert together == [pytest.approx(ask("POST", "/predict", json=row).json()["predictions"][0]) for row in several]
    assert len({each["probability"] for each in together}) == 3


def test_the_index_names_every_route(ask: Ask) -> None:
    """`/` says what there is, and everything that it names answers."""
    index = ask("GET", "/").json()
    assert index["predict"] == "POST /predict"
    assert {path: ask("GET", path).status_code for path in index["also"]} == dict.fromkeys(
        ["/healthz", "/readyz", "/metrics", "/openapi.json"], 200
    )


def test_readiness_names_the_version(ask: Ask) -> None:
    """`/readyz` says which version of which model answers."""
    assert ask("GET", "/readyz").json() == {"status": "ready", "model": "risk", "version": "7"}


@pytest.mark.parametrize("path", ["/", "/healthz", "/readyz", "/metrics", "/openapi.json"])
def test_head_has_the_length_and_no_body(app: App, path: str) -> None:
    """HEAD says what GET would send, and sends none of it."""
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    for method in ("GET", "HEAD"):
        asyncio.run(app({"type": "http", "path": path, "method": method, "headers": []}, receive, send))
    get_start, get_body, head_start, head_body = sent
    assert head_start == get_start
    assert int(dict(get_start["headers"])[b"content-length"]) == len(get_body["body"]) > 0
    assert head_body["body"] == b""


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing", 404),
        ("POST", "/predict/", 404),
        ("GET", "/predict", 405),
        ("PUT", "/predict", 405),
        ("HEAD", "/predict", 405),
        ("POST", "/healthz", 405),
        ("DELETE", "/", 405),
    ],
)
def test_what_is_not_there_says_so(ask: Ask, method: str, path: str, status: int) -> None:
    """An unknown path is 404, a known one with another method 405; both say what there is."""
    answer = ask(method, path)
    assert answer.status_code == status
    assert method == "HEAD" or answer.json()["error"]["message"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"not json", 400),
        (b"\xff\xfe\x00", 400),
        (b"[" * 100_000, 400),
        (b'{"age": NaN}', 400),
        (b"{}", 422),
        (b"[]", 422),
        (b" " * (MOST_BYTES + 1), 413),
        (b"[" + b"{}," * 10_000 + b"{}]", 413),
    ],
    ids=["empty", "text", "bytes", "nested", "NaN", "no fields", "no rows", "too long", "too many"],
)
def test_a_wrong_body_is_refused_with_a_reason(ask: Ask, body: bytes, status: int) -> None:
    """Whatever is posted, the answer is JSON with a code and a message, and the app answers the next one."""
    answer = ask("POST", "/predict", content=body)
    assert answer.status_code == status
    error = answer.json()["error"]
    assert error["code"] == "MLA704" and error["message"]
    assert ask("POST", "/predict", json=RIGHT).status_code == 200


def test_every_wrong_field_is_named(ask: Ask) -> None:
    """422 lists row, field and reason of everything that is wrong."""
    wrong = [RIGHT, {**RIGHT, "age": 200, "smoker": "no"}]
    fields = ask("POST", "/predict", json=wrong).json()["error"]["fields"]
    assert [(each["row"], each["field"]) for each in fields] == [(1, "age"), (1, "smoker")]


def test_a_body_in_pieces_is_one_body(ask: Ask) -> None:
    """A chunked request is read to its end, and one that grows beyond the limit is refused."""
    text = json.dumps(RIGHT).encode()

    async def pieces(parts: list[bytes]) -> AsyncIterator[bytes]:
        for part in parts:
            yield part

    assert ask("POST", "/predict", content=pieces([text[:9], b"", text[9:]])).status_code == 200
    assert ask("POST", "/predict", content=pieces([b" " * 1_000_000] * 11)).status_code == 413


def test_a_request_id_comes_back(ask: Ask) -> None:
    """`x-request-id` of a request is in the answer, refused or not, so that callers can match their logs."""
    for body in (json.dumps(RIGHT), "{}"):
        assert ask("POST", "/predict", content=body, headers={"x-request-id": "abc-1"}).headers["x-request-id"] == "abc-1"
    assert "x-request-id" not in ask("GET", "/healthz").headers


def test_metrics_are_prometheus_text(tmp_path: Path) -> None:
    """`/metrics` is read by Prometheus' own parser, counts what was answered and refused, and has the SLO's latency as an edge."""
    ask = asking(App(a_bundle(tmp_path / "bundle"), "7", (0.033,)))
    ask("POST", "/predict", json=[RIGHT] * 3)
    ask("POST", "/predict", json={})
    ask("GET", "/nothing")
    answer = ask("GET", "/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    families = {family.name: family for family in text_string_to_metric_families(answer.text)}
    assert [sample.value for sample in families["mlarch_predictions"].samples if sample.name.endswith("_total")] == [3]
    samples = families["mlarch_request_seconds"].samples
    counts = {sample.labels["status"]: sample.value for sample in samples if sample.name.endswith("_count")}
    assert counts == {"200": 1, "404": 1, "422": 1}
    assert "0.033" in {sample.labels["le"] for sample in samples if sample.name.endswith("_bucket")}
    assert families["mlarch_model_info"].samples[0].labels == {"model": "risk", "version": "7"}


def test_a_mistake_of_ours_is_counted_and_answered(tmp_path: Path) -> None:
    """Where the code itself fails, the caller gets 500 as JSON, the metrics count it, and the next request is answered."""
    bundle = a_bundle(tmp_path / "bundle")
    whole, bundle.features = bundle.features, lambda row: 1 // 0
    ask = asking(App(bundle, "7"))
    answer = ask("POST", "/predict", json=RIGHT)
    assert (answer.status_code, answer.json()["error"]["code"]) == (500, "MLA999")
    assert '_count{status="500"} 1.0' in ask("GET", "/metrics").text
    bundle.features = whole
    assert ask("POST", "/predict", json=RIGHT).status_code == 200


def test_the_lifespan_is_taken_part_in() -> None:
    """A host that announces its start and end gets an answer to both."""
    coming = iter([{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}])
    said: list[str] = []

    async def receive() -> dict[str, str]:
        return next(coming)

    async def send(message: Any) -> None:
        said.append(message["type"])

    asyncio.run(lifespan(receive, send))
    assert said == ["lifespan.startup.complete", "lifespan.shutdown.complete"]


# --- the OpenAPI description ------------------------------------------------------------------------------------------------


def schema(document: dict[str, Any], name: str) -> jsonschema.Draft202012Validator:
    """A validator for one of the document's schemas."""
    return jsonschema.Draft202012Validator({**document, "$ref": f"#/components/schemas/{name}"})


def test_the_description_is_valid(ask: Ask) -> None:
    """`/openapi.json` is an OpenAPI 3.1 document by the specification's own schema, and every schema in it is one."""
    from openapi_spec_validator import validate

    document = ask("GET", "/openapi.json").json()
    validate(document)
    for each in document["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(each)
    assert set(document["components"]["schemas"]["Row"]["properties"]) == {column.name for column in COLUMNS}


@pytest.mark.parametrize(
    ("change", "right"),
    [
        ({}, True),
        ({"ratio": None, "city": None}, True),
        ({"age": 121}, False),
        ({"age": 1.5}, False),
        ({"age": 3.0}, True),
        ({"weight": "x"}, False),
        ({"city": "Berlin"}, False),
        ({"smoker": None}, False),
        ({"more": 1}, False),
    ],
)
def test_the_description_says_what_the_app_takes(ask: Ask, change: dict[str, Any], right: bool) -> None:
    """A row is right by the description exactly when the app answers it, and the answer and the refusal are as described too."""
    row = {**RIGHT, **change}
    document = ask("GET", "/openapi.json").json()
    answer = ask("POST", "/predict", json=row)
    assert schema(document, "Row").is_valid(row) is right
    assert (answer.status_code == 200) is right
    schema(document, "Answer" if right else "Error").validate(answer.json())


@pytest.mark.parametrize(
    ("problem", "output", "classes"),
    [
        (Problem.CLASSIFICATION, Output.PROBABILITY, ("no", "yes")),
        (Problem.CLASSIFICATION, Output.CLASS, ("no", "yes")),
        (Problem.CLASSIFICATION, Output.PROBABILITY, ("a", "b", "c")),
        (Problem.REGRESSION, Output.PROBABILITY, ("false", "true")),
    ],
)
def test_each_kind_of_answer_is_described(tmp_path: Path, problem: Problem, output: Output, classes: tuple[str, ...]) -> None:
    """Whatever the model's kind, its answer is as described, and an answer with other fields is not."""
    ask = asking(App(a_bundle(tmp_path / "bundle", problem=problem, output=output, classes=classes), "1"))
    document, answer = ask("GET", "/openapi.json").json(), ask("POST", "/predict", json=RIGHT).json()
    schema(document, "Answer").validate(answer)
    assert not schema(document, "Answer").is_valid({**answer, "predictions": [{"other": 1}]})
