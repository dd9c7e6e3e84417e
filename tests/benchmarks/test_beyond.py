"""The figures of feature building beyond memory: both ways are measured on the same rows, and long tables keep what is promised."""

from __future__ import annotations

import shutil
import tempfile

import pytest

from . import beyond
from .beyond import DISK, Beyond

HUGE = 100_000_000


def test_both_ways_are_measured_on_the_same_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """A round measures every size, the second of them in memory too, and fails where both make different rows."""
    bench = Beyond((2_000, 4_000))
    bench.round()
    assert [(figure.name, list(figure.references), figure.ours is not None) for figure in bench.figures()] == [
        ("step of features by batches, 4,000 rows", ["2,000 rows", "4,000 rows in memory"], True),
        ("    beside memory", ["2,000 rows", "4,000 rows in memory"], True),
        ("    memory", [], True),
    ]
    made = iter(("these", "these", "others"))
    monkeypatch.setattr(Beyond, "_measured", lambda self, folder, size, way: next(made))
    with pytest.raises(AssertionError, match="other rows"):
        Beyond((1_000, 1_000)).round()


@pytest.mark.prove
@pytest.mark.skipif(shutil.disk_usage(tempfile.gettempdir()).free < DISK * HUGE, reason="a hundred million rows take 30 GB of disk")
def test_a_hundred_million_rows_keep_what_is_promised() -> None:
    """Memory stays under 4 GB, a row costs as much as one of a million, and no more than twice what it costs in memory."""
    bench = Beyond((beyond.SHORT, beyond.LONG, HUGE))
    bench.round()
    missed = [line for figure in bench.figures() if figure.reached is False for line in figure.lines()]
    assert not missed, "\n".join(missed)
