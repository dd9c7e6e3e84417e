"""A Redis server of the tests' own, Debian's package, and a way to make it slow."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from .servers import free_port


@dataclass
class Server:
    """A server at a port, which can be killed and started again; what it held is lost then."""

    options: tuple[str, ...] = ()
    port: int = field(default_factory=free_port)
    _process: subprocess.Popen[bytes] | None = None
    _folder: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="mlarch-redis-")))

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it, and return once it takes connections."""
        program = shutil.which("redis-server")
        if program is None:
            pytest.skip("there is no Redis server; `make servers` installs it")
        listen = ("--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", str(self._folder))
        self._process = subprocess.Popen([program, *listen, *self.options], stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
                return
            time.sleep(0.02)
        raise AssertionError("Redis did not start")

    def kill(self) -> None:
        """End it at once."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


@contextmanager
def server(*options: str) -> Iterator[Server]:
    """Run a server until the end of the block."""
    made = Server(options)
    try:
        made.start()
        yield made
    finally:
        made.kill()
        shutil.rmtree(made._folder, ignore_errors=True)


class Slow:
    """A way to a server on which every answer is late by `seconds`, which may be changed at any time."""

    def __init__(self, port: int) -> None:
        self.seconds = 0.0
        self._target = port
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> Slow:
        self._thread.start()
        self._server = asyncio.run_coroutine_threadsafe(asyncio.start_server(self._carry, "127.0.0.1", 0), self._loop).result()
        self.port = int(self._server.sockets[0].getsockname()[1])
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._server.close)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    async def _carry(self, near: asyncio.StreamReader, out: asyncio.StreamWriter) -> None:
        far, there = await asyncio.open_connection("127.0.0.1", self._target)
        await asyncio.gather(self._pass_on(near, there, late=False), self._pass_on(far, out, late=True))

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, late: bool) -> None:
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(1 << 16):
                if late:
                    await asyncio.sleep(self.seconds)
                writer.write(data)
        writer.close()
