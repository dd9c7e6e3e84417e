"""A topic is read on from where it was read to: nothing is lost or doubled, whatever breaks off in between."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

import mlarch
from mlarch.architecture.errors import ArchitectureError
from mlarch.runtime.artifacts import Dataset
from mlarch.runtime.data.connectors import kafka as connector
from mlarch.runtime.data.ingestion import ingest, read
from mlarch.runtime.data.versions import versions_of
from mlarch.runtime.state import State

from .kafka import Brokers, brokers
from .test_connectors import SECRET, ingested, refused, unseen

ROWS = pl.DataFrame({"n": range(10), "t": list("abcdefghij")})
ARCHITECTURE = """language = "1.0"
system s {{ problem = regression, metric rmse {{ baseline = 9 }} }}
source rows {{
  connector = kafka("visits", servers="{servers}")
  {more}
  schema {{ n : int in 0..1000, t : string }}
}}
"""


@pytest.fixture
def broker() -> Iterator[Brokers]:
    """A broker."""
    pytest.importorskip("confluent_kafka")
    with brokers() as found:
        yield found


def taken(folder: Path, broker: Brokers, more: str = "", sample: float | None = None) -> tuple[Dataset, pl.DataFrame]:
    """Ingest the topic by an architecture that says more, and return what is kept."""
    file = folder / "s.mlarch"
    file.write_text(ARCHITECTURE.format(servers=broker.address, more=more))
    lock = mlarch.load(file).compile().lock
    dataset = ingest(lock, "rows", State(lock.root, sampled=sample is not None), sample=sample)
    return dataset, read(dataset, lock.root)


def test_each_ingestion_adds_what_is_new(broker: Brokers, tmp_path: Path) -> None:
    """The rows of the version before come first, then the new ones, partition by partition; the manifest says up to where."""
    broker.send("visits", *ROWS[:4].to_dicts())
    first, rows = taken(tmp_path, broker)
    assert rows.equals(ROWS[:4]) and first.stream is not None and first.stream.offsets == {"0": 1, "1": 1, "2": 1, "3": 1}
    broker.send("visits", *ROWS[4:].to_dicts(), partition=2)
    second, rows = taken(tmp_path, broker)
    assert rows.equals(ROWS) and second.stream is not None and second.stream.offsets == {"0": 1, "1": 1, "2": 7, "3": 1}
    assert [each.dataset for each in versions_of(State(tmp_path), "rows")] == [first, second] and second.origin == "visits"


def test_marks_of_transactions_are_no_messages(broker: Brokers, tmp_path: Path) -> None:
    """What a partition ends with need not be a message: it is read to its end all the same, and read on from there."""
    from confluent_kafka import Producer

    producer = Producer({"bootstrap.servers": broker.address, "transactional.id": "shop"})
    producer.init_transactions(10)
    for begin in (0, 5):
        producer.begin_transaction()
        for row in ROWS[begin : begin + 5].to_dicts():
            producer.produce("visits", json.dumps(row).encode(), partition=0)
        producer.commit_transaction(10)
        dataset, rows = taken(tmp_path, broker)
        assert rows.equals(ROWS[: begin + 5])
        assert dataset.stream is not None and dataset.stream.offsets["0"] == (6 if begin == 0 else 12)
    assert taken(tmp_path, broker)[0] == dataset


def test_where_nothing_is_new_there_is_no_new_version(broker: Brokers, tmp_path: Path) -> None:
    """The version before is given again, and its file is not written anew."""
    broker.send("visits", *ROWS.to_dicts())
    first, _ = taken(tmp_path, broker)
    written = (tmp_path / first.path).stat().st_mtime_ns
    assert taken(tmp_path, broker)[0] == first and (tmp_path / first.path).stat().st_mtime_ns == written


def test_the_same_messages_give_the_same_digest(broker: Brokers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In whatever pieces they are fetched, messages of the same offsets are the same version."""
    broker.send("visits", *ROWS.to_dicts())
    wanted, _ = taken(tmp_path, broker)
    for size in (1, 3):
        monkeypatch.setattr(connector, "FETCHED", size)
        (tmp_path / str(size)).mkdir()
        assert taken(tmp_path / str(size), broker)[0].digest == wanted.digest


@pytest.mark.parametrize("point", ["data.table", "data.table+", "data.manifest", "data.manifest+"])
def test_after_a_crash_nothing_is_lost_or_doubled(point: str, broker: Brokers, tmp_path: Path) -> None:
    """Killed before or after the rows or their manifest take their place, the next ingestion has every message once, newer ones too."""
    broker.send("visits", *ROWS[:4].to_dicts())
    taken(tmp_path, broker)
    broker.send("visits", *ROWS[4:8].to_dicts(), partition=0)
    program = "import sys, tests.data.test_kafka as t; from types import SimpleNamespace as N; from pathlib import Path\n"
    program += f"t.taken(Path(sys.argv[1]), N(address={broker.address!r}))"
    environment = os.environ | {"MLARCH_KILL_AT": point}
    done = subprocess.run([sys.executable, "-c", program, str(tmp_path)], env=environment, cwd=Path(__file__).parent.parent.parent)
    assert done.returncode == -signal.SIGKILL
    broker.send("visits", *ROWS[8:].to_dicts(), partition=1)
    assert sorted(taken(tmp_path, broker)[1]["n"]) == list(range(10))


def test_repairs_and_rows_set_aside_are_those_of_all_messages(broker: Brokers, tmp_path: Path) -> None:
    """A copy of an earlier row is left out, counts go on, and rows set aside before are beside the new ones."""
    more = "clean { dedupe = n }\n  quarantine <= 50%"
    broker.send("visits", {"n": 1, "t": "a"}, {"n": 5000, "t": "b"}, {"n": 1, "t": "c"}, partition=0)
    first, _ = taken(tmp_path, broker, more)
    assert (first.rows, first.quarantined, first.repairs[0].rows) == (1, 1, 1)
    broker.send("visits", {"n": 2, "t": "d"}, {"n": 6000, "t": "e"}, {"n": 1, "t": "f"}, partition=0)
    second, rows = taken(tmp_path, broker, more)
    assert rows["t"].to_list() == ["a", "d"] and (second.quarantined, second.repairs[0].rows) == (2, 2)
    assert second.quarantine is not None and pl.read_parquet(tmp_path / second.quarantine)["n"].to_list() == [5000, 6000]


def test_another_schema_reads_the_topic_anew(broker: Brokers, tmp_path: Path) -> None:
    """What the file says of the source decides what is read on from: a repair that is added is made of every message."""
    broker.send("visits", *ROWS.to_dicts(), partition=0)
    taken(tmp_path, broker)
    _, rows = taken(tmp_path, broker, "clean { where = n >= 5 }")
    assert rows.equals(ROWS[5:]) and taken(tmp_path, broker)[1].equals(ROWS)


def test_a_sample_is_no_version_of_the_stream(broker: Brokers, tmp_path: Path) -> None:
    """A sample is taken of all messages, and nothing is read on from it."""
    broker.send("visits", *[{"n": n, "t": "x"} for n in range(200)])
    dataset, rows = taken(tmp_path, broker, sample=0.2)
    assert 10 < len(rows) < 80 and dataset.stream is None
    assert len(taken(tmp_path, broker)[1]) == 200


def test_what_is_no_message_of_ours_is_told_or_set_aside(broker: Brokers, tmp_path: Path) -> None:
    """A deletion is passed over; what is no JSON object is named with its place, or set aside where the file allows it."""
    broker.send("visits", {"n": 1, "t": "a"}, None, b'{"n": 2, "t"', {"n": 3, "t": "c", "more": [1]}, partition=1)
    problem = refused(tmp_path, f'kafka("visits", "{broker.address}")')
    assert problem.code == "MLA507" and 'message 2 of partition 1 of visits is no JSON object: {"n": 2, "t"' in problem.message
    dataset, rows = taken(tmp_path, broker, "quarantine <= 40%")
    assert rows["n"].to_list() == [1, 3] and dataset.quarantined == 1


def test_a_key_may_be_missing_from_a_message_but_not_from_all(broker: Brokers, tmp_path: Path) -> None:
    """What a message lacks is a missing value; a column that no message has is a slip in the schema."""
    broker.send("visits", {"n": 1}, {"n": 2, "t": "b"}, partition=0)
    columns = "n : int\n t : string?"
    assert ingested(tmp_path, f'kafka("visits", "{broker.address}")', columns)[1]["t"].to_list() == [None, "b"]
    with pytest.raises(ArchitectureError) as raised:
        ingested(tmp_path, f'kafka("visits", "{broker.address}")', "n : int\n tt : string?")
    assert raised.value.code == "MLA502" and "no column `tt`; did you mean `t`?" in raised.value.message


def test_values_that_do_not_fit_are_told(broker: Brokers, tmp_path: Path) -> None:
    """A number that became a text is shown, and the offsets stay where they were: mended, the ingestion carries on."""
    broker.send("visits", *ROWS[:4].to_dicts())
    first, _ = taken(tmp_path, broker)
    broker.send("visits", {"n": "many", "t": "x"})
    with pytest.raises(ArchitectureError) as raised:
        taken(tmp_path, broker)
    assert raised.value.code == "MLA503" and '1 of 1 values are not: "many"' in raised.value.message
    assert [each.dataset for each in versions_of(State(tmp_path), "rows")] == [first]
    assert taken(tmp_path, broker, "clean { cast = n, where = n >= 0 }")[1].equals(ROWS[:4])


def test_a_topic_that_lost_messages_is_told(broker: Brokers, tmp_path: Path) -> None:
    """Where the brokers have less than was read, the topic was made anew: nothing is read from it unasked."""
    broker.send("visits", *ROWS.to_dicts(), partition=0)
    first, _ = taken(tmp_path, broker)
    with brokers() as other:
        other.send("visits", *ROWS[:2].to_dicts(), partition=0)
        manifest = (tmp_path / first.path).with_suffix(".json")
        file = tmp_path / "s.mlarch"
        text = file.read_text().replace(broker.address, other.address)
        from mlarch.runtime.data.streams import said_of

        file.write_text(text)
        lock = mlarch.load(file).compile().lock
        assert first.stream is not None
        said = said_of(lock.architecture.source["rows"])
        manifest.write_text(manifest.read_text().replace(first.stream.said, said))
        with pytest.raises(ArchitectureError) as raised:
            ingest(lock, "rows", State(lock.root))
        assert raised.value.code == "MLA512" and "partition 0 was read up to 10, and has 0 to 2 now" in raised.value.message
        assert read(first, lock.root).equals(ROWS)


def test_messages_that_were_deleted_unread_are_told(broker: Brokers, tmp_path: Path) -> None:
    """Rows that were never seen are not passed over in silence: the message has the offsets, and says how it is kept from happening."""
    broker.send("visits", *ROWS.to_dicts(), partition=0)
    first, _ = taken(tmp_path, broker)
    broker.send("visits", *[{"n": n, "t": "x" * 900_000} for n in range(16)], partition=0)  # the broker keeps 5 MB of a partition
    with pytest.raises(ArchitectureError) as raised:
        taken(tmp_path, broker)
    assert raised.value.code == "MLA512" and "messages were deleted before they were read" in raised.value.message
    assert "partition 0 was read up to 10, and has " in raised.value.message and "retention" in (raised.value.help or "")
    assert [each.dataset for each in versions_of(State(tmp_path), "rows")] == [first]


def test_a_topic_that_is_not_there_and_one_without_messages_are_said(broker: Brokers, tmp_path: Path) -> None:
    """An unknown topic, one that is empty, and a broker that is away are one message each in good time."""
    broker.send("visits", *ROWS.to_dicts())
    problem = refused(tmp_path, f'kafka("nowhere", "{broker.address}")')
    assert problem.code == "MLA501" and "there is no topic nowhere" in problem.message
    broker.send("empty", None)
    assert refused(tmp_path, f'kafka("empty", "{broker.address}")').code == "MLA506"


def test_a_broker_that_is_away_or_falls_silent_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody answers, or nobody any more: the message says so after a while, without the password, and nothing is kept."""
    monkeypatch.setattr(connector, "SECONDS", 1.5)
    for name, value in (("KAFKA_SASL_USERNAME", "reader"), ("KAFKA_SASL_PASSWORD", SECRET), ("KAFKA_SECURITY_PROTOCOL", "SASL_PLAINTEXT")):
        monkeypatch.setenv(name, value)
    problem = refused(tmp_path, 'kafka("visits", "127.0.0.1:1")')
    assert problem.code == "MLA512" and "visits cannot be read: " in problem.message
    unseen(tmp_path, problem.message)


def test_brokers_that_go_away_in_mid_read_leave_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After some messages the connection ends: one message says after how many, nothing is kept, and a rerun reads them all."""
    monkeypatch.setattr(connector, "SECONDS", 1.5)
    monkeypatch.setattr(connector, "FETCHED", 2)
    plain = connector._Topic._messages
    with brokers() as broker:
        broker.send("visits", *ROWS[:4].to_dicts(), partition=0)
        broker.send("visits", *ROWS[4:].to_dicts(), partition=1)

        def ended(self: connector._Topic, consumer: object, partition: str, offsets: object) -> Iterator[object]:
            if partition == "1":
                broker.stop()
            yield from plain(self, consumer, partition, offsets)  # type: ignore[arg-type]

        monkeypatch.setattr(connector._Topic, "_messages", ended)
        problem = refused(tmp_path, f'kafka("visits", "{broker.address}")')
    assert problem.code == "MLA512" and "visits broke off after 4 messages: " in problem.message, problem.message
    monkeypatch.setattr(connector._Topic, "_messages", plain)
    with brokers() as again:
        again.send("visits", *ROWS.to_dicts())
        assert sorted(ingested(tmp_path, f'kafka("visits", "{again.address}")')[1]["n"]) == list(range(10))
