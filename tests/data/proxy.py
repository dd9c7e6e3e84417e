"""A line between a client and a server that breaks when a test wants it to: after so many bytes of an answer, or at once."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass
class Line:
    """The line on its `port`; it breaks once so many bytes have come back through it, if any are named."""

    target: tuple[str, int]
    breaks_after: int | None = None
    came_back: int = 0
    port: int = 0
    _open: list[socket.socket] = field(default_factory=list)

    def cut(self) -> None:
        """Break every connection, as a server that has died does."""
        for each in self._open:
            with contextlib.suppress(OSError):
                each.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                each.shutdown(socket.SHUT_RDWR)
        self._open.clear()

    def joined(self, client: socket.socket) -> None:
        """Pass bytes on, both ways."""
        server = socket.create_connection(self.target)
        self._open += [client, server]
        for one, other, back in ((client, server, False), (server, client, True)):
            threading.Thread(target=self._passed, args=(one, other, back), daemon=True).start()

    def _passed(self, one: socket.socket, other: socket.socket, back: bool) -> None:
        with contextlib.suppress(OSError):
            while data := one.recv(1 << 14):
                if back:
                    self.came_back += len(data)
                    if self.breaks_after is not None and self.came_back > self.breaks_after:
                        self.cut()
                        return
                other.sendall(data)
            other.shutdown(socket.SHUT_WR)


@contextlib.contextmanager
def line(port: int, breaks_after: int | None = None) -> Iterator[Line]:
    """Lay a line to a port of this machine, until the block ends."""
    held = Line(("127.0.0.1", port), breaks_after)
    listening = socket.create_server(("127.0.0.1", 0))
    held.port = listening.getsockname()[1]

    def accepted() -> None:
        with contextlib.suppress(OSError):
            while True:
                held.joined(listening.accept()[0])

    threading.Thread(target=accepted, daemon=True).start()
    try:
        yield held
    finally:
        with contextlib.suppress(OSError):
            listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        held.cut()
