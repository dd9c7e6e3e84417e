"""A line that breaks in mid-read, and data that change under a reader: one message, nothing kept, and a rerun carries on."""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import polars as pl
import pytest

from mlarch.architecture.errors import ArchitectureError
from mlarch.runtime.data import ingestion
from mlarch.runtime.data.connectors import Rows, bigquery, gcs, google, open_source
from mlarch.runtime.data.connectors import http as api
from mlarch.runtime.data.connectors import rows as batching

from . import postgres
from .google import Cloud, cloud
from .proxy import line
from .test_connectors import SECRET, bucket, ingested, refused, shop, store, unseen

__all__ = ["bucket", "shop", "store"]
pytestmark = pytest.mark.servers
MANY = pl.DataFrame({"n": range(20_000), "t": [f"row {number} {number * 7919 % 20_000}" for number in range(20_000)]})


def meanwhile(monkeypatch: pytest.MonkeyPatch, change: Callable[[], object]) -> None:
    """Let something change when the first batch of a source has been read."""
    monkeypatch.setattr(batching, "BATCH", 500)

    def opened(*arguments: Any) -> Rows:
        rows, begun = open_source(*arguments), [False]

        def batches(columns: Sequence[str]) -> Iterator[pl.DataFrame]:
            for batch in rows.batches(columns):
                yield batch
                if not begun[0]:
                    begun[0] = True
                    change()

        return replace(rows, batches=batches)

    monkeypatch.setattr(ingestion, "open_source", opened)


# --- HTTP -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def cutting() -> Iterator[tuple[str, list[int]]]:
    """An API of four pages, and a list of the pages whose next answer is cut off in its body; page 9 is cut off in its header."""
    cut: list[int] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            page = int(self.path.partition("page=")[2] or 0)
            body = json.dumps(MANY[page * 5000 : (page + 1) * 5000].to_dicts()).encode()
            if 9 in cut:
                self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Len")
                return
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            if page < 3:
                self.send_header("Link", f'</rows?page={page + 1}>; rel="next"')
            self.end_headers()
            if page in cut:
                cut.remove(page)
                body = body[: len(body) // 2]
            self.wfile.write(body)

        def log_message(self, *arguments: object) -> None:
            """Nothing is printed."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/rows", cut
    server.shutdown()
    server.server_close()


def test_an_answer_that_is_cut_off_is_asked_for_again(
    cutting: tuple[str, list[int]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page that ends within its body is read anew, and its rows are there once."""
    monkeypatch.setattr(api, "PAUSE", 0.01)
    url, cut = cutting
    cut += [2, 2]
    assert ingested(tmp_path, f'http("{url}")')[1].equals(MANY) and cut == []


def test_an_api_that_cuts_every_answer_is_told(cutting: tuple[str, list[int]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After some tries one message says so, in the body as in the header; nothing is kept, and the same command reads all rows later."""
    monkeypatch.setattr(api, "PAUSE", 0.01)
    url, cut = cutting
    cut += [2] * api.TRIES
    problem = refused(tmp_path, f'http("{url}")')
    assert problem.code == "MLA512" and "the API is out of reach: " in problem.message
    cut.append(9)
    assert "the answer is no JSON" in refused(tmp_path, f'http("{url}")').message
    cut.clear()
    assert ingested(tmp_path, f'http("{url}")')[1].equals(MANY)


# --- stores and clouds ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["parquet", "csv", "jsonl"])
def test_a_line_to_s3_that_breaks_leaves_nothing(
    kind: str, bucket: str, store: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The connection ends within an object: one message without a credential, nothing is kept, and over a whole line all rows come."""
    _put(bucket, f"long.{kind}", MANY, kind)
    with line(urlsplit(bucket).port or 0, breaks_after=40_000) as broken:
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{broken.port}")
        problem = refused(tmp_path, f's3("s3://shop/long.{kind}")')
        assert problem.code == "MLA512", problem.message
        unseen(tmp_path, problem.message)
        broken.breaks_after = None
        assert ingested(tmp_path, f's3("s3://shop/long.{kind}")')[1].equals(MANY)


def test_an_object_of_s3_that_is_replaced_in_mid_read_is_told(
    bucket: str, store: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows of two contents are never mixed, of one object or of several: nothing is kept, and a rerun has the new ones."""
    for part in ("a", "b"):
        _put(bucket, f"pair/{part}.parquet", MANY[:5000], "parquet")
    time.sleep(1.1)  # S3 tells its times in seconds

    def change() -> None:
        _put(bucket, "pair/b.parquet", MANY[5000:10_000], "parquet")

    with monkeypatch.context() as patched:
        meanwhile(patched, change)
        problem = refused(tmp_path, 's3("s3://shop/pair/*.parquet")')
    assert problem.code == "MLA512" and "changed while it was read: pair/b.parquet" in problem.message, problem.message
    assert ingested(tmp_path, 's3("s3://shop/pair/*.parquet")')[1].equals(MANY[:10_000])


def _put(url: str, key: str, rows: pl.DataFrame, kind: str) -> None:
    import boto3

    held = BytesIO()
    {"parquet": rows.write_parquet, "csv": rows.write_csv, "jsonl": rows.write_ndjson}[kind](held)
    keys = {"aws_access_key_id": "reader", "aws_secret_access_key": SECRET, "region_name": "us-east-1"}
    boto3.client("s3", endpoint_url=url, **keys).put_object(Bucket="shop", Key=key, Body=held.getvalue())


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    """A cloud with a long object and a long table, spoken to without a login."""
    pytest.importorskip("google.cloud.bigquery")
    monkeypatch.delenv(google.FILE, raising=False)
    monkeypatch.setattr(bigquery, "SECONDS", 1.0)
    with cloud() as found:
        found.put("shop/long.csv", MANY.write_csv().encode())
        found.tables["shop.sales.long"] = (
            [{"name": "n", "type": "INTEGER"}, {"name": "t", "type": "STRING"}],
            [(str(n), t) for n, t in MANY.rows()],
        )
        found.page = 1000
        yield found


@pytest.mark.parametrize(
    ("name", "connector"), [(gcs.EMULATOR, 'gcs("gs://shop/long.csv")'), (bigquery.EMULATOR, 'bigquery("shop.sales.long")')]
)
def test_a_line_to_google_that_breaks_leaves_nothing(
    name: str, connector: str, held: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The connection ends within an object or a page: one message, nothing is kept, and over a whole line all rows come."""
    with line(urlsplit(held.url).port or 0, breaks_after=200_000) as broken:
        monkeypatch.setenv(name, f"http://127.0.0.1:{broken.port}")
        problem = refused(tmp_path, connector)
        assert problem.code == "MLA512", problem.message
        broken.breaks_after = None
        assert ingested(tmp_path, connector)[1].equals(MANY)


# --- files ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["parquet", "csv", "jsonl"])
def test_a_file_that_is_written_in_mid_read_is_told(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that another program writes anew, or goes on writing, while it is read gives no version of half of it."""
    file = tmp_path / f"rows.{kind}"
    write = {"parquet": pl.DataFrame.write_parquet, "csv": pl.DataFrame.write_csv, "jsonl": pl.DataFrame.write_ndjson}[kind]

    def anew() -> None:
        write(MANY.reverse(), tmp_path / "other")
        (tmp_path / "other").replace(file)

    def longer() -> None:
        with file.open("ab") as data:
            data.write(b"")
            data.write(b'{"n": 1, "t": "x"}\n' if kind == "jsonl" else b"1,x\n")

    for change in (anew, longer):
        write(MANY, file)
        with monkeypatch.context() as patched:
            meanwhile(patched, change)
            problem = refused(tmp_path, f'{kind}("rows.{kind}")')
        assert problem.code in ("MLA512", "MLA507") and f"rows.{kind}" in problem.message, problem.message
    write(MANY, file)
    assert ingested(tmp_path, f'{kind}("rows.{kind}")')[1].equals(MANY)


def test_a_database_that_is_damaged_is_told(tmp_path: Path) -> None:
    """A SQLite file that is none, or has torn pages, is one message, and nothing is kept of the pages before."""
    with sqlite3.connect(tmp_path / "shop.db") as connection:
        connection.execute("CREATE TABLE sales (n INTEGER, t TEXT)")
        connection.executemany("INSERT INTO sales VALUES (?, ?)", MANY.rows())
    connection.close()
    good = (tmp_path / "shop.db").read_bytes()
    connector = 'sql("sqlite:///shop.db", "SELECT n, t FROM sales")'
    for broken in (b"no database" * 900, good[:200_000] + bytes(range(256)) * 200 + good[251_200:], good[:200_000]):
        (tmp_path / "shop.db").write_bytes(broken)
        problem = refused(tmp_path, connector)
        assert problem.code == "MLA512", problem.message
    (tmp_path / "shop.db").write_bytes(good)
    assert ingested(tmp_path, connector)[1].equals(MANY)


# --- PostgreSQL -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("breaks_after", [0, 100, 2_000, 500_000, 1_500_000])
def test_a_line_to_postgresql_that_breaks_leaves_nothing(
    breaks_after: int, shop: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wherever the connection ends, at the login, at the query or among the rows: one message without the password; a rerun reads all."""
    connector = 'sql(secret("SHOP_URL"), "SELECT n, t FROM sales ORDER BY n")'
    address = f"postgresql://reader:{postgres.PASSWORD}@127.0.0.1:{{}}/postgres?sslmode=disable"
    with line(shop, breaks_after) as broken:
        monkeypatch.setenv("SHOP_URL", address.format(broken.port))
        problem = refused(tmp_path, connector)
        assert problem.code == "MLA512" and "postgresql " in problem.message, problem.message
        assert ("broke off after " in problem.message) is (breaks_after >= 1_000_000), problem.message
        unseen(tmp_path, problem.message)
        broken.breaks_after = None
        assert ingested(tmp_path, connector)[0].rows == 200_000


def test_what_a_version_was_is_as_it_was_after_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A source that fails leaves the version before with its manifest to the byte."""
    MANY.write_csv(tmp_path / "rows.csv")
    ingested(tmp_path, 'csv("rows.csv")')
    before = {path: path.read_bytes() for path in (tmp_path / ".mlarch" / "data").rglob("*") if path.is_file()}
    meanwhile(monkeypatch, lambda: MANY.reverse().write_csv(tmp_path / "rows.csv"))
    with pytest.raises(ArchitectureError, match=r"changed while it was read|cannot be read"):
        ingested(tmp_path, 'csv("rows.csv")')
    assert before == {path: path.read_bytes() for path in (tmp_path / ".mlarch" / "data").rglob("*") if path.is_file()}
