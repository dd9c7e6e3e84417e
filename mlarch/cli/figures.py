"""Measured figures as lines of text: metrics beside target and baseline, the gate, the version."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..runtime.artifacts import Evaluated, MetricResult, Registered

MET = {True: "✓", False: "✗", None: ""}


def declared_first(evaluated: Evaluated) -> list[MetricResult]:
    """Return the metrics, those with a target or a baseline first."""
    return sorted(evaluated.metrics, key=lambda each: each.target is None and each.baseline is None)


def metric_lines(evaluated: Evaluated) -> Iterator[str]:
    """Yield a table of the metrics, those with a target or a baseline first."""
    rows = [("metric", "value", "target", "baseline", "")]
    for each in declared_first(evaluated):
        baseline = "" if each.baseline is None else f"{each.baseline:g}"
        rows.append((each.name, f"{each.value:.4f}", each.target or "", baseline, MET[each.met]))
    yield from columns(rows)


def gate_line(evaluated: Evaluated) -> str:
    """Return whether the gate lets the model through, and what decided it."""
    state = "passed" if evaluated.passed else "not passed"
    if not evaluated.blocking:
        state += ", and switched off"
    missed = [each for each in evaluated.gate if not each.passed]
    said = ", ".join(each.condition + (f" ({each.note})" if each.note else "") for each in missed or evaluated.gate)
    return f"{state}: {said}" if said else f"{state}: nothing is required"


def version_line(registered: Registered) -> str:
    """Return the version with its stages."""
    return f"{registered.name} version {registered.version}: {', '.join(registered.stages)}"


def columns(rows: Sequence[Sequence[str]], indent: str = "  ") -> Iterator[str]:
    """Yield rows as lines with columns of equal width."""
    widths = [max(len(row[number]) for row in rows) for number in range(len(rows[0]))]
    for row in rows:
        yield (indent + "   ".join(f"{cell:{width}}" for cell, width in zip(row, widths, strict=True))).rstrip()
