"""The language: what `check`, `fmt` and `plan` take on long files, and an edit in an editor, beside the neighbour's check of as many lines.

`python -m tests.benchmarks.language [ROUNDS]` measures these figures alone.
"""

from __future__ import annotations

import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from ..lsp.latency import measure
from .commands import MLARCH, Failed, neighbour, run, seconds
from .figures import Figure, Result, Series, Target
from .machine import facts
from .texts import ours, theirs

SIZES = (1_000, 2_000, 5_000, 50_000)
#: The longest two are measured in the first round only, the one between for linearity.
FIRST, MIDDLE, BETWEEN, LONGEST = 1_000, 5_000, 20_000, 50_000
EDITS = 200
NEIGHBOUR = "miniwdl check, as many lines"
#: How much more a line may cost in the second half than in the first, where cost is to grow with the length.
LINEAR = 1.3
#: Runs a script and writes the most memory that it had, in kB: what the system keeps of a child has the parent's share in it.
_PEAK = """
import re, runpy, sys
told, script, *sys.argv[1:] = sys.argv[1:]
sys.argv[0] = script
try:
    runpy.run_path(script, run_name="__main__")
finally:
    open(told, "w").write(re.search(r"VmHWM:\\s*(\\d+)", open("/proc/self/status").read())[1])
"""


class Language:
    """The files, the commands, and what was measured: values by what was done and the lines of the file."""

    def __init__(self, folder: Path, other: Sequence[str] | None) -> None:
        self.folder = folder
        self.other = other
        self.lines: dict[tuple[str, int], int] = {}
        self.values: dict[tuple[str, int], list[float]] = defaultdict(list)
        for size in SIZES:
            self._write("ours", size, ours(size))
            self._write("theirs", size, theirs(size))
        self._write("ours", BETWEEN, ours(BETWEEN))
        run(MLARCH, "fmt", str(self._file("ours", MIDDLE)))
        changed = self._file("ours", MIDDLE).read_text(encoding="utf-8").replace("roc_auc >= 0.6", "roc_auc >= 0.65", 1)
        (folder / "changed.mlarch").write_text(changed, encoding="utf-8")

    def round(self, *, first: bool) -> None:
        """Measure everything once; memory and the longest file in the first round only. Raises Failed."""
        for size in SIZES if first else SIZES[:-1]:
            self._measure("ours", size, self._ours(size), first)
            if self.other:
                self._measure("theirs", size, self._theirs(size), first)
        if first:
            self._measure("ours", BETWEEN, self._ours(BETWEEN), first)
        file = str(self._file("ours", MIDDLE))
        self.values["fmt", MIDDLE].append(seconds(MLARCH, "fmt", "--check", file))
        self.values["plan", MIDDLE].append(seconds(MLARCH, "plan", str(self.folder / "changed.mlarch"), "--against", file))
        self.values["edit", MIDDLE].append(measure(MIDDLE, EDITS)["p95_ms"])

    def figures(self) -> Iterator[Figure]:
        """Yield the figures of the language that are to be reached."""
        for size in SIZES:
            yield self._figure(f"mlarch check, {size:,} lines, cold process", "s", "seconds", size, Target(0.3) if size == FIRST else None)
        for low, high in ((FIRST, MIDDLE), (MIDDLE, LONGEST)):
            yield self._growth("each further 1,000", "ms", "seconds", low, high, 1000, Target(100))
        yield self._straight("seconds")
        for size in (FIRST, LONGEST):
            yield self._figure(f"    most memory, {size:,} lines", "MB", "memory", size)
        yield self._growth("each further 1,000", "MB", "memory", MIDDLE, LONGEST)
        yield self._straight("memory")
        check = {"mlarch check of it": self._series("ours seconds", MIDDLE)}
        for name in ("fmt", "plan"):
            shown = "fmt --check" if name == "fmt" else "plan of one change"
            yield Figure(name=f"mlarch {shown}, {MIDDLE:,} lines", unit="s", ours=self._series(name, MIDDLE), references=check)
        yield Figure(name=f"an edit in an editor, {MIDDLE:,} lines, p95", unit="ms", ours=self._series("edit", MIDDLE), target=Target(50))

    # --- measuring ---------------------------------------------------------------------------------------------------

    def _measure(self, whose: str, size: int, command: Sequence[str], first: bool) -> None:
        told = self.folder / "peak"
        watched = (str(Path(command[0]).parent / "python"), "-c", _PEAK, str(told), *command)
        if size > MIDDLE:  # once for both: there a start more or less is nothing
            self.values[f"{whose} seconds", size].append(seconds(*watched))
        else:
            self.values[f"{whose} seconds", size].append(seconds(*command))
            if first:
                run(*watched)
        if first:
            self.values[f"{whose} memory", size].append(int(told.read_text()) / 1000)

    def _ours(self, size: int) -> Sequence[str]:
        return MLARCH, "check", str(self._file("ours", size))

    def _theirs(self, size: int) -> Sequence[str]:
        return *(self.other or ())[:-1], str(self._file("theirs", size))

    def _file(self, whose: str, size: int) -> Path:
        return self.folder / f"{whose}-{size}.{'mlarch' if whose == 'ours' else 'wdl'}"

    def _write(self, whose: str, size: int, text: str) -> None:
        self.lines[whose, size] = text.count("\n")
        self._file(whose, size).write_text(text, encoding="utf-8")

    # --- figures -----------------------------------------------------------------------------------------------------

    def _series(self, what: str, size: int) -> Series:
        return Series(tuple(self.values[what, size]))

    def _figure(self, name: str, unit: str, what: str, size: int, target: Target | None = None) -> Figure:
        others = {NEIGHBOUR: self._series(f"theirs {what}", size)} if self.other else {}
        return Figure(name=name, unit=unit, ours=self._series(f"ours {what}", size), references=others, target=target)

    def _growth(self, name: str, unit: str, what: str, low: int, high: int, factor: int = 1, target: Target | None = None) -> Figure:
        """What 1,000 lines more cost between two lengths."""
        mine = Series((factor * self._slope("ours", what, low, high),))
        others = {NEIGHBOUR: Series((factor * self._slope("theirs", what, low, high),))} if self.other else {}
        return Figure(name=f"    {name}, {low:,} to {high:,}", unit=unit, ours=mine, references=others, target=target)

    def _straight(self, what: str) -> Figure:
        """Whether a line costs as much in the second half of a long file as in the first."""
        ratio = self._slope("ours", what, BETWEEN, LONGEST) / self._slope("ours", what, MIDDLE, BETWEEN)
        return Figure(name="    the second half against the first", unit="×", ours=Series((ratio,)), target=Target(LINEAR))

    def _slope(self, whose: str, what: str, low: int, high: int) -> float:
        """What 1,000 lines cost between two lengths, by the medians."""
        values = [self._series(f"{whose} {what}", size).median for size in (low, high)]
        return 1000 * (values[1] - values[0]) / (self.lines[whose, high] - self.lines[whose, low])


def main(rounds: int) -> int:
    """Measure and print the figures of the language."""
    machine = facts()
    with tempfile.TemporaryDirectory(prefix="mlarch-bench-") as name:
        folder = Path(name)
        try:
            other = neighbour(folder)
        except Failed as problem:
            print(f"without miniwdl: {problem}", file=sys.stderr)
            other = None
        try:
            language = Language(folder, other)
            for number in range(rounds):
                language.round(first=number == 0)
        except Failed as problem:
            print(f"the benchmark stopped: {problem}", file=sys.stderr)
            return 1
        print(Result(machine=machine, rounds=rounds, figures=tuple(language.figures())).text())
    return 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 3))
