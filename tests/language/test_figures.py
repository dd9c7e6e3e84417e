"""How much of what is wrong is told in one run, how much is told for nothing, and how often the right name is offered."""

from __future__ import annotations

import pytest

from .injecting import measure
from .suggesting import suggested


def test_most_mistakes_are_told_in_one_run() -> None:
    """Of the mistakes that are put into right files, one to eight in each, at least 95 % are told, and at most 5 % is told for nothing."""
    tally = measure(1, counts=(1, 2, 3, 5, 8))
    assert tally.recall >= 0.95, "\n".join((*tally.lines(), *tally.missed))
    assert tally.noise <= 0.05, "\n".join((*tally.lines(), *tally.spurious))


def test_a_single_mistake_is_hardly_ever_missed() -> None:
    """Alone in its file nearly every mistake is told, whatever its kind, and almost nothing follows from it."""
    tally = measure(4, counts=(1,), seed=1)
    assert tally.recall >= 0.99 and tally.noise <= 0.02, "\n".join((*tally.lines(), *tally.missed, *tally.spurious))


def test_a_slip_is_answered_with_the_right_name() -> None:
    """Of all slips of one letter in the names of the examples at least 80 % get the name that was meant, in each kind of name."""
    found = suggested(sample=40)
    assert all(right >= 0.8 * tried for right, tried in found.values()), found


@pytest.mark.prove
@pytest.mark.timeout(3600)
def test_many_mistakes_are_told_in_one_run(capsys: pytest.CaptureFixture[str]) -> None:
    """The same for some ten thousand mistakes and for every slip, with the figures of each kind printed."""
    tally, slips = measure(5, seed=2), suggested(sample=None)
    with capsys.disabled():
        print("\n" + "\n".join(tally.lines()))
        print("\n".join(f"  slips in {kind:<24} {right:,} of {tried:,}: {right / tried:.1%}" for kind, (right, tried) in slips.items()))
    assert tally.recall >= 0.95 and tally.noise <= 0.05
    assert all(right >= 0.8 * tried for right, tried in slips.values()), slips
