"""Asking a running deployment over HTTP, on one connection that is kept open."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Sequence
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

import msgspec

from ...architecture.errors import ArchitectureError
from .decoding import Problem, Refused, Row
from .hosting import Served

#: Rows that are sent in one request; more are sent in several.
ROWS_AT_ONCE = 1000
SECONDS = 30.0


class Client:
    """A connection to a server. Every method raises ArchitectureError (MLA705) when the server does not answer."""

    def __init__(self, served: Served) -> None:
        self.served = served
        parts = urlsplit(served.url)
        self._connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=SECONDS)

    def __enter__(self) -> Client:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._connection.close()

    def columns(self) -> dict[str, dict[str, Any]]:
        """Return what the server says of each column of a request, by name."""
        found: dict[str, dict[str, Any]] = self._get("/openapi.json")["components"]["schemas"]["Row"]["properties"]
        return found

    def predict(self, rows: Sequence[Row]) -> dict[str, Any]:
        """Return the server's answer to rows, however many.

        Raises Refused as the server does; rows are numbered from the first of all.
        """
        answer: dict[str, Any] = {}
        for first in range(0, max(len(rows), 1), ROWS_AT_ONCE):
            part = self._ask(msgspec.json.encode(rows[first : first + ROWS_AT_ONCE]), first)
            answer = {**part, "predictions": [*answer.get("predictions", []), *part["predictions"]]}
        return answer

    def time(self, rows: Sequence[Row], times: int) -> tuple[dict[str, Any], list[float]]:
        """Ask the same so many times, one after another; return the last answer and the seconds that each took."""
        body = msgspec.json.encode(rows)
        seconds = []
        for _ in range(times):
            started = time.perf_counter()
            answer = self._ask(body, 0)
            seconds.append(time.perf_counter() - started)
        return answer, seconds

    def _get(self, path: str) -> Any:
        return json.loads(self._send("GET", path, None)[1])

    def _ask(self, body: bytes, first: int) -> dict[str, Any]:
        status, data = self._send("POST", "/predict", body)
        if status == 200:
            return dict(json.loads(data))
        error = json.loads(data)["error"]
        problems = [Problem(each["field"], each["problem"], each.get("row", 0) + first) for each in error["fields"]]
        raise Refused(status, error["message"], problems)

    def _send(self, method: str, path: str, body: bytes | None) -> tuple[int, bytes]:
        try:
            self._connection.request(method, path, body, {"content-type": "application/json"})
            response = self._connection.getresponse()
            data = response.read()
        except (OSError, http.client.HTTPException) as problem:
            self._connection.close()
            why = getattr(problem, "strerror", None) or str(problem) or type(problem).__name__
            raise self._unreachable(why) from None
        if response.status == 503:
            raise self._without_its_store(data)
        if response.status >= 500:
            raise self._unreachable(f"HTTP {response.status}")
        return response.status, data

    def _without_its_store(self, data: bytes) -> ArchitectureError:
        """What the server says of a feature store that does not answer; a 503 of somebody between says nothing of the kind."""
        try:
            error = json.loads(data)["error"]
            return ArchitectureError(error["code"], error["message"], at=f"deployment.{self.served.deployment}", help="ask again later")
        except (ValueError, KeyError, TypeError):
            return self._unreachable("HTTP 503")

    def _unreachable(self, why: str) -> ArchitectureError:
        log = f"; its log is {self.served.log}" if self.served.log else ""
        starting = "" if self.served.version else "it is still starting; "
        return ArchitectureError(
            "MLA705",
            f"`{self.served.deployment}` does not answer at {self.served.url}: {why}",
            at=f"deployment.{self.served.deployment}",
            help=f"{starting}`mlarch down` stops it, `mlarch serve` starts it anew{log}",
        )


def percentile(seconds: Sequence[float], share: float) -> float:
    """Return the smallest of the times that is not exceeded by so large a share of them (the nearest rank)."""
    ordered = sorted(seconds)
    return ordered[min(len(ordered) - 1, max(0, -(-int(share * 1000) * len(ordered) // 1000) - 1))]
