"""Rows arrive, are materialized by Feast into a real store, and what requests read back is what training sees in the same rows."""

from __future__ import annotations

import random
import shutil
from functools import partial
from pathlib import Path

import pytest
from redis import Redis

from mlarch.runtime import state
from mlarch.runtime.features.store import feast, materialize, parts, writing

from ...redis import server
from ..histories.cases import case
from .generated import Running, arriving

STEPS = 3


def run(seed: int, folder: Path, redis: str | None = None) -> int:
    """Let a generated system live: after each step every request is answered as training would; return how many values were compared."""
    made, draw, count = case(seed), random.Random(seed), 0
    running = Running(made, folder, redis)
    for rows in arriving(made, STEPS, draw):
        running.materialized(rows)
        count += running.compared(rows, made.asked)
        again = running.materialized(rows)
        assert not any(each.written or each.deleted for each in again.values()), "the same rows write nothing"
    return count


@pytest.mark.parametrize("size", [pytest.param(parts.ROWS, id="at once"), pytest.param(5, id="in parts", marks=pytest.mark.servers)])
def test_requests_are_answered_from_sqlite_as_training_would(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    """After each step of rows that come late and out of order, are corrected or taken back, the store answers what offline says of them.

    So it does where a source has more rows than are worked on at once.
    """
    monkeypatch.setattr(materialize, "entity_parts", partial(parts.entity_parts, size=size))
    assert sum(run(seed, tmp_path / str(seed)) for seed in range(5_000 + size % 7, 5_000 + size % 7 + 6)) > 500


class Killed(BaseException):
    """The process ends here."""


def test_a_store_is_right_after_any_number_of_runs_that_were_cut_short(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs over other rows end at any point, in the middle of a view or of a batch; the next whole one leaves nothing wrong behind."""
    monkeypatch.setattr(feast, "BATCH", 1)
    monkeypatch.setattr(writing, "AT_ONCE", 1)
    killed = 0
    for seed in range(7_000, 7_004):
        made, draw = case(seed), random.Random(seed)
        running = Running(made, tmp_path / str(seed))
        steps = arriving(made, STEPS, draw)
        for rows in (*steps, steps[0]):
            for _ in range(2):
                with monkeypatch.context() as patched:
                    _ending(patched, draw.randrange(12))
                    try:
                        running.materialized(draw.choice(steps))
                    except Killed:
                        killed += 1
            running.materialized(rows)
            running.compared(rows, made.asked)
    assert killed > 10


def _ending(patched: pytest.MonkeyPatch, after: int) -> None:
    """End the process at a point where it may be killed, after so many others."""
    passed = 0

    def point(_: str) -> None:
        nonlocal passed
        passed += 1
        if passed > after:
            raise Killed

    for module in (feast, writing, state):
        patched.setattr(module, "kill_point", point)


@pytest.mark.servers
def test_requests_are_answered_from_redis_as_training_would(tmp_path: Path) -> None:
    """In Redis too, after each step, every request is answered as offline says."""
    with server() as made, Redis(port=made.port) as redis:
        for seed in range(6_000, 6_020):
            run(seed, tmp_path / str(seed), made.address)
            redis.flushall()


@pytest.mark.prove
@pytest.mark.timeout(7200)
def test_a_hundred_thousand_answers_of_a_real_store_agree(tmp_path: Path) -> None:
    """At least 100,000 values that requests read from SQLite, written in steps by Feast, are those that training sees."""
    compared, seed = 0, 2_000_000
    while compared < 100_000:
        folder = tmp_path / str(seed)
        compared, seed = compared + run(seed, folder), seed + 1
        shutil.rmtree(folder, ignore_errors=True)
    print(f"{compared:,} values of {seed - 2_000_000:,} systems, written in {STEPS + 1} steps each")
