"""`kafka`: the JSON objects of a topic, from where it was read up to before to where it ends now; partition by partition.

Nothing is committed to the brokers: how far was read stands in the manifest of the rows, which takes its place together with them.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import polars as pl

from ....architecture.blocks.source import Kafka, Source
from ....architecture.errors import ArchitectureError
from ...secrets import known
from ..conforming import misnamed, shortened
from .failing import unreachable
from .rows import Asked, Offsets, Rows, table_of

#: So many messages are held at a time.
FETCHED = 50_000
#: How long a broker may be silent.
SECONDS = 30.0
#: The settings of the client that the environment says, or the file of secrets.
SETTINGS = {
    "KAFKA_SECURITY_PROTOCOL": "security.protocol",
    "KAFKA_SASL_MECHANISM": "sasl.mechanism",
    "KAFKA_SASL_USERNAME": "sasl.username",
    "KAFKA_SASL_PASSWORD": "sasl.password",
    "KAFKA_SSL_CA_LOCATION": "ssl.ca.location",
}
#: With a login and nothing else said: by a password, over an encrypted line.
_BY_LOGIN = {"security.protocol": "SASL_SSL", "sasl.mechanism": "PLAIN"}


def open_source(source: Source, root: Path, asked: Asked) -> Rows:
    """Return the messages of a topic that are there now and were not read before.

    Raises ArchitectureError when there is no such topic (MLA501), a broker is out of reach, refuses or falls silent, or has lost messages
    before they were read (MLA512), a message is no JSON object (MLA507), or the library is not installed (MLA602).
    """
    try:
        import confluent_kafka  # noqa: F401
    except ImportError:
        told = "`kafka` needs a library that is not installed"
        raise ArchitectureError("MLA602", told, at=f"source.{source.name}.connector", help="pip install 'mlarch[kafka]'") from None
    return _Topic(source).rows(asked.since)


@dataclass
class _Topic:
    """One topic; what it says of a failure shows no password."""

    source: Source
    read: int = 0
    seen: set[str] = field(default_factory=set)
    said: str = ""

    def __post_init__(self) -> None:
        connector = self.source.connector
        assert isinstance(connector, Kafka)
        self.topic, self.servers = connector.topic, connector.servers
        self.settings = {ours: value for name, ours in SETTINGS.items() if (value := known(name))}
        if "sasl.username" in self.settings:
            self.settings = _BY_LOGIN | self.settings

    def rows(self, since: Mapping[str, int]) -> Rows:
        """Ask where the partitions begin and end; their messages are fetched as they are asked for."""
        with self._consumer() as consumer:
            begins, ends = self._bounds(consumer, since)
        offsets = Offsets(begins, ends)

        def batches(columns: Sequence[str]) -> Iterator[pl.DataFrame]:
            with self._consumer() as consumer:
                for partition in offsets.ends:
                    for values in self._messages(consumer, partition, offsets):
                        records = [self._record(*value) for value in values]
                        yield table_of(columns, [[record.get(name) for name in columns] for record in records])
            if self.seen and not since:  # a later message may lack what no earlier one did
                for problem in misnamed(tuple(sorted(self.seen)), self.source):
                    raise problem

        return Rows(tuple(column.name for column in self.source.schema.columns), batches, offsets)

    @contextmanager
    def _consumer(self) -> Iterator[Any]:
        """A client that belongs to no group, and what it says told in one line."""
        from confluent_kafka import Consumer, KafkaException

        quiet = logging.Logger("kafka")
        quiet.addHandler(logging.NullHandler())
        settings = {
            "bootstrap.servers": self.servers,
            "group.id": "mlarch",
            "enable.auto.commit": False,
            "enable.partition.eof": True,
            "auto.offset.reset": "error",
            "isolation.level": "read_committed",
            "fetch.wait.max.ms": 100,
            "error_cb": self._noted,
            **self.settings,
        }
        try:
            with closing(Consumer(settings, logger=quiet)) as consumer:
                yield consumer
        except KafkaException as problem:
            error = problem.args[0]
            raise self._unreachable(error.str() if hasattr(error, "str") else str(error)) from None

    def _noted(self, error: Any) -> None:
        """What the client says on the way: it goes on trying, so that only silence ends a reading."""
        self.said = error.str()

    def _unreachable(self, words: str, **more: str) -> ArchitectureError:
        what = f"{self.topic} broke off after {self.read:,} messages" if self.read else f"{self.topic} cannot be read"
        words = f"{words}: {self.said}" if self.said and self.said not in words else words
        return unreachable(self.source, what, words, self.settings.get("sasl.password", ""), **more)

    def _bounds(self, consumer: Any, since: Mapping[str, int]) -> tuple[dict[str, int], dict[str, int]]:
        """Where each partition is to be read from, and up to where."""
        from confluent_kafka import TopicPartition

        found = consumer.list_topics(self.topic, timeout=SECONDS).topics.get(self.topic)
        if found is None or found.error is not None:
            told = f"there is no topic {self.topic}: {found.error.str() if found and found.error else 'it is not listed'}"
            help = "is its name right, and may it be read?"
            raise ArchitectureError("MLA501", told, at=f"source.{self.source.name}.connector", help=help)
        begins, ends = {}, {}
        for partition in sorted(found.partitions):
            low, high = consumer.get_watermark_offsets(TopicPartition(self.topic, partition), timeout=SECONDS)
            begin = since.get(str(partition), low)
            if not low <= begin <= high:
                raise self._lost(partition, begin, low, high)
            begins[str(partition)], ends[str(partition)] = begin, high
        return begins, ends

    def _lost(self, partition: int, begin: int, low: int, high: int) -> ArchitectureError:
        """What is said of messages that were deleted before they were read, or of a topic that was made anew."""
        what = f"partition {partition} was read up to {begin:,}, and has {low:,} to {high:,} now"
        why = "messages were deleted before they were read" if begin < low else "was the topic made anew?"
        help = f"to begin again with what there is, move .mlarch/data/{self.source.name} away; longer retention keeps it from happening"
        return self._unreachable(f"{what}: {why}", help=help)

    def _messages(self, consumer: Any, partition: str, offsets: Offsets) -> Iterator[list[tuple[str, int, bytes]]]:
        """Yield the messages of one partition, so many at a time; one without a value says that its key is deleted, and is none."""
        from confluent_kafka import KafkaError, TopicPartition

        passing = (KafkaError._TRANSPORT, KafkaError._ALL_BROKERS_DOWN, KafkaError._RESOLVE)
        end = offsets.ends[partition]
        if offsets.reached[partition] < end:
            consumer.assign([TopicPartition(self.topic, int(partition), offsets.reached[partition])])
        heard = time.monotonic()
        while (next_one := offsets.reached[partition]) < end:
            values: list[tuple[str, int, bytes]] = []
            for message in consumer.consume(min(FETCHED, end - next_one), timeout=0.5):
                error, offset = message.error(), message.offset()
                if error is not None and error.code() in passing:
                    self._noted(error)
                    continue
                if error is not None and error.code() != KafkaError._PARTITION_EOF:
                    raise self._unreachable(error.str())
                heard = time.monotonic()
                if error is not None:  # what comes last are marks of transactions, or belongs to one that is still open
                    end = min(end, offset)
                elif offset < end and message.value() is not None:
                    values.append((partition, offset, message.value()))
                next_one = min(offset + (error is None), end)
            if time.monotonic() - heard > SECONDS:
                raise self._unreachable(f"no broker has answered for {SECONDS:g} s")
            offsets.reached[partition] = next_one
            self.read += len(values)
            if values:
                yield values

    def _record(self, partition: str, offset: int, value: bytes) -> dict[str, Any]:
        try:
            record: Any = msgspec.json.decode(value)
        except (msgspec.DecodeError, UnicodeDecodeError):
            record = None
        if isinstance(record, dict):
            self.seen.update(record)
            return record
        if self.source.quarantine is not None:
            return {}
        shown = shortened(value[:400].decode(errors="replace"))
        told = f"message {offset} of partition {partition} of {self.topic} is no JSON object: {shown}"
        help = "with `quarantine <= 1%` such messages are set aside, as rows without a value"
        raise ArchitectureError("MLA507", told, at=f"source.{self.source.name}.connector", help=help)
