"""The figures of the online store: what Feast gives and what we give is the same, and every figure has a value."""

from __future__ import annotations

from pathlib import Path

import pytest

from . import store
from .store import FEAST, Store, _alike


def test_only_the_same_values_are_alike() -> None:
    """A missing number of ours is Feast's NaN or nothing; else both are equal to nine digits."""
    nan = float("nan")
    assert _alike((1.0, None, None), (1.0 + 1e-12, nan, None))
    assert not _alike((1.0,), (1.1,)) and not _alike((None,), (0.0,)) and not _alike((0.0,), (None,)) and not _alike((0.0,), (nan,))


@pytest.mark.servers
def test_a_round_measures_everything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One round over SQLite and Redis gives every figure a value, and Feast's client beside it takes longer."""
    monkeypatch.setattr(store, "REQUESTS", 300)
    monkeypatch.setattr(store, "OF_FEAST", 30)
    bench = Store(tmp_path)
    try:
        bench.round()
    finally:
        bench.close()
    figures = list(bench.figures())
    assert len(figures) == 8 and all(figure.ours is not None for figure in figures)
    medians = [figure for figure in figures if figure.name.endswith("p50")]
    assert len(medians) == 2
    for figure in medians:
        assert figure.ours is not None and figure.ours.median < figure.references[FEAST].median
