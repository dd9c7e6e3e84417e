"""`mlarch predict`: rows in every form, answers for people and machines, and what is said when nobody answers."""

from __future__ import annotations

import io
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from mlarch.runtime.serving import local
from mlarch.runtime.serving.client import percentile
from mlarch.runtime.serving.hosting import Served, chosen, record_path
from mlarch.runtime.serving.processes import birth
from mlarch.runtime.state import State

from ..servers import ROW, call, champion_in, copy_of, free_port, lock_of, running, stop_all

Capsys = pytest.CaptureFixture[str]
OTHER = {"mean_radius": 9.5, "mean_texture": 12.4, "mean_area": 273.9, "mean_concavity": 0.02}


@pytest.fixture(scope="module")
def file(trained: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A project whose deployment is being served."""
    copied = copy_of(trained, tmp_path_factory.mktemp("predict") / "cancer")
    lock = lock_of(copied)
    local.start(lock, chosen(lock, None), champion_in(copied))
    yield copied
    stop_all(copied)


@pytest.fixture
def silent(trained: Path, tmp_path: Path) -> Iterator[Path]:
    """A project that nobody serves."""
    copied = copy_of(trained, tmp_path / "cancer")
    yield copied
    stop_all(copied)


def answers(capsys: Capsys, *arguments: object) -> dict[str, Any]:
    """The plain answer to a call that succeeds."""
    ended = call(capsys, "predict", *arguments, "--json")
    assert ended.code == 0, ended.err
    found: dict[str, Any] = json.loads(ended.out)
    return found


def test_without_rows_a_test_row_is_tried(file: Path, capsys: Capsys) -> None:
    """A row of the test part is asked for, and shown."""
    ended = call(capsys, "predict", file)
    assert ended.code == 0, ended.err
    assert re.search(r"classifier version 1\n  probability +0\.\d{4}\n  label +(true|false)\n", ended.out)
    asked = json.loads(ended.err[ended.err.index("{") :])
    csv = pl.read_csv(file.parent / "data" / "breast_cancer.csv")
    assert asked in csv.select(list(asked)).to_dicts()


def test_given_rows_are_answered_in_order(file: Path, capsys: Capsys) -> None:
    """One row is shown field by field, several as a table, and --json is the server's own answer."""
    found = answers(capsys, file, "--row", json.dumps(ROW), "--row", json.dumps(OTHER))
    assert (found["model"], found["version"]) == ("classifier", "1")
    first, second = found["predictions"]
    assert (first["label"], second["label"]) == (True, False)
    ended = call(capsys, "predict", file, "--row", json.dumps([ROW, OTHER]))
    assert [line.split() for line in ended.out.splitlines()[1:]] == [
        ["row", "probability", "label"],
        ["0", f"{first['probability']:.4f}", "true"],
        ["1", f"{second['probability']:.4f}", "false"],
    ]


@pytest.mark.parametrize("suffix", ["csv", "tsv", "jsonl", "json", "parquet"])
def test_rows_come_from_any_table(file: Path, capsys: Capsys, tmp_path: Path, suffix: str) -> None:
    """The same rows give the same answers from every kind of file; columns that the request does not have are left out, and named."""
    table = pl.DataFrame([{"id": "007", **ROW}, {"id": "008", **OTHER}])
    path = tmp_path / f"rows.{suffix}"
    match suffix:
        case "csv":
            table.write_csv(path)
        case "tsv":
            table.write_csv(path, separator="\t")
        case "jsonl":
            table.write_ndjson(path)
        case "json":
            path.write_text(json.dumps({"rows": table.to_dicts()}))
        case "parquet":
            table.write_parquet(path)
    ended = call(capsys, "predict", file, "--rows", path, "--json")
    assert ended.code == 0, ended.err
    assert "left out: id" in ended.err
    assert json.loads(ended.out) == answers(capsys, file, "--row", json.dumps([ROW, OTHER]))


def test_many_rows_are_sent_in_parts(file: Path, capsys: Capsys, tmp_path: Path) -> None:
    """More rows than one request takes are all answered, and a wrong one is named by its place in the file."""
    rows = [{**ROW, "mean_radius": 5 + number / 1000} for number in range(12_000)]
    path = tmp_path / "rows.parquet"
    pl.DataFrame(rows).write_parquet(path)
    found = answers(capsys, file, "--rows", path)["predictions"]
    assert len(found) == 12_000
    assert found[11_999] == answers(capsys, file, "--row", json.dumps(rows[11_999]))["predictions"][0]
    pl.DataFrame([*rows, {**ROW, "mean_radius": 61.0}]).write_parquet(path)
    ended = call(capsys, "predict", file, "--rows", path)
    assert ended.code == 1
    assert "row 12000: `mean_radius` is 61.0, outside 0..60" in ended.err


def test_rows_come_from_standard_input(file: Path, capsys: Capsys, monkeypatch: pytest.MonkeyPatch) -> None:
    """`--rows -` reads JSON: one object, a list, or `rows` around it."""
    wanted = answers(capsys, file, "--row", json.dumps(ROW))
    for body in (ROW, [ROW], {"rows": [ROW]}):
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(json.dumps(body).encode())))
        assert answers(capsys, file, "--rows", "-") == wanted


def test_offline_answers_as_the_server_does(file: Path, capsys: Capsys) -> None:
    """`--offline` needs no server and gives the same answer, and refuses the same."""
    rows = json.dumps([ROW, OTHER])
    online, offline = answers(capsys, file, "--row", rows), answers(capsys, file, "--offline", "--row", rows)
    assert [each["label"] for each in online["predictions"]] == [each["label"] for each in offline["predictions"]]
    assert online == offline
    for options in ([], ["--offline"]):
        ended = call(capsys, "predict", file, *options, "--row", '{"mean_radius": "wide"}')
        assert ended.code == 1
        assert 'row 0: `mean_radius` is "wide", and should be a number' in ended.err
        assert "row 0: `mean_area` is missing" in ended.err


def test_a_refusal_is_one_document_for_machines(file: Path, capsys: Capsys) -> None:
    """With --json a refusal has code, message and every field, and the exit code is 1."""
    ended = call(capsys, "predict", file, "--row", json.dumps({**ROW, "mean_radius": -1}), "--json")
    assert ended.code == 1
    error = json.loads(ended.out)["error"]
    assert error["code"] == "MLA704"
    assert error["fields"] == [{"row": 0, "field": "mean_radius", "problem": "is -1, outside 0..60"}]


def test_times_are_measured_by_the_caller(file: Path, capsys: Capsys) -> None:
    """`--times` asks so often and says p50, p99 and requests a second."""
    found = answers(capsys, file, "--times", 50)
    measured = found["measured"]
    assert measured["times"] == 50
    assert 0 < measured["p50_ms"] <= measured["p99_ms"]
    assert measured["per_second"] > 0
    before = _requests(file)
    assert re.search(r"asked 20 times, .*: p50 \S+ ms, p99 \S+ ms, \d+ requests a second", call(capsys, "predict", file, "--times", 20).out)
    assert _requests(file) == before + 20


def _requests(file: Path) -> int:
    """How many requests the server has answered."""
    import urllib.request

    with urllib.request.urlopen(f"{running(file).url}/metrics") as answer:
        found = re.search(r'_count\{status="200"\} (\d+)', answer.read().decode())
    return int(found[1]) if found else 0


@pytest.mark.parametrize(("share", "wanted"), [(0.5, 50), (0.99, 99), (1.0, 100), (0.0, 1), (0.001, 1)])
def test_percentiles_are_by_nearest_rank(share: float, wanted: float) -> None:
    """Of a hundred times the 99th percentile is the 99th."""
    assert percentile([float(number) for number in range(100, 0, -1)], share) == wanted


def test_without_a_server_the_next_step_is_said(silent: Path, capsys: Capsys) -> None:
    """Nothing running is MLA703, and says how to start it and how to do without."""
    ended = call(capsys, "predict", silent)
    assert ended.code == 1
    assert "error[MLA703]" in ended.err
    assert "mlarch serve" in ended.err and "--offline" in ended.err


def test_a_server_that_does_not_answer_is_said(silent: Path, capsys: Capsys) -> None:
    """A process that lives but does not listen is MLA705, with its address and log."""
    state = State(silent.parent)
    pid = os.getpid()
    served = Served(
        deployment="api",
        host="ray",
        pid=pid,
        born=birth(pid),
        url=f"http://127.0.0.1:{free_port()}",
        model="classifier",
        version="1",
        log="/log",
    )
    state.write_value(record_path(state, "api"), served, "serving.record")
    ended = call(capsys, "predict", silent, "--row", json.dumps(ROW))
    assert ended.code == 1
    assert "error[MLA705]" in ended.err
    assert served.url in ended.err and "its log is /log" in ended.err
    record_path(state, "api").unlink()


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["--row", "{", "--json"], 1, "this is not JSON"),
        (["--row", "{}", "--rows", "-"], 2, "not both"),
        (["model.classifier.threshold=0.4"], 2, "go with --offline"),
        (["--offline", "--times", "3"], 2, "--offline asks no server"),
        (["--deployment", "apii"], 1, "`apii` is not running"),
        (["--rows", "nowhere.csv"], 2, "nowhere.csv"),
        (["--times", "0"], 2, "0"),
    ],
)
def test_a_wrong_call_is_told_what_is_right(file: Path, capsys: Capsys, arguments: list[str], code: int, says: str) -> None:
    """Wrong JSON, options that do not go together, a deployment or a file that does not exist."""
    ended = call(capsys, "predict", file, *arguments)
    assert ended.code == code
    assert says in ended.out + ended.err


@pytest.mark.parametrize(
    ("name", "data"), [("rows.xlsx", b"x"), ("rows.csv", b"a\n\xff\xfe\x00\n"), ("rows.parquet", b"x"), ("rows.json", b"{")]
)
def test_an_unreadable_table_is_said(file: Path, capsys: Capsys, tmp_path: Path, name: str, data: bytes) -> None:
    """A file that is not what its name says, or of a kind that is not read, is MLA507 with its name."""
    path = tmp_path / name
    path.write_bytes(data)
    ended = call(capsys, "predict", file, "--rows", path)
    assert ended.code == 1
    assert "error[MLA507]" in ended.err and ("rows" in ended.err or "JSON" in ended.err)


def test_texts_become_the_types_of_the_request(tmp_path: Path) -> None:
    """A cell of a CSV file is read as the column's type; what it cannot be stays text, so that the server names it."""
    from mlarch.runtime.serving.rows import read_rows

    columns = {
        "age": {"type": "integer"},
        "weight": {"type": ["number", "null"]},
        "smoker": {"type": "boolean"},
        "code": {"type": "string"},
        "seen": {"type": "string", "format": "date-time"},
    }
    path = tmp_path / "rows.csv"
    path.write_text("age,weight,smoker,code,seen\n40,1e2,true,007,2026-03-01\nold,,maybe,NA,\n")
    assert read_rows(path, columns) == (
        [
            {"age": 40, "weight": 100.0, "smoker": True, "code": "007", "seen": "2026-03-01"},
            {"age": "old", "weight": None, "smoker": "maybe", "code": None, "seen": None},
        ],
        [],
    )
