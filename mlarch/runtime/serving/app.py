"""The serving app: a bare ASGI callable, since a framework on the way of every request costs more than the prediction."""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from ...architecture.lock import Lock
from ..features.own.calling import FunctionFailed
from ..models.bundle import Bundle
from .answering import answer_completed, answer_rows
from .decoding import Decoder, Refused
from .histories import RETRY_SECONDS, Histories, Unavailable
from .measures import Measures
from .online_store import histories_of
from .openapi import describe

Scope = Mapping[str, Any]
Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]

MOST_BYTES = 10_000_000
_JSON, _TEXT = (b"content-type", b"application/json"), (b"content-type", b"text/plain; version=0.0.4; charset=utf-8")
_encode = msgspec.json.Encoder().encode
_now = time.perf_counter
_log = logging.getLogger(__name__)


class App:
    """Answers for one version of one model.

    `POST /predict`; `GET /healthz`, `/readyz`, `/metrics`, `/openapi.json`, and `/`, which names them. `histories` completes the rows of
    a model that reads more than they hold.
    """

    def __init__(self, bundle: Bundle, version: str, bounds: tuple[float, ...] = (), histories: Histories | None = None) -> None:
        self.bundle = bundle
        self.histories = histories
        self.version = version
        self.decoder = Decoder(bundle.program.inputs)
        self.measures = Measures(bundle.head.model, version, bounds)
        self._openapi = _encode(describe(bundle, version))
        self._routes: dict[str, tuple[str, Callable[[], tuple[bytes, tuple[bytes, bytes]]]]] = {
            "/": ("GET", lambda: (self._index(), _JSON)),
            "/healthz": ("GET", lambda: (b'{"status":"ok"}', _JSON)),
            "/readyz": ("GET", lambda: (self._ready(), _JSON)),
            "/metrics": ("GET", lambda: (self._metrics(), _TEXT)),
            "/openapi.json": ("GET", lambda: (self._openapi, _JSON)),
        }

    @classmethod
    def load(cls, folder: Path, version: str, lock: Lock, bounds: tuple[float, ...] = ()) -> App:
        """Read a bundle and be ready to answer, with the online store that the lock file names where the model reads histories.

        Raises ArchitectureError: MLA608 when the bundle is missing or damaged, MLA602 when the client of the store is not installed.
        """
        bundle = Bundle.load(folder)
        return cls(bundle, version, bounds, histories_of(lock, bundle.program))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "lifespan":
            await lifespan(receive, send)
            return
        started = _now()
        try:
            if scope["path"] == "/predict" and scope["method"] == "POST":
                rows = self.decoder.decode(await _body(receive))
                if self.histories is None:
                    answers = answer_rows(self.bundle, rows)
                else:
                    answers = answer_completed(self.bundle, await self.histories.complete(rows))
                data = _encode({"model": self.bundle.head.model, "version": self.version, "predictions": answers})
                self.measures.answered(_now() - started, len(answers))
                await _respond(scope, send, 200, data, _JSON)
                return
            data, kind = self._plain(scope["path"], scope["method"])
            await _respond(scope, send, 200, data, kind)
        except Refused as refused:
            self.measures.refused(_now() - started, refused.status)
            error = {"code": "MLA704", "message": refused.message, "fields": refused.problems}
            await _respond(scope, send, refused.status, _encode({"error": error}), _JSON)
        except Unavailable as unavailable:
            self.measures.refused(_now() - started, 503)
            error = {"code": "MLA706", "message": unavailable.message, "fields": []}
            await _respond(scope, send, 503, _encode({"error": error}), _JSON, (b"retry-after", b"%d" % RETRY_SECONDS))
        except FunctionFailed as failed:  # the row is what the schema allows: the code that was deployed is at fault, not the caller
            _log.error("%s %s: %s", scope["method"], scope["path"], failed.message)
            self.measures.refused(_now() - started, 500)
            error = {"code": failed.code, "message": f"`{failed.target}` failed; the server's log says of what values", "fields": []}
            await _respond(scope, send, 500, _encode({"error": error}), _JSON)
        except Exception:  # a mistake of ours is counted as well, and the caller gets JSON as always
            _log.exception("%s %s", scope["method"], scope["path"])
            self.measures.refused(_now() - started, 500)
            error = {"code": "MLA999", "message": "internal error; the server's log says more", "fields": []}
            await _respond(scope, send, 500, _encode({"error": error}), _JSON)

    def _plain(self, path: str, method: str) -> tuple[bytes, tuple[bytes, bytes]]:
        if path == "/predict":
            raise Refused(405, "`/predict` takes POST")
        route = self._routes.get(path)
        if route is None:
            raise Refused(404, f"there is nothing at {path}; `/` names what there is")
        if method not in (route[0], "HEAD"):
            raise Refused(405, f"`{path}` takes {route[0]}")
        return route[1]()

    def _ready(self) -> bytes:
        """A replica whose store does not answer is ready: it has its fallback, and all others read the same store."""
        said = {"status": "ready", "model": self.bundle.head.model, "version": self.version}
        return _encode(said if self.histories is None else {**said, "store": self.histories.state})

    def _metrics(self) -> bytes:
        return self.measures.text() + (b"" if self.histories is None else self.histories.measures.text())

    def _index(self) -> bytes:
        head = self.bundle.head
        return _encode(
            {
                "system": head.system,
                "model": head.model,
                "version": self.version,
                "predict": "POST /predict",
                "also": [path for path in self._routes if path != "/"],
            }
        )


async def _body(receive: Receive) -> bytes:
    message = await receive()
    body: bytes = message.get("body", b"")
    if not message.get("more_body"):
        return _bounded(body)
    parts, size = [body], len(body)
    while message.get("more_body"):
        message = await receive()
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > MOST_BYTES:
            break
    return _bounded(b"".join(parts))


def _bounded(body: bytes) -> bytes:
    if len(body) > MOST_BYTES:
        raise Refused(413, f"a request has at most {MOST_BYTES:,} bytes")
    return body


async def _respond(scope: Scope, send: Send, status: int, data: bytes, *said: tuple[bytes, bytes]) -> None:
    headers = [*said, (b"content-length", str(len(data)).encode())]
    for name, value in scope["headers"]:
        if name == b"x-request-id":
            headers.append((name, value))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else data})


async def lifespan(receive: Receive, send: Send) -> None:
    """Take part in the host's start and end; there is nothing to do at either."""
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
