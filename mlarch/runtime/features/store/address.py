"""The address of a Redis server: `host:port`, or a URL as Redis' own clients take it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

PORT = 6379


@dataclass(frozen=True)
class Address:
    """Where a Redis server is and how one logs in. Its text shows no password."""

    host: str
    port: int = PORT
    tls: bool = False
    database: int = 0
    user: str | None = None
    password: str | None = field(default=None, repr=False)

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"

    @property
    def for_feast(self) -> str:
        """The address as Feast is told it: values are JSON, so that a password of digits stays a text."""
        said = {"ssl": self.tls or None, "db": self.database or None, "username": self.user, "password": self.password}
        return ",".join([str(self), *(f"{name}={json.dumps(value)}" for name, value in said.items() if value is not None)])


def address_of(text: str) -> Address:
    """Return what an address says: `host:port`, `redis://[user:password@]host[:port][/database]`, or `rediss://…` with TLS.

    Raises ValueError, which repeats nothing of the address: it may hold a password.
    """
    parts = urlsplit(text if "://" in text else f"redis://{text}")
    number = parts.path.strip("/") or "0"
    try:
        port = parts.port
    except ValueError:
        port = -1
    if parts.scheme not in ("redis", "rediss") or not parts.hostname or port == -1 or not number.isdecimal() or parts.query:
        raise ValueError("this is no address of a Redis server: `host:port` or `redis://user:password@host:port/0`")
    given = [unquote(each) if each else None for each in (parts.username, parts.password)]
    return Address(parts.hostname, port or PORT, parts.scheme == "rediss", int(number), *given)
