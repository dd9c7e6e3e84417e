"""What the system is for, and by which figures its success is judged."""

from __future__ import annotations

from ...architecture.architecture import Architecture
from ...architecture.metrics import METRICS
from .markdown import code, prose, table
from .wording import SILENT, shown


def overview(architecture: Architecture) -> list[str]:
    """Return what the system does, for whom, and who answers for it."""
    system = architecture.system
    paragraphs = [prose(text) for text in (system.doc, system.overview) if text]
    rows = [
        ("Name", code(system.name)),
        ("Title", prose(system.title) if system.title else SILENT),
        ("Owners", shown(system.owners)),
        ("Shared storage", shown(system.storage)),
        ("Language", code(architecture.language)),
        *(("Renamed", f"{code(str(moved.source))} to {code(str(moved.target))}") for moved in architecture.moved),
    ]
    return [*(paragraphs or [f"Overview: {SILENT}."]), table(("What", "As declared"), rows)]


def problem(architecture: Architecture) -> list[str]:
    """Return the problem type and the metrics with target and baseline."""
    system = architecture.system
    labels = {name: model.label for name, model in architecture.model.items() if model.label is not None}
    models = ", ".join(f"{code(f'model.{name}')} predicts {shown(label)}" for name, label in labels.items())
    kind = f"The problem is {code(system.problem.value)}" + (f": {models}." if models else ".")
    rows = []
    for name, metric in system.metric.items():
        known = METRICS.get(name)
        better = "" if known is None else "higher" if known.greater_is_better else "lower"
        rows.append((code(name), shown(metric.target), shown(metric.baseline), better, prose(known.doc) if known else ""))
    if not rows:
        return [kind, f"Metrics: {SILENT}."]
    note = "A target is reported and never blocks; the baseline is what a model must beat where no evaluation says otherwise."
    return [kind, table(("Metric", "Target", "Baseline", "Better is", "Meaning"), rows), note]
