"""Ingestion goes through a table in batches: what comes out depends on the rows alone, and memory on the size of a batch."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from mlarch.architecture.errors import ArchitectureError
from mlarch.runtime.data import copies, writing
from mlarch.runtime.data.connectors import rows as batching
from mlarch.runtime.data.digest import Digest, content_digest
from mlarch.runtime.data.ingestion import ingest, read
from mlarch.runtime.data.times import FORMS, times
from mlarch.runtime.data.validation import validate
from mlarch.runtime.state import State

from .test_cleaning import lock_of

DRAW = random.Random(3)
TABLE = pl.DataFrame(
    {
        "n": [DRAW.choice([None, DRAW.randint(-9, 9)]) for _ in range(500)],
        "x": [DRAW.choice([None, DRAW.gauss(0, 3)]) for _ in range(500)],
        "t": [DRAW.choice([None, "", "ä", "b" * DRAW.randint(0, 9)]) for _ in range(500)],
    },
    schema={"n": pl.Int64, "x": pl.Float64, "t": pl.String},
)
CLEAN = "null_if = x > 3, clip { n in -5..5 }, fill { t = none }, where = not is_missing(n), dedupe = [n, t]"


def sized(monkeypatch: pytest.MonkeyPatch, rows: int) -> None:
    """Let batches and row groups have so many rows."""
    monkeypatch.setattr(batching, "BATCH", rows)
    monkeypatch.setattr(writing, "BATCH", rows)


@pytest.mark.parametrize("size", [1, 7, 100, 499, 500, 10_000])
def test_the_size_of_a_batch_leaves_no_trace(size: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Digest, rows, repairs, and the report of the rules are those of the whole table, with a sample too."""
    TABLE.write_parquet(tmp_path / "rows.parquet", row_group_size=90)
    lock = lock_of(tmp_path, CLEAN)
    state = State(lock.root)
    whole, sampled = ingest(lock, "rows", state), ingest(lock, "rows", state, sample=0.3)
    held = read(whole, lock.root)
    sized(monkeypatch, size)
    monkeypatch.setattr(copies, "COMPARED", size)
    again = ingest(lock, "rows", state)
    assert (again.digest, again.rows, again.repairs) == (whole.digest, whole.rows, whole.repairs)
    assert read(again, lock.root).equals(held) and ingest(lock, "rows", state, sample=0.3).digest == sampled.digest
    assert validate(lock, "rows", again, state).passed


def test_a_digest_may_be_taken_in_pieces() -> None:
    """However a table is cut, the digest is the same; of fewer rows it is another."""
    wanted = content_digest(TABLE)
    for _ in range(30):
        cuts = sorted(DRAW.sample(range(501), DRAW.randint(0, 9)))
        digest = Digest(TABLE.schema)
        for low, high in zip([0, *cuts], [*cuts, 500], strict=True):
            digest.update(TABLE[low:high])
        assert digest.hexdigest() == wanted
    assert content_digest(TABLE[:499]) != wanted


def test_what_does_not_fit_is_counted_over_all_batches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message counts the values of the whole table and shows the first different ones."""
    sized(monkeypatch, 3)
    texts = ["1", "x", "x", "2", "y", "x", "3", "z", "w", "4"]
    pl.DataFrame({"n": texts, "x": texts, "t": texts}).write_parquet(tmp_path / "rows.parquet")
    lock = lock_of(tmp_path, "cast = x")
    with pytest.raises(ArchitectureError) as raised:
        ingest(lock, "rows", State(lock.root))
    assert raised.value.message == '`n` is declared int, and 6 of 10 values are not: "x", "y", "z"'


def test_each_time_is_read_by_itself() -> None:
    """A text becomes the same time wherever it stands, in whatever form of ISO 8601 its neighbours are."""
    texts = [
        "2013-10-11T12:00:00Z",
        "2013-10-11 12:00",
        "2013/10/11 14:00:00.5+02:00",
        "2013-10-11",
        "10/11/2013",
        "noon",
        None,
        " 2013-10-11 12:00 ",
    ]
    alone = [times(pl.Series("t", [text], pl.String))[0] for text in texts]
    for _ in range(20):
        order = DRAW.sample(range(len(texts)), len(texts))
        assert times(pl.Series("t", [texts[each] for each in order])).to_list() == [alone[each] for each in order]
    assert [each.isoformat() if each else None for each in alone] == [
        "2013-10-11T12:00:00+00:00",
        "2013-10-11T12:00:00+00:00",
        "2013-10-11T12:00:00.500000+00:00",
        "2013-10-11T00:00:00+00:00",
        None,
        None,
        None,
        "2013-10-11T12:00:00+00:00",
    ]
    assert len(set(FORMS)) == len(FORMS) and times(pl.Series("t", [], pl.String)).to_list() == []


@pytest.mark.servers
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the memory of a process is read from /proc")
@pytest.mark.parametrize("kind", ["parquet", "csv"])
def test_memory_is_bounded_by_a_batch(kind: str, tmp_path: Path) -> None:
    """Three times as many rows take no more memory, once what is read ahead is full."""
    peaks = []
    for rows in (12_000_000, 36_000_000):
        number = pl.int_range(rows, eager=True)
        table = pl.DataFrame({"n": number, "x": number / 7, "t": (number % 1000).cast(pl.String)})
        table.write_parquet(tmp_path / "rows.parquet") if kind == "parquet" else table.write_csv(tmp_path / "rows.csv")
        del table, number
        lock_of(tmp_path, "clip { x >= 3 }")
        file = tmp_path / "s.mlarch"
        file.write_text(file.read_text().replace('parquet("rows.parquet")', f'{kind}("rows.{kind}")'))
        peaks.append(peak(file))
    assert peaks[1] < 1.1 * peaks[0] + 100, peaks


def peak(file: Path) -> float:
    """Ingest and validate in a process of its own; return its largest memory in MB, without files that it looks into as memory."""
    done = subprocess.run([sys.executable, "-c", PEAK, str(file)], capture_output=True, text=True, check=True)
    return float(done.stdout) / 1000


PEAK = """
import sys, threading, time, mlarch
from mlarch.runtime.data.ingestion import ingest
from mlarch.runtime.data.validation import validate
from mlarch.runtime.state import State

held = [0]
def watch():
    while True:
        held.append(next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("RssAnon")))
        time.sleep(0.01)

threading.Thread(target=watch, daemon=True).start()
lock = mlarch.load(sys.argv[1]).compile().lock
state = State(lock.root)
validate(lock, "rows", ingest(lock, "rows", state), state)
print(max(held))
"""
