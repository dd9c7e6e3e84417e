"""The address of a Redis server: `host:port`, a URL as Redis' own clients take it, or as Feast's do; declared as a text or as a secret."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import unquote, urlsplit

from ....architecture.blocks.features import FeatureStore, Redis
from ....architecture.errors import ArchitectureError
from ....architecture.vocabulary import Secret
from ....language.suggest import names
from ...secrets import reveal

PORT = 6379
#: What Feast is told beside host and port, what it is called here, and of what type it is.
_KEYS = {"ssl": ("tls", bool), "db": ("database", int), "username": ("user", str), "password": ("password", str)}


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
        """The address as Feast is told it: values are JSON, so that a password of digits stays a text, and have no comma of their own."""
        said = {"ssl": self.tls or None, "db": self.database or None, "username": self.user, "password": self.password}
        told = {name: json.dumps(value).replace(",", "\\u002c") for name, value in said.items() if value is not None}
        return ",".join([str(self), *(f"{name}={value}" for name, value in told.items())])


def address_of(text: str) -> Address:
    """Return what an address says: `host:port`, `redis://[user:password@]host[:port][/database]`, or `rediss://…` with TLS.

    What follows commas is what Feast is told, `host:port,password=…,ssl=true`. Raises ValueError, which repeats nothing of the address:
    it may hold a password.
    """
    text, *further = text.split(",") if "://" not in text else [text]
    if further:
        return _as_feast_is_told(address_of(text), further)
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


def _as_feast_is_told(address: Address, further: list[str]) -> Address:
    """Return an address with what Feast is told beside it: values are JSON, or else texts. A password of bare digits is a text as well."""
    said: dict[str, Any] = {}
    for name, equals, value in (part.partition("=") for part in further):
        if name not in _KEYS or not equals:
            raise ValueError(f"beside an address Feast is told {names(_KEYS)}")
        key, kind = _KEYS[name]
        try:
            read = json.loads(value)
        except ValueError:
            read = value
        said[key] = value if kind is str and not isinstance(read, str) else read
        if type(said[key]) is not kind:
            raise ValueError(f"beside the address stands `{name}`, which is {'true or false' if kind is bool else 'a whole number'}")
    return replace(address, **said)


def declared_address(store: FeatureStore) -> Address:
    """Return where the Redis server of a store is. Raises ArchitectureError where its secret is not set (MLA903) or no address (MLA612)."""
    assert isinstance(store.online, Redis), "asked before"
    at = f"feature_store.{store.name}.online"
    secret = store.online.address
    try:
        return address_of(reveal(secret, at) if isinstance(secret, Secret) else secret)
    except ValueError as problem:
        raise ArchitectureError("MLA612", str(problem), at=at) from None
