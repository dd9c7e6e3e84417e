"""How many mistakes a single run finds: right files with one to eight mistakes each, put in at random places.

A mistake is found when the report has one of its codes on its line. A finding is spurious when it is on the line of no mistake with a code
of that mistake, and the right file does not have it: what follows from another mistake counts as spurious.

`python -m tests.language.injecting [ROUNDS]` prints the figures by the kind of mistake and by how many there were.
"""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from random import Random

from mlarch.api import load
from mlarch.language.files import holding

from .corpus import cases
from .fuzzing import EXAMPLES
from .mistakes import Mistake, Right

MOST = 8


@dataclass
class Tally:
    """Mistakes that were made and found, by their kind and by how many a file had; findings in all, and those for nothing."""

    made: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    reported: int = 0
    spurious: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)
    made_by: Counter[int] = field(default_factory=Counter)
    found_by: Counter[int] = field(default_factory=Counter)

    @property
    def recall(self) -> float:
        """The share of the mistakes that were found."""
        return self.found.total() / self.made.total()

    @property
    def noise(self) -> float:
        """The share of the findings that no mistake explains."""
        return len(self.spurious) / self.reported

    def lines(self) -> list[str]:
        """Return the figures as text."""
        kinds = [f"  {kind:<32} {_share(self.found[kind], count)}" for kind, count in sorted(self.made.items())]
        counts = [f"  {n} in a file{'':<22} {_share(self.found_by[n], count)}" for n, count in sorted(self.made_by.items())]
        total = f"found {self.found.total():,} of {self.made.total():,} mistakes: {self.recall:.2%}"
        return [*kinds, *counts, total, f"spurious {len(self.spurious):,} of {self.reported:,} findings: {self.noise:.2%}"]


def _share(part: int, whole: int) -> str:
    return f"{part:>6,} of {whole:>6,}  {part / whole:7.2%}"


@cache
def right_files() -> tuple[Right, ...]:
    """Return the right files that mistakes are put into: the good ones of the corpus in one file each, and the examples."""
    found = [path for path in (*cases("good"), *EXAMPLES) if path.name != "windows_line_ends.mlarch"]
    return tuple(Right(path, path.read_text(encoding="utf-8-sig")) for path in found)


def chosen(mistakes: list[Mistake], count: int, random: Random) -> list[Mistake]:
    """Return so many mistakes of different kinds where possible, none of which lies on the lines of another."""
    kinds = sorted({each.kind for each in mistakes})
    by_kind = {kind: [each for each in mistakes if each.kind == kind] for kind in kinds}
    taken: list[Mistake] = []
    for _ in range(count * 5):
        if len(taken) == count:
            break
        each = random.choice(by_kind[random.choice(kinds)])
        if all(each.end + 1 < other.start - 60 or other.end + 1 < each.start - 60 for other in taken):
            taken.append(each)
    return taken


def injected(right: Right, mistakes: list[Mistake]) -> tuple[str, list[tuple[int, Mistake]]]:
    """Return the wrong text, and each mistake with the line on which it is to be told."""
    text = right.text
    for each in sorted(mistakes, key=lambda each: each.start, reverse=True):
        text = text[: each.start] + each.new + text[each.end :]
    lines = []
    for each in mistakes:
        moved = sum(len(other.new) - (other.end - other.start) for other in mistakes if other.start < each.told_at and other is not each)
        lines.append((text.count("\n", 0, each.told_at + moved) + 1, each))
    return text, lines


def reported(file: Path, text: str) -> list[tuple[int, str, str]]:
    """Return line, code and message of each finding, had a file this text; what it imports is as it is."""
    found = []
    with holding({file.resolve(): text}):
        diagnostics = load(file).diagnostics
    for item in diagnostics:
        line = item.span.source.position(item.span.start)[0] if item.span is not None else 0
        found.append((line, item.code, item.message))
    return found


def judge(right: Right, mistakes: list[Mistake], tally: Tally) -> None:
    """Check one wrong file and count what is found, what is missed, and what is said for nothing."""
    text, expected = injected(right, mistakes)
    report = reported(right.path, text)
    usual = {message for _, _, message in baseline(right)}
    for line, each in expected:
        tally.made[each.kind] += 1
        tally.made_by[len(mistakes)] += 1
        if any(at == line and code in each.codes for at, code, _ in report):
            tally.found[each.kind] += 1
            tally.found_by[len(mistakes)] += 1
        else:
            tally.missed.append(f"{right.path.name}:{line} {each.kind}: wrote {each.new!r} for {right.text[each.start : each.end]!r}")
    for at, code, message in report:
        if message in usual:
            continue
        tally.reported += 1
        if not any(at == line and code in each.codes for line, each in expected):
            tally.spurious.append(f"{right.path.name}:{at} {code} {message}")


@cache
def baseline(right: Right) -> tuple[tuple[int, str, str], ...]:
    """What a check says of the right file itself: warnings of what is not lowered yet."""
    return tuple(reported(right.path, right.text))


def measure(rounds: int, counts: tuple[int, ...] = tuple(range(1, MOST + 1)), seed: int = 0) -> Tally:
    """Put mistakes into every right file so many times for each count, and tally what the checks say."""
    tally = Tally()
    for number in range(rounds):
        for right in right_files():
            random = Random(f"{seed} {number} {right.path.name}")
            mistakes = right.mistakes(random)
            for count in counts:
                picked = chosen(mistakes, count, random)
                if len(picked) == count:
                    judge(right, picked, tally)
    return tally


if __name__ == "__main__":
    done = measure(int(sys.argv[1]) if len(sys.argv) > 1 else 1)
    print("\n".join(done.lines()))
