"""Ingestion, and validation by a hundred rules, are measured, and rules hold as by hand."""

from __future__ import annotations

from .ingestion import Ingestion


def test_a_hundred_rules_are_measured() -> None:
    """Every rule holds as by hand, and both figures are measured beside what they are compared with."""
    bench = Ingestion(500_000)
    bench.round()
    for figure in bench.figures():
        assert figure.ours is not None and figure.ours.median > 0 and figure.references, figure
