"""A hundred rules cost one pass over the rows, as ten do."""

from __future__ import annotations

from .ingestion import Ingestion


def test_a_hundred_rules_are_measured_in_one_pass() -> None:
    """Every rule holds as by hand, and ten times as many rules cost less than three times as much of the processor."""
    bench = Ingestion(500_000)
    for _ in range(2):
        bench.round()
    ingestion, validation = bench.figures()
    assert validation.reached, validation
    assert ingestion.ours is not None and ingestion.ours.median > 300_000, ingestion
