"""Measure, print, and write `bench.json`. Rounds alternate: in each, everything is measured once, one thing after another."""

from __future__ import annotations

import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from .beyond import Beyond
from .commands import EXAMPLE, MLARCH, ROOT, Failed, neighbour, seconds
from .feast_join import FeastJoins, prepared
from .features import Requests
from .figures import Figure, Result, Series, Target
from .histories import FLIGHTS, Histories
from .ingestion import Ingestion
from .language import Language
from .machine import busy, facts
from .mistakes import Mistakes
from .services import Asked, agree, ask, demo, fresh, rival
from .store import Store

ROUNDS = 5
RIVAL = "FastAPI + scikit-learn by hand"
EMPTY, NEIGHBOUR = "an empty Python (python -c pass)", "miniwdl check, a comparable workflow"
Values = dict[str, list[float]]


class Bench:
    """Values by name, and why some could not be measured."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.values: Values = defaultdict(list)
        self.missing: dict[str, str] = {}
        self.started = time.monotonic()
        self.language: Language
        self.requests = Requests()
        self.histories = Histories()
        self.ingestion = Ingestion()
        self.beyond = Beyond()
        self.joins: FeastJoins
        self.store: Store | None = None
        self.mistakes = Mistakes()

    def say(self, text: str) -> None:
        """Show progress."""
        print(f"  {time.monotonic() - self.started:5.0f} s  {text}", file=sys.stderr, flush=True)

    def prepare(self) -> Mapping[str, Sequence[str]]:
        """Return the commands to time; each is run once unmeasured, so that the files are in memory for all alike."""
        timed: dict[str, Sequence[str]] = {
            "check": (MLARCH, "check", str(EXAMPLE / "cancer.mlarch")),
            "compile": (MLARCH, "compile", str(EXAMPLE / "cancer.mlarch"), "-o", str(self.folder / "build")),
            EMPTY: (sys.executable, "-c", "pass"),
        }
        self.say("installing miniwdl into an environment of its own")
        try:
            timed[NEIGHBOUR] = neighbour(self.folder)
        except Failed as problem:
            self.say(f"without miniwdl: {problem}")
        self.say("installing Feast with DuckDB into another")
        self.joins = prepared(self.folder)
        self.say("training the flights, and filling two feature stores")
        try:
            self.store = Store(self.folder / "store")
        except Failed as problem:
            self.missing["store"] = str(problem)
            self.say(f"without the feature store: {problem}")
        for command in timed.values():
            seconds(*command)
        self.language = Language(self.folder, timed.get(NEIGHBOUR))
        return timed

    def round(self, timed: Mapping[str, Sequence[str]], *, first: bool) -> None:
        """Measure everything once."""
        self.say("cold processes")
        for name, command in timed.items():
            self.values[name].append(seconds(*command))
        self.say("long files")
        self.language.round(first=first)
        if first:
            self.say("wrong files")
            self.mistakes.round(seed=0)
            self.say("joins in time, beside Feast")
            self.joins.round()
            self.say("long tables, in memory and batch by batch")
            self.beyond.round()
            self.say("a run of the flights")
            self.values["flights run"].append(seconds(MLARCH, "run", "flights.mlarch", cwd=fresh(self.folder, FLIGHTS)))
        self.say("ingestion and validation")
        self.ingestion.round()
        self.say("features of single requests")
        self.requests.round()
        self.say("windows and joins of the flights")
        self.histories.round()
        if self.store is not None:
            self.say("features of single requests from the feature store, then load")
            self.store.round()
        self.say("the demo's steps without Ray, then load")
        copy = fresh(self.folder)
        with demo(copy, ray=False) as (took, served):
            self.values["demo local"].append(took)
            local = self.keep("local", ask(served["url"], served["pid"]))
        self.say("the hand-written service")
        with rival(copy) as (url, process):
            other = self.keep(RIVAL, ask(url, process))
        agree(local, other)
        self.say("the demo's steps with Ray, then load")
        try:
            with demo(fresh(self.folder), ray=True) as (took, served):
                self.values["demo ray"].append(took)
                agree(self.keep("ray", ask(served["url"], served["pid"])), other)
        except Failed as problem:
            self.missing["ray"] = str(problem)
            self.say(str(problem))

    def close(self) -> None:
        """Stop what was started for all rounds."""
        if self.store is not None:
            self.store.close()

    def keep(self, name: str, asked: Asked) -> Asked:
        """Keep what a round of load has found."""
        load = asked.load
        for part, value in (("rate", load.rate), ("p50", load.p50), ("p99", load.p99)):
            self.values[f"{name} {part}"].append(value)
        for part, size in zip(("pss", "rss"), asked.memory or (), strict=False):
            self.values[f"{name} {part}"].append(size)
        self.say(f"    {load.rate:,.0f} requests/s, p50 {load.p50:.1f} ms, p99 {load.p99:.1f} ms")
        return asked

    def figure(self, name: str, unit: str, key: str, references: Mapping[str, str], target: Target | None = None) -> Figure:
        """Return a figure from the values under a key, beside those under other keys."""
        held = self.values.get(key)
        others = {shown: Series(tuple(self.values[each])) for shown, each in references.items() if self.values.get(each)}
        why = None if held else self.missing.get("ray", "this system does not tell")
        return Figure(name=name, unit=unit, ours=Series(tuple(held)) if held else None, references=others, target=target, missing=why)

    def figures(self) -> Iterator[Figure]:
        """Yield every figure to reach."""
        cold = {EMPTY: EMPTY, NEIGHBOUR: NEIGHBOUR}
        yield self.figure("mlarch check, cold process", "s", "check", cold, Target(0.35))
        yield self.figure("mlarch compile, cold process", "s", "compile", {EMPTY: EMPTY}, Target(0.5))
        yield self.figure("the demo's steps, --local", "s", "demo local", {}, Target(30))
        yield self.figure("the demo's steps, Ray", "s", "demo ray", {"the same with --local": "demo local"}, Target(90))
        rate = Target(2000, below=False, ratio=(RIVAL, 1.0))
        yield self.figure("Ray Serve, one replica, 32 connections", "req/s", "ray rate", {RIVAL: f"{RIVAL} rate"}, rate)
        yield self.figure("    median latency", "ms", "ray p50", {RIVAL: f"{RIVAL} p50"})
        yield self.figure("    99th percentile of latency", "ms", "ray p99", {RIVAL: f"{RIVAL} p99"}, Target(60))
        yield self.figure("serve --local, 32 connections", "req/s", "local rate", {RIVAL: f"{RIVAL} rate"}, Target(ratio=(RIVAL, 1.0)))
        yield self.figure("    median latency", "ms", "local p50", {RIVAL: f"{RIVAL} p50"})
        yield self.figure("    99th percentile of latency", "ms", "local p99", {RIVAL: f"{RIVAL} p99"})
        yield self.figure("memory of serve --local, PSS", "MB", "local pss", {RIVAL: f"{RIVAL} pss"}, Target(350))
        yield self.figure("    RSS", "MB", "local rss", {RIVAL: f"{RIVAL} rss"}, Target(350))
        yield from self.language.figures()
        yield from self.mistakes.figures()
        yield from self.requests.figures()
        yield from self.ingestion.figures()
        yield from self.histories.figures()
        if self.store is not None:
            yield from self.store.figures()
        else:
            yield Figure(name="one request's features, Redis", unit="ms", ours=None, missing=self.missing["store"])
        yield self.figure("mlarch run, 336,776 flights", "s", "flights run", {})
        yield from self.beyond.figures()
        yield from self.joins.figures()


def main(rounds: int) -> int:
    """Run the benchmark; a missed target is no failure, a command that fails is."""
    machine = facts()
    if busy():
        print("The machine is busy with something else: the figures will be worse than it can do.", file=sys.stderr)
    with tempfile.TemporaryDirectory(prefix="mlarch-bench-") as folder:
        bench = Bench(Path(folder))
        try:
            timed = bench.prepare()
            for number in range(1, rounds + 1):
                bench.say(f"round {number} of {rounds}")
                bench.round(timed, first=number == 1)
        except Failed as problem:
            print(f"the benchmark stopped: {problem}", file=sys.stderr)
            return 1
        finally:
            bench.close()
        result = Result(machine=machine, rounds=rounds, figures=tuple(bench.figures()))
    (ROOT / "bench.json").write_bytes(result.json())
    print(result.text())
    print(f"\nEvery value is in {(ROOT / 'bench.json').name}.")
    return 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS))
