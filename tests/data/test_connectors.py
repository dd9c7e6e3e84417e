"""Connectors read rows from databases, stores, APIs and functions; what breaks off leaves nothing, and no secret is seen anywhere."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import mlarch
from mlarch.api import CheckFailed
from mlarch.architecture.errors import ArchitectureError
from mlarch.runtime.artifacts import Dataset
from mlarch.runtime.data.connectors import http as api
from mlarch.runtime.data.connectors import sql
from mlarch.runtime.data.ingestion import ingest, read
from mlarch.runtime.state import State

from . import postgres
from .test_files import lock_of

ROWS = pl.DataFrame({"n": range(10), "t": list("abcdefghij")})
SECRET = postgres.PASSWORD


def ingested(folder: Path, connector: str, columns: str = "n : int\n t : string") -> tuple[Dataset, pl.DataFrame]:
    """Ingest, and return what is kept."""
    lock = lock_of(folder, connector, columns)
    dataset = ingest(lock, "rows", State(lock.root))
    return dataset, read(dataset, lock.root)


def refused(folder: Path, connector: str, columns: str = "n : int\n t : string") -> ArchitectureError:
    """Ingest, and return what is said against it: one line at the connector, and nothing is kept."""
    with pytest.raises(ArchitectureError) as raised:
        ingested(folder, connector, columns)
    problem = raised.value
    assert problem.at == "source.rows.connector" and "\n" not in problem.message and problem.help
    assert [path.name for path in (folder / ".mlarch").rglob("*") if path.is_file()] == []
    return problem


def unseen(folder: Path, *texts: str) -> None:
    """No file under a folder, and none of the texts, holds the secret."""
    assert all(SECRET not in text for text in texts)
    assert [path for path in folder.rglob("*") if path.is_file() and SECRET.encode() in path.read_bytes()] == []


# --- SQL ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """A SQLite database beside the architecture file."""
    (tmp_path / "data").mkdir()
    with sqlite3.connect(tmp_path / "data" / "shop.db") as connection:
        connection.execute("CREATE TABLE sales (n INTEGER, t TEXT, x REAL, at TEXT)")
        connection.executemany("INSERT INTO sales VALUES (?, ?, ?, '2013-10-11 12:00')", [(n, t, n / 4 or None) for n, t in ROWS.rows()])
    connection.close()
    return tmp_path


SHOP = "sqlite:///data/shop.db"


def test_a_query_of_sqlite_is_read(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rows of a query come with the schema's types, in its order, however many are fetched at a time."""
    wanted, _ = ingested(database, f'sql("{SHOP}", "SELECT * FROM sales ORDER BY n")', "n : int\n x : float?\n at : timestamp")
    monkeypatch.setattr(sql, "FETCHED", 3)
    dataset, rows = ingested(database, f'sql("{SHOP}", "SELECT * FROM sales ORDER BY n")', "n : int\n x : float?\n at : timestamp")
    assert dataset.digest == wanted.digest and rows["x"].to_list() == [None, *(n / 4 for n in range(1, 10))]
    assert rows["at"][0] == datetime(2013, 10, 11, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("query", "code", "said"),
    [
        ("SELECT * FROM sale", "MLA512", "sqlite cannot be read: no such table: sale"),
        ("SELECT n FROM sales WHERE", "MLA512", "incomplete input"),
        ("DELETE FROM sales", "MLA512", "attempt to write a readonly database"),
        ("DROP TABLE sales", "MLA512", "attempt to write a readonly database"),
    ],
)
def test_a_query_that_is_refused_is_said(query: str, code: str, said: str, database: Path) -> None:
    """A table that is not there, a slip in the query, and anything that writes are one message each, and the database is as it was."""
    before = (database / "data" / "shop.db").read_bytes()
    problem = refused(database, f'sql("{SHOP}", "{query}")')
    assert problem.code == code and said in problem.message
    assert (database / "data" / "shop.db").read_bytes() == before


def test_a_database_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    """The message names the file, and reading makes none."""
    problem = refused(tmp_path, 'sql("sqlite:///shop.db", "SELECT 1 AS n")')
    assert problem.code == "MLA501" and "there is no database shop.db" in problem.message and not (tmp_path / "shop.db").exists()


def test_values_of_several_types_are_shown(database: Path) -> None:
    """A column that holds texts among numbers loses none of them silently."""
    with sqlite3.connect(database / "data" / "shop.db") as connection:
        connection.execute("UPDATE sales SET n = 'many' WHERE n = 4")
    connection.close()
    with pytest.raises(ArchitectureError) as raised:
        ingested(database, f'sql("{SHOP}", "SELECT * FROM sales")')
    assert raised.value.code == "MLA503" and '1 of 10 values are not: "many"' in raised.value.message


def test_a_password_in_an_address_is_found_by_check(tmp_path: Path) -> None:
    """A password in the file is an error before anything runs, and the message does not repeat it."""
    with pytest.raises(CheckFailed) as raised:
        lock_of(tmp_path, f'sql("postgresql://reader:{SECRET}@localhost/shop", "SELECT 1")')
    assert "password stands in plain text" in str(raised.value)


def test_a_secret_that_is_not_set_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The name of the variable is told; one in the file that MLARCH_SECRETS names is found as well."""
    assert refused(tmp_path, 'sql(secret("SHOP_URL"), "SELECT 1 AS n")').code == "MLA903"
    with sqlite3.connect(tmp_path / "shop.db") as connection:
        connection.execute("CREATE TABLE sales AS SELECT 1 AS n, 'a' AS t")
    connection.close()
    (tmp_path / "secrets").write_text("# of the shop\nSHOP_URL = sqlite:///shop.db\n")
    monkeypatch.setenv("MLARCH_SECRETS", str(tmp_path / "secrets"))
    assert ingested(tmp_path, 'sql(secret("SHOP_URL"), "SELECT * FROM sales")')[1].rows() == [(1, "a")]


@pytest.fixture(scope="module")
def shop() -> Iterator[int]:
    """A PostgreSQL server with a table of 200,000 rows; its port."""
    psycopg = pytest.importorskip("psycopg")
    with postgres.server() as port:
        with psycopg.connect(f"postgresql://reader:{SECRET}@127.0.0.1:{port}/postgres", autocommit=True) as connection:
            made = "SELECT n::int, 'a' || n % 7 AS t, n / 3.0 AS x, now() AS at FROM generate_series(1, 200000) n"
            connection.execute(f"CREATE TABLE sales AS {made}")
        yield port


@pytest.mark.servers
def test_postgresql_is_read_by_a_secret(shop: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Integers, numerics, texts and times with a zone come through; the address and its password are in no file and no message."""
    monkeypatch.setenv("SHOP_URL", f"postgresql://reader:{SECRET}@127.0.0.1:{shop}/postgres")
    columns = "n : int\n t : string\n x : float\n at : timestamp"
    query = "SELECT * FROM sales WHERE t LIKE 'a%' AND n::text <> '12:30' ORDER BY n"
    dataset, rows = ingested(tmp_path, f'sql(secret("SHOP_URL"), "{query}")', columns)
    assert dataset.rows == 200_000 and rows["n"].to_list() == list(range(1, 200_001)) and rows["x"][2] == 1.0
    unseen(tmp_path, repr(dataset))


@pytest.mark.servers
def test_postgresql_is_read_only(shop: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A statement that writes is refused by the server itself, even inside of a query."""
    monkeypatch.setenv("SHOP_URL", f"postgresql://reader:{SECRET}@127.0.0.1:{shop}/postgres")
    for statement in ("DELETE FROM sales RETURNING n, t", "WITH gone AS (DELETE FROM sales RETURNING n, t) SELECT * FROM gone"):
        problem = refused(tmp_path, f'sql(secret("SHOP_URL"), "{statement}")')
        assert problem.code == "MLA512", problem.message
        unseen(tmp_path, problem.message)


@pytest.mark.servers
def test_a_connection_dropped_in_mid_read_leaves_nothing(shop: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server ends the connection after some rows: one message says how many, nothing is kept, and a rerun carries on."""
    import psycopg

    url = f"postgresql://reader:{SECRET}@127.0.0.1:{shop}/postgres"
    monkeypatch.setenv("SHOP_URL", url)
    monkeypatch.setattr(sql, "FETCHED", 20_000)
    plain, fetched = sql.table_of, []

    def dropping(names: Any, rows: Any) -> pl.DataFrame:
        """End every other connection when the second batch has come."""
        fetched.append(len(rows))
        if len(fetched) == 2:
            with psycopg.connect(url, autocommit=True) as connection:
                others = "pid <> pg_backend_pid() AND backend_type = 'client backend'"
                connection.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}")
        return plain(names, rows)

    monkeypatch.setattr(sql, "table_of", dropping)
    connector = 'sql(secret("SHOP_URL"), "SELECT * FROM sales ORDER BY n")'
    problem = refused(tmp_path, connector)
    assert problem.code == "MLA512" and "postgresql broke off after 40,000 rows: " in problem.message, problem.message
    unseen(tmp_path, problem.message)
    monkeypatch.setattr(sql, "table_of", plain)
    assert ingested(tmp_path, connector)[0].rows == 200_000


@pytest.mark.servers
def test_a_wrong_password_is_not_repeated(shop: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the server refuses is told without what was sent; a server that is not there is told too."""
    monkeypatch.setenv("SHOP_URL", f"postgresql://reader:{SECRET}x@127.0.0.1:{shop}/postgres")
    problem = refused(tmp_path, 'sql(secret("SHOP_URL"), "SELECT * FROM sales")')
    assert problem.code == "MLA512" and "authentication failed" in problem.message
    unseen(tmp_path, problem.message)
    monkeypatch.setenv("SHOP_URL", f"postgresql://reader:{SECRET}@127.0.0.1:1/postgres")
    assert refused(tmp_path, 'sql(secret("SHOP_URL"), "SELECT * FROM sales")').code == "MLA512"


# --- HTTP -----------------------------------------------------------------------------------------------------------

Answer = tuple[int, dict[str, str], object]


@contextmanager
def serving(answer: Callable[[str, str], Answer]) -> Iterator[str]:
    """Serve answers to paths with an `Authorization`, and give the address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            code, headers, body = answer(self.path, self.headers.get("Authorization", ""))
            data = body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response(code)
            for name, value in {**headers, "Content-Length": str(len(data))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *arguments: object) -> None:
            """Nothing is printed."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/rows"
    finally:
        server.shutdown()
        server.server_close()


RECORDS = ROWS.to_dicts()


def test_pages_named_by_a_header_are_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The header `Link` leads from page to page; a passing failure is tried again; the token is sent, and in no file."""
    monkeypatch.setattr(api, "PAUSE", 0.01)
    monkeypatch.setenv("API_TOKEN", SECRET)
    asked: list[str] = []

    def answer(path: str, authorization: str) -> Answer:
        asked.append(path)
        assert authorization == f"Bearer {SECRET}"
        if asked.count(path) == 1:
            return 503, {}, {}
        page = int(path.partition("page=")[2] or 0)
        link = {"Link": f'</rows?page={page - 1}>; rel="prev", </rows?page={page + 1}>; rel="next"'} if page < 3 else {}
        return 200, link, RECORDS[page * 3 : page * 3 + 3]

    with serving(answer) as url:
        dataset, rows = ingested(tmp_path, f'http("{url}", token=secret("API_TOKEN"))')
    assert rows.equals(ROWS) and len(asked) == 8
    unseen(tmp_path, repr(dataset))


def test_pages_named_in_the_answer_are_followed(tmp_path: Path) -> None:
    """The key `next` leads from page to page, an address relative to the last one too."""
    with serving(
        lambda path, _: (200, {}, {"items": RECORDS[:4], "next": "?page=2"} if "?" not in path else {"items": RECORDS[4:]})
    ) as url:
        assert ingested(tmp_path, f'http("{url}")')[1].equals(ROWS)


@pytest.mark.parametrize(
    ("answer", "code", "said"),
    [
        ((403, {}, {}), "MLA512", "the API refuses: 403 Forbidden"),
        ((500, {}, {}), "MLA512", "the API refuses: 500"),
        ((200, {}, b"<html>"), "MLA507", "the answer is no JSON"),
        ((200, {}, {"rows": "many"}), "MLA507", "the answer is no list of objects"),
        ((200, {}, [1, 2]), "MLA507", "the answer is no list of objects"),
        ((200, {"Link": '<http://elsewhere.example/rows>; rel="next"'}, RECORDS), "MLA512", "the next page is on another server"),
    ],
)
def test_what_an_api_refuses_is_said(answer: Answer, code: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A refusal, an answer that is no table, and a way to another server are one message each."""
    monkeypatch.setattr(api, "PAUSE", 0.01)
    with serving(lambda path, _: answer) as url:
        problem = refused(tmp_path, f'http("{url}")')
    assert problem.code == code and said in problem.message


def test_an_api_that_is_away_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody answers: it is tried a few times, then told."""
    monkeypatch.setattr(api, "PAUSE", 0.01)
    problem = refused(tmp_path, 'http("http://127.0.0.1:1/rows")')
    assert problem.code == "MLA512" and "out of reach" in problem.message and "refused" in problem.message


# --- Python ---------------------------------------------------------------------------------------------------------

FUNCTIONS = """import polars as pl
ROWS = pl.DataFrame({"n": range(10), "t": list("abcdefghij")})
def table(): return ROWS
def lazy(): return ROWS.lazy()
def pandas(): return ROWS.to_pandas()
def records(): return ROWS.to_dicts()
def tables():
    yield ROWS[:4]
    yield ROWS[4:]
def pages():
    yield ROWS[:4].to_dicts()
    yield ROWS[4:].to_dicts()
def fails(): raise ValueError("no luck today")
def breaks():
    yield ROWS
    raise OSError("the line is dead")
def number(): return 3
"""


@pytest.fixture
def module(tmp_path: Path) -> str:
    """A module of the user's beside the architecture file, with a name of its own."""
    name = f"loading_{abs(hash(tmp_path))}"
    (tmp_path / f"{name}.py").write_text(FUNCTIONS)
    return name


@pytest.mark.parametrize("function", ["table", "lazy", "pandas", "records", "tables", "pages"])
def test_a_function_gives_a_table(function: str, module: str, tmp_path: Path) -> None:
    """A table of Polars or pandas, a list of records, and what is yielded of either are read alike."""
    dataset, rows = ingested(tmp_path, f'python("{module}:{function}")')
    assert rows.equals(ROWS) and dataset.origin == f"{module}:{function}"


@pytest.mark.parametrize(
    ("function", "said"),
    [
        ("fails", "failed: ValueError: no luck today"),
        ("breaks", "failed: OSError: the line is dead"),
        ("number", "failed: TypeError"),
        ("nothing", "failed: AttributeError"),
    ],
)
def test_a_function_that_fails_is_told(function: str, said: str, module: str, tmp_path: Path) -> None:
    """Whatever it raises, at once or after some rows, is one message."""
    problem = refused(tmp_path, f'python("{module}:{function}")')
    assert problem.code == "MLA513" and said in problem.message


def test_a_function_is_called_at_run_time_only(tmp_path: Path) -> None:
    """Checking and compiling import nothing: a module that is not there is found when it is read."""
    lock_of(tmp_path, 'python("not_there:rows")')
    assert mlarch.load(tmp_path / "s.mlarch").check_data() == []
    assert "ModuleNotFoundError" in refused(tmp_path, 'python("not_there:rows")').message


# --- S3 -------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def bucket() -> Iterator[str]:
    """A store that speaks S3, with a bucket; its address."""
    server = pytest.importorskip("moto.server").ThreadedMotoServer(port=0)
    boto3 = pytest.importorskip("boto3")
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    keys = {"aws_access_key_id": "reader", "aws_secret_access_key": SECRET, "region_name": "us-east-1"}
    client = boto3.client("s3", endpoint_url=url, **keys)
    client.create_bucket(Bucket="shop")
    for name, rows in (("a", ROWS[:4]), ("b", ROWS[4:])):
        frame = rows.write_csv().encode()
        client.put_object(Bucket="shop", Key=f"parts/{name}.csv", Body=frame)
        client.put_object(Bucket="shop", Key=f"parts/{name}.jsonl", Body=rows.write_ndjson().encode())
        held = BytesIO()
        rows.write_parquet(held)
        client.put_object(Bucket="shop", Key=f"parts/{name}.parquet", Body=held.getvalue())
    client.put_object(Bucket="shop", Key="torn.parquet", Body=b"PAR1 and nothing else")
    yield url
    server.stop()


@pytest.fixture
def store(bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment that says where the store is and who may read it."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", bucket)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "reader")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)


@pytest.mark.parametrize("kind", ["parquet", "csv", "jsonl"])
def test_objects_of_a_pattern_are_one_table(kind: str, store: None, tmp_path: Path) -> None:
    """Objects are read in the order of their keys, by the environment's credentials, which are in no file."""
    dataset, rows = ingested(tmp_path, f's3("s3://shop/parts/*.{kind}")')
    assert rows.equals(ROWS)
    unseen(tmp_path, repr(dataset))


@pytest.mark.parametrize(
    ("uri", "code"),
    [
        ("s3://shop/none.parquet", "MLA501"),
        ("s3://none/a.parquet", "MLA501"),
        ("s3://shop/torn.parquet", "MLA512"),
        ("s3://shop/a.xlsx", "MLA507"),
    ],
)
def test_an_object_that_cannot_be_read_is_said(uri: str, code: str, store: None, tmp_path: Path) -> None:
    """An object that is not there, damaged, or of an unknown kind is one message without a credential."""
    problem = refused(tmp_path, f's3("{uri}")')
    assert problem.code == code, problem.message
    unseen(tmp_path, problem.message)


def test_a_store_that_is_away_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody answers at the endpoint: the message says so."""
    for name, value in (("AWS_ENDPOINT_URL", "http://127.0.0.1:1"), ("AWS_ACCESS_KEY_ID", "reader"), ("AWS_SECRET_ACCESS_KEY", SECRET)):
        monkeypatch.setenv(name, value)
    problem = refused(tmp_path, 's3("s3://shop/a.parquet")')
    assert problem.code == "MLA512"
    unseen(tmp_path, problem.message)
