"""Where spans lie is found without looking at each of them."""

from __future__ import annotations

import random

from mlarch.language.diagnostics import Findings
from mlarch.language.source import Covered, Source, Span

TEXTS = (Source("one", "x" * 100), Source("other", "x" * 100))


def _spans(choose: random.Random, number: int) -> list[Span]:
    starts = [choose.randrange(90) for _ in range(number)]
    return [Span(choose.choice(TEXTS), start, start + choose.choice((0, 1, 3, 10))) for start in starts]


def _overlap(one: Span, other: Span) -> bool:
    return one.source is other.source and one.start < other.end and other.start < one.end


def test_overlaps_are_those_that_a_look_at_each_span_finds() -> None:
    """Whatever spans there are, one of them overlaps another exactly when a comparison with each says so."""
    choose = random.Random(0)
    for _ in range(500):
        spans = _spans(choose, choose.randrange(8))
        covered = Covered(spans)
        for part in _spans(choose, 20):
            assert covered.overlaps(part) == any(_overlap(each, part) for each in spans), (spans, part)


def test_errors_are_found_while_more_are_told() -> None:
    """An error is found by its place at once, however many there are, and no more when it is taken away; a warning never is."""
    choose, findings, told = random.Random(1), Findings(), []
    for span in _spans(choose, 200):
        findings.warning("MLA463", "doubtful", Span(span.source, 0, 100))
        findings.error("MLA301", "wrong", span)
        told.append(span)
        for part in _spans(choose, 5):
            assert findings.wrong(part) == any(_overlap(each, part) for each in told)
        if choose.random() < 0.1:
            told = told[: len(told) // 2]
            findings.items = findings.items[: 2 * len(told)]
