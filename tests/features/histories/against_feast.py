"""The generated systems, asked of plain Feast: where its answers differ from ours, and offline from online, and why.

`python -m tests.features.histories.against_feast [CASES]` prints the tables of docs/howto/plain_feast.md. What is asked is what Feast can
say offline and online: the latest row of an entity. The number of the row tells which one an answer is of, so that the reason for a
difference is known and not guessed. Windows it cannot say; what is done instead, columns that are computed when a row comes, is compared
as well.
"""

from __future__ import annotations

import math
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import polars as pl

from mlarch.architecture.blocks.source import Refresh

from .cases import Row, case
from .feast_reasons import ANEW, CAREFUL, MICROSECOND, OFFLINE, OTHER, REASONS, SCHEMA, STEPS, WAYS, Asked, asked
from .plain_feast import BEGINNING, KEYS, Answer, PlainFeast, Question, plain_feast


@dataclass
class Found:
    """What was counted: differences by way and reason, answers by way, and pairs of ways that differ."""

    differences: Counter[tuple[str, str]] = field(default_factory=Counter)
    answers: Counter[str] = field(default_factory=Counter)
    apart: Counter[tuple[str, str]] = field(default_factory=Counter)
    values: Counter[str] = field(default_factory=Counter)
    ours: int = 0
    windows: int = 0
    stale: int = 0

    def add(self, questions: Sequence[Question], ours: Sequence[Answer], theirs: Mapping[str, Sequence[Answer]], table: Asked) -> None:
        """Count the answers to some questions; `theirs` has a list for each way that was asked."""
        for way, answers in theirs.items():
            self.answers[way] += len(answers)
            for question, mine, other in zip(questions, ours, answers, strict=True):
                reason = table.reason(question["moment"], mine, other)
                self.differences[way, reason] += reason != ""
        for one in (OFFLINE, CAREFUL):
            for other in (STEPS, ANEW):
                self.apart[one, other] += sum(left != right for left, right in zip(theirs[one], theirs[other], strict=True))


def compare(table: Asked, found: Found) -> None:
    """Ask Feast in every way and count."""
    ours, online = table.ours()
    found.ours += sum(left != right for left, right in zip(ours, online, strict=True))
    with ExitStack() as stack:
        known = table.history.known_at is not None
        steps, anew = (stack.enter_context(plain_feast(table.history.entity, created=known)) for _ in range(2))
        held = list(table.feasts())
        steps.hold(_frame(held))
        theirs = {OFFLINE: steps.offline(table.questions, by_created=False)}
        earlier = [{**question, "moment": question["moment"] - MICROSECOND} for question in table.questions]
        theirs[CAREFUL] = steps.offline(earlier, by_created=known)
        theirs |= _in_time(table, held, steps, anew)
        if table.windows:
            _windows(table, held, earlier, found, stack.enter_context(plain_feast(table.history.entity, created=False)))
    found.add(table.questions, ours, theirs, table)


def _windows(table: Asked, rows: Sequence[Row], earlier: Sequence[Question], found: Found, feast: PlainFeast) -> None:
    """Compare with windows that are computed when a row becomes visible, and found by Feast as columns of the latest such row."""
    seen = {row["row"]: {**row, "happened": times[1]} for row in rows if (times := table.visible(row)) is not None}
    if not seen:
        return
    feast.hold(_frame(list(seen.values())))
    computed = table.over_windows([{**row, "moment": row["happened"] + MICROSECOND} for row in seen.values()])
    held = dict(zip(seen, computed, strict=True))
    nothing = table.over_windows([{**earlier[0], "moment": BEGINNING}])[0]
    picked = [held.get(row, nothing) for row, _ in feast.offline(earlier, by_created=False)]
    for mine, other in zip(table.over_windows(table.questions), picked, strict=True):
        found.windows += len(mine)
        found.stale += sum(not _near(left, right) for left, right in zip(mine, other, strict=True))


def _near(one: float | None, other: float | None) -> bool:
    return one == other or (one is not None and other is not None and math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-9))


def _in_time(table: Asked, rows: Sequence[Row], steps: PlainFeast, anew: PlainFeast) -> dict[str, list[Answer]]:
    """Let rows arrive, materialize at the last refresh before each moment, and ask at it."""
    found: dict[str, dict[int, Answer]] = {STEPS: {}, ANEW: {}}
    by_time: dict[datetime, list[int]] = {}
    for number, question in enumerate(table.questions):
        by_time.setdefault(last_refresh(question["moment"], table.history.refresh), []).append(number)
    begin: datetime | None = BEGINNING
    for time in sorted(by_time):
        there = [row for row in rows if (at := row[table.history.known_at or "happened"]) is not None and at <= time]
        questions = [table.questions[number] for number in by_time[time]]
        for store, way, since in ((steps, STEPS, begin), (anew, ANEW, BEGINNING)):
            store.hold(_frame(there))
            store.materialize(time, begin=since)
            found[way] |= dict(zip(by_time[time], store.online(questions), strict=True))
        begin = None
    return {way: [answers[number] for number in range(len(table.questions))] for way, answers in found.items()}


def last_refresh(moment: datetime, refresh: Refresh) -> datetime:
    """Return the last refresh before a moment; without one, the last microsecond."""
    time = moment - MICROSECOND
    midnight = time.replace(hour=0, minute=0, second=0, microsecond=0)
    match refresh:
        case Refresh.HOURLY:
            return time.replace(minute=0, second=0, microsecond=0)
        case Refresh.DAILY:
            return midnight
        case Refresh.WEEKLY:
            return midnight - timedelta(days=midnight.weekday())
        case Refresh.MONTHLY:
            return midnight.replace(day=1)
    return time


def _frame(rows: Sequence[Row]) -> pl.DataFrame:
    names = ["who", "place", "happened", "known", "row", "x"]
    return pl.DataFrame([{name: row[name] for name in names} for row in rows], schema={name: SCHEMA[name] for name in names})


def run(seeds: Sequence[int]) -> Found:
    """Compare generated systems, counting those values of theirs that Feast has no word for."""
    found = Found()
    for seed in seeds:
        made = case(seed)
        for history in made.program.histories:
            for value in history.values:
                found.values["of the latest row" if value.rank == 1 else "of an earlier row" if value.rank else "over a window"] += 1
        for table in asked(made):
            if not table.questions or not any(True for _ in table.feasts()):
                continue
            if not set(table.history.entity) <= set(KEYS):
                found.values["histories of a boolean key, which Feast has not"] += 1
                continue
            compare(table, found)
    return found


def report(found: Found) -> Iterator[str]:
    """Yield the tables, as Markdown."""
    count = found.answers[OFFLINE]
    yield f"| {count:,} questions | {' | '.join(WAYS)} |"
    yield f"|---|{'---:|' * len(WAYS)}"
    for reason in REASONS:
        numbers = [found.differences[way, reason] for way in WAYS]
        if any(numbers):
            yield _line(reason, (f"{number:,}" for number in numbers))
    totals = [sum(found.differences[way, reason] for reason in REASONS) for way in WAYS]
    yield _line("all", (_share(total, count) for total in totals))
    yield ""
    yield _line("Feast with itself", (STEPS, ANEW))
    yield "|---|---:|---:|"
    for one in (OFFLINE, CAREFUL):
        yield _line(one, (_share(found.apart[one, other], count) for other in (STEPS, ANEW)))
    yield ""
    yield f"Windows of the latest row instead of windows as of the moment: {_share(found.stale, found.windows)} differ."
    yield f"mlarch, offline and online: {found.ours:,} of {count:,} differ."
    yield "Generated values: " + ", ".join(f"{number:,} {what}" for what, number in sorted(found.values.items())) + "."


def _line(name: str, cells: Iterable[str]) -> str:
    return f"| {name} | {' | '.join(cells)} |"


def _share(part: int, whole: int) -> str:
    return f"{part:,} ({part / max(whole, 1):.1%})"


def main(cases: int) -> int:
    """Print the report of some cases; a difference that is not explained, or one of ours, is a failure."""
    found = run(range(cases))
    print("\n".join(report(found)))
    return int(found.ours > 0 or any(found.differences[way, OTHER] for way in WAYS))


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 200))
