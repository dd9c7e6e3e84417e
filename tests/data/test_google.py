"""Cloud Storage and BigQuery are read by the protocols of their clients; what breaks off leaves nothing, and no secret is seen."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path

import polars as pl
import pytest

from mlarch.runtime.data.connectors import bigquery, gcs, google

from .google import TOKEN, Cloud, cloud, service_account
from .test_connectors import ROWS, ingested, refused, unseen


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """A cloud with objects and a table, and the environment that says where it is and who may read it."""
    pytest.importorskip("google.cloud.bigquery")
    for name in (google.FILE, "MLARCH_SECRETS", bigquery.PROJECT):
        monkeypatch.delenv(name, raising=False)
    with cloud() as found:
        for part, rows in (("a", ROWS[:4]), ("b", ROWS[4:7]), ("c", ROWS[7:])):
            table = BytesIO()
            rows.write_parquet(table)
            found.put(f"shop/parts/{part}.parquet", table.getvalue())
            found.put(f"shop/parts/{part}.csv", rows.write_csv().encode())
            found.put(f"shop/parts/{part}.jsonl", rows.write_ndjson().encode())
        found.put("shop/parts/deeper/d.parquet", b"is not matched")
        found.put("shop/torn.parquet", b"PAR1 and nothing else")
        fields = [{"name": "n", "type": "INTEGER"}, {"name": "t", "type": "STRING"}]
        found.tables["shop.sales.rows"] = (fields, [(str(n), t) for n, t in ROWS.rows()])
        file = tmp_path_factory.mktemp("google") / "account.json"
        service_account(file, found.url)
        monkeypatch.setenv(google.FILE, str(file))
        monkeypatch.setenv(gcs.EMULATOR, found.url)
        monkeypatch.setenv(bigquery.EMULATOR, found.url)
        yield found


# --- Cloud Storage --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["parquet", "csv", "jsonl"])
def test_objects_of_a_pattern_are_one_table(kind: str, held: Cloud, tmp_path: Path) -> None:
    """Objects are read in the order of their keys, by the token that the service account got, which is in no file."""
    dataset, rows = ingested(tmp_path, f'gcs("gs://shop/parts/*.{kind}")')
    assert rows.equals(ROWS) and dataset.origin == f"gs://shop/parts/*.{kind}"
    assert held.tokens == {"", f"Bearer {TOKEN}"} and held.asked[0] == "POST /token"
    unseen(tmp_path, repr(dataset))


def test_one_object_is_read_without_credentials_from_an_emulator(held: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where an emulator is named, nobody need log in, and nothing is asked of Google."""
    monkeypatch.delenv(google.FILE)
    assert ingested(tmp_path, 'gcs("gs://shop/parts/a.parquet")')[1].equals(ROWS[:4])
    assert held.tokens == {""}


def test_the_credentials_may_stand_in_the_file_of_secrets(held: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The path of the service account's file is found in the file that MLARCH_SECRETS names as well."""
    file = tmp_path / "account.json"
    key = service_account(file, held.url)
    secrets = tmp_path / "secrets"
    secrets.write_text(f"{google.FILE} = {file}\n")
    monkeypatch.delenv(google.FILE)
    monkeypatch.setenv("MLARCH_SECRETS", str(secrets))
    (tmp_path / "project").mkdir()
    dataset, rows = ingested(tmp_path / "project", 'gcs("gs://shop/parts/*.csv")')
    assert rows.equals(ROWS) and f"Bearer {TOKEN}" in held.tokens
    unseen(tmp_path / "project", repr(dataset))
    assert all(key.splitlines()[1].encode() not in path.read_bytes() for path in (tmp_path / "project").rglob("*") if path.is_file())


@pytest.mark.parametrize(
    ("uri", "code", "said"),
    [
        ("gs://shop/none.parquet", "MLA501", "there is no object"),
        ("gs://shop/none/*.parquet", "MLA501", "there is no object"),
        ("gs://none/a.parquet", "MLA501", "there is no object"),
        ("gs://shop/torn.parquet", "MLA512", "cannot be read"),
        ("gs://shop/a.xlsx", "MLA507", "of a kind that is not read"),
    ],
)
def test_an_object_that_cannot_be_read_is_said(uri: str, code: str, said: str, held: Cloud, tmp_path: Path) -> None:
    """An object that is not there, damaged, or of an unknown kind is one message without a credential."""
    problem = refused(tmp_path, f'gcs("{uri}")')
    assert problem.code == code and said in problem.message, problem.message
    unseen(tmp_path, problem.message)


def test_an_object_that_is_replaced_in_mid_read_is_told(held: Cloud, tmp_path: Path) -> None:
    """Rows of two contents are never mixed: the message names the object, nothing is kept, and a rerun reads the new one."""
    other = BytesIO()
    ROWS[4:7].reverse().write_parquet(other)

    def replaced(request: str) -> None:
        if "b%2Eparquet" in request:
            held.before = lambda path: None
            held.put("shop/parts/b.parquet", other.getvalue())

    held.before = replaced
    problem = refused(tmp_path, 'gcs("gs://shop/parts/*.parquet")')
    assert problem.code == "MLA512" and "changed while it was read: parts/b.parquet" in problem.message
    assert ingested(tmp_path, 'gcs("gs://shop/parts/*.parquet")')[1]["n"].to_list() == [0, 1, 2, 3, 6, 5, 4, 7, 8, 9]


def test_a_refusal_of_the_store_is_told(held: Cloud, tmp_path: Path) -> None:
    """A store that forbids, a login that is refused, and credentials that are no such file are one message each, without a secret."""
    held.before = lambda request: None if "/token" in request else (403, b"{}")
    problem = refused(tmp_path, 'gcs("gs://shop/parts/a.csv")')
    assert problem.code == "MLA512" and "403" in problem.message
    held.before = lambda request: (401, b'{"error": "invalid_grant", "error_description": "Invalid JWT"}') if "/token" in request else None
    problem = refused(tmp_path, 'gcs("gs://shop/parts/a.csv")')
    assert problem.code == "MLA512" and "Google refuses the credentials: " in problem.message and "invalid_grant" in problem.message
    unseen(tmp_path, problem.message)


@pytest.mark.parametrize("connector", ['gcs("gs://shop/parts/*.parquet")', 'bigquery("shop.sales.rows")'])
def test_a_refusal_that_repeats_the_token_is_told_without_it(connector: str, held: Cloud, tmp_path: Path) -> None:
    """What a server says of a token is shown, and the token is not."""
    said = f'{{"error": {{"message": "the token {TOKEN} is revoked"}}}}'.encode()
    held.before = lambda request: None if "/token" in request or "storage/v1" in request else (403, said)
    problem = refused(tmp_path, connector)
    assert problem.code == "MLA512" and TOKEN not in repr(problem.message) + repr(problem.help)
    if connector.startswith("bigquery"):
        assert "the token ••• is revoked" in problem.message


def test_credentials_that_are_none_are_told(held: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that holds no credentials is not repeated in the message, and the help says what is to be set."""
    file = tmp_path / "account.json"
    file.write_text(f'{{"type": "{TOKEN}"}}')
    monkeypatch.setenv(google.FILE, str(file))
    (tmp_path / "project").mkdir()
    for connector in ('gcs("gs://shop/parts/a.csv")', 'bigquery("shop.sales.rows")'):
        problem = refused(tmp_path / "project", connector)
        assert problem.code == "MLA512" and "there are no credentials" in problem.message and google.FILE in (problem.help or "")
        assert TOKEN not in problem.message


def test_a_store_that_is_away_is_said(held: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody answers at the endpoint: the message says so."""
    monkeypatch.setenv(gcs.EMULATOR, "http://127.0.0.1:1")
    monkeypatch.delenv(google.FILE)
    assert "refused" in refused(tmp_path, 'gcs("gs://shop/parts/a.csv")').message


# --- BigQuery -------------------------------------------------------------------------------------------------------


def test_a_table_is_read_page_by_page(held: Cloud, tmp_path: Path) -> None:
    """One query job reads the columns that the schema names; its pages are one table, and the token is in no file."""
    dataset, rows = ingested(tmp_path, 'bigquery("shop.sales.rows")')
    assert rows.equals(ROWS) and dataset.origin == "shop.sales.rows"
    assert list(held.queries.values()) == ["SELECT `n`, `t` FROM `shop.sales.rows`"]
    assert len([each for each in held.asked if each.startswith("GET /bigquery/v2/projects/shop/queries/")]) >= 3
    assert f"Bearer {TOKEN}" in held.tokens
    unseen(tmp_path, repr(dataset))
    assert ingested(tmp_path, 'bigquery("shop.sales.rows")', "t : string")[1].equals(ROWS.select("t"))


def test_every_type_of_bigquery_has_a_place(held: Cloud, tmp_path: Path) -> None:
    """Numbers, decimals, booleans, dates, times with and without a zone, and lists and records as JSON come through, missing ones too."""
    types = {"f": "FLOAT", "d": "NUMERIC", "b": "BOOLEAN", "day": "DATE", "at": "TIMESTAMP", "local": "DATETIME", "l": "INTEGER"}
    fields = [{"name": name, "type": kind, "mode": "REPEATED" if name == "l" else "NULLABLE"} for name, kind in types.items()]
    fields.append({"name": "r", "type": "RECORD", "mode": "NULLABLE", "fields": [{"name": "when", "type": "DATE"}]})
    full = ("0.5", "1.25", "true", "2013-10-11", "1381492800000000", "2013-10-11T12:00:00", [{"v": "1"}, {"v": "2"}])
    rows = [(*full, {"f": [{"v": "2013-10-11"}]}), (*[None] * 6, [], None)]
    held.tables["shop.sales.all"] = (fields, rows)
    columns = "f : float?\n d : float?\n b : bool?\n day : date?\n at : timestamp?\n local : timestamp?\n l : string?\n r : string?"
    found = ingested(tmp_path, 'bigquery("shop.sales.all")', columns)[1]
    noon = datetime(2013, 10, 11, 12, tzinfo=UTC)
    assert found["day"][0] in (date(2013, 10, 11), datetime(2013, 10, 11, tzinfo=UTC))
    assert found.drop("day").row(0) == (0.5, 1.25, True, noon, noon, "[1, 2]", '{"when": "2013-10-11"}')
    assert found.row(1) == (*[None] * 6, "[]", None)


def test_an_empty_table_and_one_that_is_not_there_are_said(held: Cloud, tmp_path: Path) -> None:
    """A table without rows, an unknown one and a column that it lacks are one message each."""
    held.tables["shop.sales.none"] = (held.tables["shop.sales.rows"][0], [])
    assert refused(tmp_path, 'bigquery("shop.sales.none")').code == "MLA506"
    problem = refused(tmp_path, 'bigquery("shop.sales.nowhere")')
    assert problem.code == "MLA501" and "there is no table shop.sales.nowhere" in problem.message


def test_bigquery_that_breaks_off_leaves_nothing(held: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After some pages the server refuses: one message says after how many rows, nothing is kept, and a rerun carries on."""
    monkeypatch.setattr(bigquery, "SECONDS", 1.0)
    held.before = lambda request: (403, b'{"error": {"message": "Quota exceeded"}}') if "pageToken=8" in request else None
    problem = refused(tmp_path, 'bigquery("shop.sales.rows")')
    assert problem.code == "MLA512" and "broke off after 8 rows: " in problem.message and "Quota exceeded" in problem.message
    unseen(tmp_path, problem.message)
    held.before = lambda request: None
    assert ingested(tmp_path, 'bigquery("shop.sales.rows")')[1].equals(ROWS)


def test_bigquery_that_is_away_is_said(held: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody answers, or somebody else: each is one message in good time."""
    monkeypatch.setattr(bigquery, "SECONDS", 1.0)
    monkeypatch.setenv(bigquery.EMULATOR, "http://127.0.0.1:1")
    assert refused(tmp_path, 'bigquery("shop.sales.rows")').code == "MLA512"
    monkeypatch.setenv(bigquery.EMULATOR, held.url)
    held.before = lambda request: None if "/token" in request else (200, b"<html>")
    assert refused(tmp_path, 'bigquery("shop.sales.rows")').code == "MLA512"


@pytest.mark.parametrize("connector", ['bigquery("shop.sales.rows")', 'gcs("gs://shop/parts/a.csv")', 'kafka("visits", "localhost:9092")'])
def test_a_library_that_is_not_installed_is_said(connector: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message has the line that installs the extra."""
    for name in ("google.cloud", "google.cloud.bigquery", "google.auth", "confluent_kafka"):
        monkeypatch.setitem(sys.modules, name, None)
    problem = refused(tmp_path, connector)
    extra = "kafka" if connector.startswith("kafka") else "gcp"
    assert problem.code == "MLA602" and problem.help == f"pip install 'mlarch[{extra}]'"


def test_a_table_keeps_what_was_read(held: Cloud, tmp_path: Path) -> None:
    """A table that has changed is a new version beside the one before."""
    first, _ = ingested(tmp_path, 'bigquery("shop.sales.rows")')
    held.tables["shop.sales.rows"][1].append(("10", "k"))
    second, rows = ingested(tmp_path, 'bigquery("shop.sales.rows")')
    assert first.digest != second.digest and rows.equals(pl.concat([ROWS, pl.DataFrame({"n": [10], "t": ["k"]})]))
    assert (tmp_path / first.path).exists()
