"""Servers on this machine that speak the protocols of Google's cloud, as its own clients were seen to speak them; all in one."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from .loads import Loads

#: The token that the server for logins gives for the key of a service account.
TOKEN = "swordfish-4711"
WRITTEN = "Thu, 01 Jan 2026 00:00:00 GMT"


@dataclass
class Cloud:
    """What the server knows: objects by bucket and key with their generation, and tables by name with their columns and rows.

    `asked` are the requests; `before` is called with each, and may change what there is or answer otherwise, with a status and a body.
    """

    objects: dict[str, tuple[bytes, int]] = field(default_factory=dict)
    tables: dict[str, tuple[list[dict[str, Any]], list[Sequence[Any]]]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)
    before: Callable[[str], tuple[int, bytes] | None] = lambda path: None
    page: int = 4
    queries: dict[str, str] = field(default_factory=dict)
    loads: Loads = field(default_factory=Loads)
    url: str = ""

    def put(self, path: str, data: bytes) -> None:
        """Write an object: a new generation of it."""
        self.objects[path] = (data, self.objects.get(path, (b"", 0))[1] + 1)

    def answer(self, method: str, target: str, body: bytes, part: str = "") -> tuple[int, dict[str, str], bytes]:
        """Answer a request of one of the clients; `part` says which of a file the body is."""
        parts = urlsplit(target)
        path, asked = unquote(parts.path), {name: values[0] for name, values in parse_qs(parts.query).items()}
        if path == "/token":
            return self._json({"access_token": TOKEN, "expires_in": 3600, "token_type": "Bearer"})
        if path.startswith("/storage/v1/b/"):
            return self._listed(path.split("/")[4], asked)
        if path.startswith("/upload/bigquery/v2/"):
            return self.loads.begun(self.url, body)
        if path.startswith("/upload/"):
            return self.loads.sent(int(path.removeprefix("/upload/")), part, body)
        if path.startswith("/bigquery/v2/"):
            return self._bigquery(method, path.removeprefix("/bigquery/v2/projects/"), asked, body)
        if "list-type" in asked:
            return self._listed_in_xml(path.strip("/"), asked.get("prefix", ""))
        if path.strip("/") not in self.objects:
            return 404, {}, b"<Error><Code>NoSuchKey</Code></Error>"
        data, generation = self.objects[path.strip("/")]
        return 200, {"ETag": f'"{generation}"', "Last-Modified": WRITTEN, "x-goog-generation": str(generation)}, data

    def _json(self, value: object) -> tuple[int, dict[str, str], bytes]:
        return 200, {"Content-Type": "application/json"}, json.dumps(value).encode()

    def _missing(self, what: str) -> tuple[int, dict[str, str], bytes]:
        said = {"error": {"code": 404, "message": f"Not found: {what}", "errors": [{"reason": "notFound"}]}}
        return 404, {"Content-Type": "application/json"}, json.dumps(said).encode()

    # --- Cloud Storage: lists as JSON, as we ask, and as XML, as Polars asks ---

    def _keys(self, bucket: str, prefix: str) -> list[str]:
        keys = [path.removeprefix(f"{bucket}/") for path in sorted(self.objects) if path.startswith(f"{bucket}/")]
        return [key for key in keys if key.startswith(prefix)]

    def _listed(self, bucket: str, asked: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        if not any(path.startswith(f"{bucket}/") for path in self.objects):
            return self._missing(f"bucket {bucket}")
        keys, begin = self._keys(bucket, asked.get("prefix", "")), int(asked.get("pageToken", 0))
        items = [{"name": key, "generation": str(self.objects[f"{bucket}/{key}"][1])} for key in keys[begin : begin + 2]]
        more = {"nextPageToken": str(begin + 2)} if begin + 2 < len(keys) else {}
        return self._json({"items": items, **more} if items else {})

    def _listed_in_xml(self, bucket: str, prefix: str) -> tuple[int, dict[str, str], bytes]:
        held = "".join(
            f'<Contents><Key>{key}</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified><ETag>"1"</ETag>'
            f"<Size>{len(self.objects[f'{bucket}/{key}'][0])}</Size></Contents>"
            for key in self._keys(bucket, prefix)
        )
        said = f"<ListBucketResult><Name>{bucket}</Name><Prefix>{prefix}</Prefix><IsTruncated>false</IsTruncated>{held}</ListBucketResult>"
        return 200, {"Content-Type": "application/xml"}, f"<?xml version='1.0' encoding='UTF-8'?>{said}".encode()

    # --- BigQuery: a table looked up, a job inserted, its rows asked for page by page; load jobs are in `loads` ---

    def _bigquery(self, method: str, path: str, asked: dict[str, str], body: bytes) -> tuple[int, dict[str, str], bytes]:
        project, kind, *rest = path.split("/")
        if kind == "datasets":
            name = f"{project}.{rest[0]}.{rest[2]}"
            if name not in self.tables:
                return self._missing(f"Table {name}")
            reference = {"projectId": project, "datasetId": rest[0], "tableId": rest[2]}
            return self._json({"tableReference": reference, "schema": {"fields": self.tables[name][0]}, "type": "TABLE"})
        if kind == "jobs" and method == "POST":
            sent = json.loads(body)
            self.queries[sent["jobReference"]["jobId"]] = sent["configuration"]["query"]["query"]
            return self._json(self._job(project, sent["jobReference"]["jobId"]))
        if kind == "jobs" and rest[0] in self.loads.jobs:
            return self.loads.job(rest[0])
        if kind == "jobs":
            return self._json(self._job(project, rest[0]))
        return self._rows(project, rest[0], asked)

    def _job(self, project: str, name: str) -> dict[str, Any]:
        reference = {"projectId": project, "jobId": name, "location": "US"}
        destination = {"projectId": project, "datasetId": "_anonymous", "tableId": name}
        query = {"query": self.queries[name], "destinationTable": destination}
        return {
            "jobReference": reference,
            "configuration": {"jobType": "QUERY", "query": query},
            "status": {"state": "DONE"},
            "statistics": {"query": {"statementType": "SELECT"}},
        }

    def _rows(self, project: str, job: str, asked: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        found = re.fullmatch(r"SELECT (.+) FROM `(.+)`", self.queries[job])
        assert found is not None, self.queries[job]
        fields, rows = self.tables[found[2]]
        names = [each.strip("`") for each in found[1].split(", ")]
        chosen = [next(place for place, each in enumerate(fields) if each["name"] == name) for name in names]
        begin = int(asked.get("pageToken", 0))
        size = min(self.page, int(asked.get("maxResults", self.page)))
        held = [{"f": [{"v": row[place]} for place in chosen]} for row in rows[begin : begin + size]]
        answer: dict[str, Any] = {
            "jobComplete": True,
            "jobReference": {"projectId": project, "jobId": job, "location": "US"},
            "totalRows": str(len(rows)),
            "schema": {"fields": [fields[place] for place in chosen]},
        }
        if int(asked.get("maxResults", 1)) == 0:
            return self._json(answer)
        return self._json(answer | {"rows": held} | ({"pageToken": str(begin + size)} if begin + size < len(rows) else {}))


@contextmanager
def cloud() -> Iterator[Cloud]:
    """Serve a cloud until the block ends."""
    held = Cloud()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            sent = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            held.asked.append(f"{self.command} {self.path}")
            held.tokens.add(self.headers.get("Authorization", ""))
            other = held.before(f"{self.command} {self.path}")
            if other is not None:
                status, headers, body = other[0], {}, other[1]
            else:
                status, headers, body = held.answer(self.command, self.path, sent, self.headers.get("Content-Range", ""))
            given = self.headers.get("Range") if status == 200 else None
            if given:
                first, _, last = given.removeprefix("bytes=").partition("-")
                begin = int(first) if first else max(0, len(body) - int(last))
                end = min(int(last), len(body) - 1) if first and last else len(body) - 1
                status, headers["Content-Range"], body = 206, f"bytes {begin}-{end}/{len(body)}", body[begin : end + 1]
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        do_GET = do_POST = do_PUT = do_HEAD = _answer

        def log_message(self, *arguments: object) -> None:
            """Nothing is printed."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    held.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield held
    finally:
        server.shutdown()
        server.server_close()


def service_account(file: Path, url: str) -> str:
    """Write the credentials of a service account whose logins a server answers, and return its private key."""
    key = rsa.generate_private_key(65537, 2048)
    text = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode()
    said = {"type": "service_account", "project_id": "shop", "private_key_id": "1", "private_key": text, "client_email": "reader@shop"}
    file.write_text(json.dumps({**said, "client_id": "1", "token_uri": f"{url}/token"}))
    return text
