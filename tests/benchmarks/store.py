"""One request's features from the online store, on the flights of 2013: what a replica reads and computes, beside Feast's own client.

`python -m tests.benchmarks.store [ROUNDS]` measures these figures alone. The model is trained once; its fourteen features are of the row,
of two windows over departures and of the weather. Requests are of the last hours of the year, one after another. Feast computes the same
features in its on-demand view, from the same blobs and by the same functions: what differs is how they are read and handed over.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
import time
import urllib.request
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import polars as pl
import uvloop

from mlarch.architecture.lock import read_lock
from mlarch.runtime.models.bundle import Bundle
from mlarch.runtime.serving.histories import Histories
from mlarch.runtime.serving.online_store import histories_of

from ..redis import server
from .commands import MLARCH, ROOT, Failed, run
from .figures import Figure, Result, Series, Target
from .load import Measured
from .machine import facts
from .services import free_port

EXAMPLE = ROOT / "examples" / "flights"
REDIS, SQLITE = "Redis", "SQLite"
FEAST = "Feast's get_online_features"
SINCE = datetime(2013, 12, 31, 12, tzinfo=UTC)
REQUESTS, OF_FEAST, WARM = 3_000, 300, 200
#: What both give as it is, before anything is learnt.
SAME = ("aircraft.delay_1d", "aircraft.flights_1d", "aircraft.worst_7d", "airport.delay_3h", "airport.landed_3h", "airport.worst_3h")


class Store:
    """Milliseconds a request and requests a second, by store and who reads it."""

    def __init__(self, folder: Path) -> None:
        """Train the example, and fill a store in SQLite and one in Redis. Raises Failed where there is no Redis."""
        if shutil.which("redis-server") is None:
            raise Failed("there is no Redis server; `make servers` installs it")
        self._ending = ExitStack()
        self._redis = self._ending.enter_context(server())
        self.projects = {SQLITE: folder / "sqlite", REDIS: folder / "redis"}
        shutil.copytree(EXAMPLE, self.projects[SQLITE], ignore=shutil.ignore_patterns(".mlarch", "build"))
        file = self.projects[SQLITE] / "flights.mlarch"
        # A machine that is busy with something else as well is late now and then: what falls back would not be measured.
        _put(file, "backend = feast", "backend = feast\n  deadline = 1s")
        run(MLARCH, "run", "flights.mlarch", cwd=self.projects[SQLITE])
        shutil.copytree(self.projects[SQLITE], self.projects[REDIS], ignore=shutil.ignore_patterns("feast*", "build"))
        _put(self.projects[REDIS] / "flights.mlarch", "sqlite()", f'redis("{self._redis.address}")')
        run(MLARCH, "compile", "flights.mlarch", cwd=self.projects[REDIS])
        run(MLARCH, "features", "materialize", "flights.mlarch", cwd=self.projects[REDIS])
        (bundle,) = (self.projects[SQLITE] / ".mlarch" / "models" / "late").iterdir()
        self.bundle = Bundle.load(bundle)
        self.rows = self._asked()
        self.values: dict[str, list[float]] = defaultdict(list)

    def close(self) -> None:
        """Stop the server."""
        self._ending.close()

    def round(self) -> None:
        """Measure everything once. Raises AssertionError where Feast and we differ, or a row falls back."""
        for name, project in self.projects.items():
            histories = histories_of(read_lock(project / "build" / "flights" / "architecture.lock.json"), self.bundle.program)
            assert histories is not None
            ours = uvloop.run(self._ours(name, histories))
            feasts = self._feasts(name, project)
            for one, other in zip(ours, feasts, strict=True):
                assert _alike(one, other), f"{one} by us, {other} by Feast"
        self._served()

    def figures(self) -> Iterator[Figure]:
        """Yield the figures that are to be reached."""
        for name in (REDIS, SQLITE):
            for share, target in (("p50", None), ("p99", Target(1.5) if name == REDIS else None)):
                shown = f"one request's features, {name}, p50" if share == "p50" else "    99th percentile"
                references = {FEAST: self._series(f"{name} feast {share}")}
                yield Figure(name=shown, unit="ms", ours=self._series(f"{name} ours {share}"), references=references, target=target)
            cpu = {FEAST: self._series(f"{name} feast cpu")}
            yield Figure(name="    of the processor", unit="ms", ours=self._series(f"{name} ours cpu"), references=cpu)
        rate = Target(1000, below=False)
        yield Figure(name="flights, serve --local over Redis", unit="req/s", ours=self._series("rate"), target=rate)
        yield Figure(name="    99th percentile of latency", unit="ms", ours=self._series("served p99"))

    def _series(self, key: str) -> Series:
        return Series(tuple(self.values[key]))

    def _asked(self) -> list[dict[str, Any]]:
        """Rows of the last hours of the year as requests bring them, their times in UTC."""
        columns = [column.name for column in self.bundle.program.inputs]
        (table,) = (self.projects[SQLITE] / ".mlarch").rglob("test_rows.parquet")
        return pl.read_parquet(table).select(columns).filter(pl.col("scheduled_departure") > SINCE).to_dicts()

    async def _ours(self, name: str, histories: Histories) -> list[tuple[Any, ...]]:
        features, places = self.bundle.features, [self.bundle.program.names.index(each) for each in SAME]
        taken, found = [], []
        spent = time.process_time()
        for number in range(WARM + REQUESTS):
            row = self.rows[number % len(self.rows)]
            started = time.perf_counter()
            completed = await histories.complete([row])
            values = features(completed.rows[0])
            taken.append(time.perf_counter() - started)
            assert not completed.fallback[0], completed.fallback
            if number < OF_FEAST:
                found.append(tuple(values[place] for place in places))
        self.values[f"{name} ours cpu"].append((time.process_time() - spent) / len(taken) * 1000)
        histories.reader.close()
        self._keep(f"{name} ours", taken[WARM:])
        return found

    def _feasts(self, name: str, project: Path) -> list[tuple[Any, ...]]:
        ask = _feast(project / "build" / "flights" / "feature_repo", [f"late:{feature}" for feature in self.bundle.program.names])
        taken, found = [], []
        ask(self.rows[0])
        spent = time.process_time()
        for number in range(OF_FEAST):
            started = time.perf_counter()
            answer = ask(self.rows[number % len(self.rows)])
            taken.append(time.perf_counter() - started)
            found.append(tuple(answer[feature][0] for feature in SAME))
        self.values[f"{name} feast cpu"].append((time.process_time() - spent) / len(taken) * 1000)
        self._keep(f"{name} feast", taken)
        return found

    def _served(self) -> None:
        """Serve the model over Redis in a process of its own, and ask it from 32 connections about one flight."""
        with _serving(self.projects[REDIS]) as url:
            body = msgspec.json.encode(self.rows[-1]).decode()
            measured = msgspec.json.decode(
                run(sys.executable, "-m", f"{__package__}.load", f"{url}/predict", body, cwd=ROOT), type=Measured
            )
            with urllib.request.urlopen(f"{url}/metrics", timeout=10) as answer:
                lines = [line for line in answer.read().decode().splitlines() if line.startswith("mlarch_store_fallbacks_total{")]
        fallen = sum(float(line.rpartition(" ")[2]) for line in lines)
        if measured.wrong or fallen:
            raise Failed(f"{measured.wrong} answers were not 200, and of {fallen:.0f} rows a view fell back")
        self.values["rate"].append(measured.rate)
        self.values["served p99"].append(measured.p99)

    def _keep(self, key: str, seconds: Sequence[float]) -> None:
        ordered = sorted(seconds)
        for share in (50, 99):
            self.values[f"{key} p{share}"].append(ordered[len(ordered) * share // 100] * 1000)


def _feast(repository: Path, features: list[str]) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Return what asks Feast's own client for features of one row."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import feast

        store = feast.FeatureStore(repo_path=str(repository))

    def ask(row: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = store.get_online_features(features=features, entity_rows=[row]).to_dict()
        return found

    return ask


@contextmanager
def _serving(project: Path) -> Iterator[str]:
    """Serve a project at a port of its own, until the end of the block."""
    port = f"deployment.api.port={free_port()}"
    try:
        yield str(json.loads(run(MLARCH, "serve", "flights.mlarch", "--local", "--detach", "--json", port, cwd=project))["url"])
    finally:
        run(MLARCH, "down", "flights.mlarch", cwd=project)


def _put(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert text.count(old) == 1, old
    file.write_text(text.replace(old, new), encoding="utf-8")


def _alike(one: tuple[Any, ...], other: tuple[Any, ...]) -> bool:
    """Tell whether values are the same; Feast says NaN where a number is missing."""
    return all(
        (a is None and (b is None or b != b)) or (a is not None and b is not None and abs(a - b) <= 1e-9 * max(1.0, abs(a)))
        for a, b in zip(one, other, strict=True)
    )


def main(rounds: int) -> int:
    """Run the benchmark; a missed target is no failure, features that differ are."""
    machine = facts()
    with tempfile.TemporaryDirectory() as folder:
        bench = Store(Path(folder))
        try:
            for _ in range(rounds):
                bench.round()
        finally:
            bench.close()
    print(Result(machine=machine, rounds=rounds, figures=tuple(bench.figures())).text())
    return 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 3))
