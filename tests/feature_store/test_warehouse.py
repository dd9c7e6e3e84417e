"""The tables beside the online store in BigQuery, against a server that answers what Google's client asks; nothing ran at Google."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from mlarch.architecture.errors import ArchitectureError
from mlarch.runtime.data.connectors import bigquery, google
from mlarch.runtime.features.store import warehouse
from mlarch.runtime.features.store.warehouse import load

from ..data.google import TOKEN, Cloud, cloud, service_account
from .shops import Shop, rows, write

pytestmark = pytest.mark.servers
STORE = 'feature_store kept { offline = bigquery("shop.kept") }\n'
AT, TABLE = "feature_store.kept.offline", "shop.kept.shop"
#: The least of which a client sends parts: the files of these tests are to have several.
CHUNK = 256 * 1024


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """A cloud with an empty dataset, and the environment that says where it is and who may write; nothing is tried twice."""
    pytest.importorskip("google.cloud.bigquery")
    for name in ("MLARCH_SECRETS", bigquery.PROJECT):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(warehouse, "RETRIES", 0)
    monkeypatch.setattr(warehouse, "SECONDS", 1.0)
    monkeypatch.setattr("google.cloud.bigquery.client._DEFAULT_CHUNKSIZE", CHUNK)
    with cloud() as found:
        found.loads.datasets.add("shop.kept")
        file = tmp_path_factory.mktemp("google") / "account.json"
        service_account(file, found.url)
        monkeypatch.setenv(google.FILE, str(file))
        monkeypatch.setenv(bigquery.EMULATOR, found.url)
        yield found


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A Parquet file of several parts."""
    noise = np.random.default_rng(3).random(CHUNK // 4)
    path = tmp_path / "table.parquet"
    pl.DataFrame({"noise": noise}).write_parquet(path, compression="uncompressed")
    return path


def refused(file: Path) -> ArchitectureError:
    """Return what is told of a file that cannot be loaded; no secret is in it."""
    with pytest.raises(ArchitectureError) as told:
        load(file, TABLE, AT)
    assert told.value.at == AT and TOKEN not in told.value.message + (told.value.help or "")
    return told.value


def test_the_tables_are_loaded_as_the_repository_names_them(held: Cloud, tmp_path: Path) -> None:
    """Each table that Feast's client is told of arrives with the rows of the Parquet file here, by the token of the service account."""
    shop = Shop(write(tmp_path, STORE))
    shop.all()
    assert {name.removeprefix("shop.kept.") for name in held.loads.tables} == {"visits_by_shop", "prices_by_good", "shop", "good"}
    definitions = (shop.repository / "features.py").read_text()
    for table, data in held.loads.tables.items():
        here = shop.state.path("feast", f"{table.rpartition('.')[2]}.parquet")
        assert f'table="{table}"' in definitions and data == here.read_bytes()
        assert pl.read_parquet(BytesIO(data)).height > 1
    assert held.tokens == {"", f"Bearer {TOKEN}"}
    built = [path.read_bytes() for name in (".mlarch", "build") for path in (tmp_path / name).rglob("*") if path.is_file()]
    assert all(secret.encode() not in data for data in built for secret in (TOKEN, held.url))


def test_only_a_table_that_has_changed_is_loaded_again(held: Cloud, tmp_path: Path) -> None:
    """The same rows load nothing; others load the tables of their source, in the place of those before."""
    shop = Shop(write(tmp_path, STORE))
    shop.all()
    before, count = dict(held.loads.tables), len(held.loads.jobs)
    shop.all()
    assert len(held.loads.jobs) == count
    rows(320)[0].write_parquet(tmp_path / "visits.parquet")
    Shop(tmp_path / "shops.mlarch").all()
    changed = {table for table, data in held.loads.tables.items() if data != before[table]}
    assert changed == {"shop.kept.visits_by_shop", "shop.kept.shop"} and len(held.loads.jobs) == count + 2


def test_a_file_of_many_parts_arrives_whole(held: Cloud, file: Path) -> None:
    """It is sent part by part, and only when the job is done is the table another one."""
    held.loads.tables[TABLE] = b"the one before"
    looked: list[bytes] = []

    def look(request: str) -> None:
        looked.append(held.loads.tables[TABLE])

    held.before = look
    load(file, TABLE, AT)
    parts = [request for request in held.asked if request.startswith("PUT ")]
    assert len(parts) == 1 + file.stat().st_size // CHUNK > 2
    assert set(looked) == {b"the one before"} and held.loads.tables[TABLE] == file.read_bytes()


@pytest.mark.parametrize("status", [403, 503])
def test_an_upload_that_breaks_off_leaves_the_table_as_it_was(status: int, held: Cloud, file: Path) -> None:
    """A server that fails in the middle is one message with its words, the readers keep the old table, and a rerun loads the new one."""
    held.loads.tables[TABLE] = b"the one before"
    said = json.dumps({"error": {"message": f"the token {TOKEN} may not"}}).encode()
    parts: list[str] = []

    def broken(request: str) -> tuple[int, bytes] | None:
        parts.extend([request] if request.startswith("PUT ") else [])
        return (status, said) if len(parts) == 2 else None

    held.before = broken
    problem = refused(file)
    assert problem.code == "MLA612" and f"{TABLE} cannot be loaded: the token ••• may not" == problem.message
    assert held.loads.tables[TABLE] == b"the one before" and len(held.loads.uploads[0].data) == CHUNK
    held.before = lambda request: None
    load(file, TABLE, AT)
    assert held.loads.tables[TABLE] == file.read_bytes()


def test_a_part_is_sent_again_where_the_server_was_busy(held: Cloud, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A failure of the moment in mid-upload costs a second, and nothing is there twice."""
    monkeypatch.setattr(warehouse, "RETRIES", 2)
    failures = [(503, b"{}")]
    held.before = lambda request: failures.pop() if failures and request == "PUT /upload/0" and held.loads.uploads[0].data else None
    load(file, TABLE, AT)
    assert not failures and held.loads.tables[TABLE] == file.read_bytes()


def test_a_job_that_fails_is_told_in_its_own_words(held: Cloud, file: Path) -> None:
    """The message has what BigQuery said of the job, once; the table is the one before."""
    held.loads.tables[TABLE] = b"the one before"
    held.loads.failing = "Error while reading data: the column `noise` has no type"
    problem = refused(file)
    assert problem.code == "MLA612" and problem.message == f"{TABLE} cannot be loaded: {held.loads.failing}"
    assert held.loads.tables[TABLE] == b"the one before"


def test_materialization_carries_on_after_a_failure(held: Cloud, tmp_path: Path) -> None:
    """A dataset that is not there ends in one message with its place; once it is made, the same command loads what is missing."""
    held.loads.datasets.clear()
    shop = Shop(write(tmp_path, STORE))
    with pytest.raises(ArchitectureError) as told:
        shop.materialize("visits_by_shop")
    assert (told.value.code, told.value.at) == ("MLA612", AT) and "Not found: Dataset shop.kept" in told.value.message
    assert "does the dataset exist" in (told.value.help or "") and not held.loads.tables
    held.loads.datasets.add("shop.kept")
    assert shop.materialize("visits_by_shop").written == 0
    assert set(held.loads.tables) == {"shop.kept.visits_by_shop", "shop.kept.shop"}


def test_who_may_not_write_is_told(held: Cloud, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A login that is refused, credentials that are none, and a server that is away are one message each, and what to do."""
    held.before = lambda request: (401, b'{"error": "invalid_grant"}') if "/token" in request else None
    problem = refused(file)
    assert problem.code == "MLA612" and "Google refuses the credentials: " in problem.message and google.FILE in (problem.help or "")
    (file.parent / "none.json").write_text(f'{{"type": "{TOKEN}"}}')
    monkeypatch.setenv(google.FILE, str(file.parent / "none.json"))
    problem = refused(file)
    assert problem.code == "MLA612" and "there are no credentials" in problem.message and google.FILE in (problem.help or "")
    monkeypatch.delenv(google.FILE)
    monkeypatch.setenv(bigquery.EMULATOR, "http://127.0.0.1:1")
    assert refused(file).code == "MLA612"


def test_a_job_runs_in_the_project_that_pays(held: Cloud, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """GOOGLE_CLOUD_PROJECT says where the job runs; the table is where it was declared."""
    monkeypatch.setenv(bigquery.PROJECT, "payer")
    load(file, TABLE, AT)
    assert any(request.startswith("POST /upload/bigquery/v2/projects/payer/jobs") for request in held.asked)
    assert set(held.loads.tables) == {TABLE}


def test_a_library_that_is_missing_is_said(held: Cloud, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message has the line that installs the extra."""
    monkeypatch.setitem(sys.modules, "google.cloud.bigquery", None)
    problem = refused(file)
    assert problem.code == "MLA602" and problem.help == "pip install 'mlarch[gcp]'"
