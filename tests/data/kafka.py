"""Brokers of the tests' own: the mock cluster inside of the client's C library, which speaks the wire protocol on a port."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class Brokers:
    """One broker with topics of four partitions; `address` is where it is."""

    def __init__(self, client: Any) -> None:
        self._client: Any = client
        (broker,) = client.list_topics(timeout=10).brokers.values()
        self.address = f"{broker.host}:{broker.port}"

    def stop(self) -> None:
        """End the broker, with every connection to it."""
        self._client = None

    def send(self, topic: str, *values: object, partition: int | None = None) -> None:
        """Send values, one to each partition in turn, or all to one: texts of bytes as they are, None as none, others as JSON."""
        for number, value in enumerate(values):
            data = value if value is None or isinstance(value, bytes) else json.dumps(value).encode()
            self._client.produce(topic, value=data, key=b"key", partition=number % 4 if partition is None else partition)
        assert self._client.flush(10) == 0


@contextmanager
def brokers(**settings: object) -> Iterator[Brokers]:
    """Run a broker until the block ends."""
    from confluent_kafka import Producer

    quiet = logging.Logger("brokers")
    quiet.addHandler(logging.NullHandler())
    found = Brokers(Producer({"test.mock.num.brokers": 1, "bootstrap.servers": "none", "linger.ms": 0, **settings}, logger=quiet))
    yield found
    found.stop()
