"""The load generator: so many connections, each of which asks anew as soon as it has its answer; the same for every server.

It runs as a process of its own, on the cores of the server that it asks, and prints one JSON object.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from typing import cast
from urllib.parse import urlsplit

import msgspec
import uvloop

CONNECTIONS, WARM_SECONDS, SECONDS, LONGEST_ANSWER = 32, 1.5, 5.0, 30.0


class Measured(msgspec.Struct, frozen=True):
    """Requests a second, the median and the 99th percentile of latency in ms, and how many answers were not 200."""

    rate: float
    p50: float
    p99: float
    wrong: int


class Caller(asyncio.Protocol):
    """One connection. Latencies are kept from `since` on."""

    def __init__(self, request: bytes, since: float, until: float) -> None:
        self.request, self.since, self.until = request, since, until
        self.latencies: list[float] = []
        self.wrong = 0
        self.ended = asyncio.get_running_loop().create_future()
        self._held = b""
        self._sent = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's transports have the methods, not the class
        self._ask()

    def _ask(self) -> None:
        self._sent = time.perf_counter()
        self._transport.write(self.request)

    def data_received(self, data: bytes) -> None:
        self._held += data
        head, found, body = self._held.partition(b"\r\n\r\n")
        if not found or len(body) < _length(head):
            return
        now = time.perf_counter()
        if self.since <= self._sent and now <= self.until:
            self.latencies.append(now - self._sent)
            self.wrong += head[9:12] != b"200"
        self._held = b""
        if now < self.until:
            self._ask()
        else:
            self._transport.close()

    def connection_lost(self, problem: Exception | None) -> None:
        if time.perf_counter() < self.until:
            self.wrong += 1
        self.ended.set_result(None)


def _length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line[15:])
    raise ValueError(f"an answer without its length: {head!r}")


async def _connect(caller: Caller, host: str, port: int) -> None:
    await asyncio.get_running_loop().create_connection(lambda: caller, host, port)


async def ask(url: str, body: bytes) -> Measured:
    """Ask one address for some seconds after a warm-up."""
    place = urlsplit(url)
    head = f"POST {place.path} HTTP/1.1\r\nhost: {place.netloc}\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    since = time.perf_counter() + WARM_SECONDS
    callers = [Caller(head.encode() + body, since, since + SECONDS) for _ in range(CONNECTIONS)]
    await asyncio.gather(*(_connect(caller, place.hostname or "127.0.0.1", place.port or 80) for caller in callers))
    async with asyncio.timeout(WARM_SECONDS + SECONDS + LONGEST_ANSWER):
        await asyncio.gather(*(caller.ended for caller in callers))
    latencies = sorted(latency for caller in callers for latency in caller.latencies)
    if not latencies:
        raise ValueError("no answer at all")
    p50, p99 = (latencies[int(len(latencies) * share)] * 1000 for share in (0.50, 0.99))
    return Measured(len(latencies) / SECONDS, p50, p99, sum(caller.wrong for caller in callers))


if __name__ == "__main__":
    print(json.dumps(msgspec.to_builtins(uvloop.run(ask(sys.argv[1], sys.argv[2].encode())))))
