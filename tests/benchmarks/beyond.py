"""Feature building beyond memory: a step of features over long tables, label to matrices, beside the same with all rows in memory.

`python -m tests.benchmarks.beyond [ROWS …]` measures tables of so many rows; a hundred million take twenty minutes and 30 GB of disk. Times
are of the processor, all its cores together. Memory is the most that a process of its own held, files that it mapped included.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np
import polars as pl

import mlarch
from mlarch.runtime.artifacts import Dataset
from mlarch.runtime.data.writing import write_batches
from mlarch.runtime.state import State
from mlarch.runtime.training import places
from mlarch.runtime.training.preparation import prepare

from .commands import ROOT
from .figures import Figure, Result, Series, Target
from .machine import facts

SHORT, LONG = 1_000_000, 10_000_000
HOUR = 3_600_000_000
#: What a row may cost more in a long table than in a short one, and than where all rows are in memory; and what a process may hold.
FLAT, SLOWER, MEMORY = 1.3, 2.0, 4_000
#: Bytes on the disk that a row takes, on the way and in the end: the table, what is scattered, the answers, the matrices.
DISK = 300
FILE = """language = "1.0"
system long { problem = classification, metric roc_auc { baseline = 0.5 } }
source rows {
  connector = parquet("rows.parquet")
  entity    = who
  timestamp = happened
  known_at  = known
  refresh   = hourly
  schema {
    who      : int
    happened : timestamp
    known    : timestamp
    x        : float
    n        : float
  }
}
features own {
  from = source.rows
  feature hour    = hour(happened)
  feature weekday = day_of_week(happened)
  feature size    = log1p(abs(n))
  feature middle  = clip(n, -1, 1)
  feature square  = n * n + 1
  feature usual   = standardize(n)
}
features past {
  from = source.rows
  feature mean_day  = mean(x) over 24h
  feature count_day = count() over 24h
  feature max_week  = max(x) over 168h
  feature last_week = last(x) over 168h
  feature before    = lag(x, 1)
  feature earlier   = lag(x, 2)
  feature change    = lag(x, 1) - lag(x, 2)
}
model m { family = lightgbm, label = rows.x > 1, features = [features.own, features.past] }
training t { model = model.m, split { by = random, test = 20%, seed = 1 } }
"""


def generate(folder: Path, rows: int) -> None:
    """Write a table of a year with a hundred rows an entity, piece by piece, what is known of it, and its architecture file."""
    time = pl.Datetime("us", "UTC")
    schema = pl.Schema({"who": pl.Int64(), "happened": time, "known": time, "x": pl.Float64(), "n": pl.Float64()})

    def batches() -> Iterator[pl.DataFrame]:
        draw = np.random.default_rng(1)
        for begun in range(0, rows, SHORT):
            some = min(SHORT, rows - begun)
            happened = draw.integers(0, 365 * 24 * HOUR, some) + 1_356_998_400_000_000
            known = happened + draw.integers(0, 6 * HOUR, some)
            who, x, n = draw.integers(0, max(1, rows // 100), some), draw.normal(size=some), draw.normal(size=some)
            yield pl.DataFrame([who, happened, known, x, n], schema=list(schema)).cast(dict(schema))

    write_batches(folder / "rows.parquet", schema, batches())
    (folder / "long.mlarch").write_text(FILE)
    dataset = Dataset(
        source="rows",
        path="rows.parquet",
        digest=f"{rows:064}",
        rows=rows,
        columns=tuple(schema),
        bytes=(folder / "rows.parquet").stat().st_size,
        origin="generated",
    )
    (folder / "dataset.json").write_bytes(msgspec.json.encode(dataset))


def step(folder: Path, way: str) -> tuple[float, float, str]:
    """Take the step of features; return seconds of the processor, the most memory in MB, and the digest of what was made."""
    import resource

    places.SHARE = 1e9 if way == "memory" else 0.0
    dataset = msgspec.json.decode((folder / "dataset.json").read_bytes(), type=Dataset)
    lock = mlarch.load(folder / "long.mlarch").compile().lock
    started = time.process_time()
    made = prepare(lock, "m", [dataset], State(folder))
    return time.process_time() - started, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000, made.digest


class Beyond:
    """What was measured, by number of rows and way: seconds and memory."""

    def __init__(self, sizes: tuple[int, ...] = (SHORT, LONG)) -> None:
        self.sizes = sizes
        self.rates: dict[tuple[int, str], list[float]] = defaultdict(list)
        self.memory: dict[int, list[float]] = defaultdict(list)

    def round(self) -> None:
        """Measure each size once, and the second of them in memory too. Raises AssertionError where both ways do not make the same."""
        for place, size in enumerate(self.sizes):
            with tempfile.TemporaryDirectory(prefix="mlarch-beyond-") as name:
                folder = Path(name)
                assert shutil.disk_usage(folder).free > DISK * size, f"{size:,} rows take {DISK * size / 1e9:,.0f} GB of disk"
                generate(folder, size)
                ways = ("batches", "memory") if place == 1 else ("batches",)
                made = {way: self._measured(folder, size, way) for way in ways}
                assert len(set(made.values())) == 1, "batches and memory make other rows"

    def _measured(self, folder: Path, size: int, way: str) -> str:
        command = [sys.executable, "-m", "tests.benchmarks.beyond", "--step", str(folder), way]
        done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
        seconds, memory, digest = json.loads(done.stdout)
        self.rates[size, way].append(size / seconds)
        if way == "batches":
            self.memory[size].append(memory)
        shutil.rmtree(folder / ".mlarch")
        return str(digest)

    def figures(self) -> Iterator[Figure]:
        """Yield the figures that are to be reached."""
        first, second, *_ = self.sizes
        short, at_once = f"{first:,} rows", f"{second:,} rows in memory"
        references = {short: self._rate(first, "batches"), at_once: self._rate(second, "memory")}
        for size in self.sizes[1:]:
            name = f"step of features by batches, {size:,} rows"
            ours, unit = self._rate(size, "batches"), "rows per CPU second"
            flat, half = Target(ratio=(short, 1 / FLAT), below=False), Target(ratio=(at_once, 1 / SLOWER), below=False)
            yield Figure(name=name, unit=unit, ours=ours, references=references, target=flat)
            yield Figure(name="    beside memory", unit=unit, ours=ours, references=references, target=half)
            yield Figure(name="    memory", unit="MB", ours=Series(tuple(self.memory[size])), target=Target(MEMORY))

    def _rate(self, size: int, way: str) -> Series:
        return Series(tuple(self.rates[size, way]))


def main(arguments: list[str]) -> int:
    """Run the benchmark; a missed target is no failure, rows that differ are."""
    if arguments[:1] == ["--step"]:
        print(json.dumps(step(Path(arguments[1]), arguments[2])))
        return 0
    bench = Beyond((SHORT, LONG, *(int(each) for each in arguments)))
    bench.round()
    print(Result(machine=facts(), rounds=1, figures=tuple(bench.figures())).text())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
