"""What people look for on an asset: row counts, rules, metrics beside target and baseline, plots, the way to the run."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import dagster as dg

from ...architecture.expressions import render
from ...architecture.lock import Lock
from ...architecture.pipeline import pipeline_of
from ...runtime.artifacts import (
    Dataset,
    Evaluated,
    GateResult,
    Materialized,
    MetricResult,
    Prepared,
    Registered,
    Repair,
    Trained,
    ValidationReport,
)


def metadata_of(value: Any, lock: Lock) -> dict[str, Any]:
    """Return the metadata of a materialised value."""
    match value:
        case Dataset():
            return _dataset(value, lock)
        case ValidationReport():
            return {
                "rows": value.rows,
                "rules": dg.MetadataValue.md(rules_table(value)),
                "columns": dg.MetadataValue.md(profiles_table(value)),
                "report": dg.MetadataValue.path(str(lock.root / value.path)),
            }
        case Prepared():
            return _prepared(value, lock)
        case Trained():
            return {
                "seconds": value.seconds,
                "key": value.key,
                "bundle": dg.MetadataValue.path(str(lock.root / value.folder)),
                **_run(value.run_id, value.tracking_uri),
            }
        case Evaluated():
            return _evaluated(value, lock)
        case Materialized():
            return _materialized(value)
        case Registered():
            return {
                "version": value.version,
                "uri": value.uri,
                "stages": ", ".join(value.stages),
                "new": value.new,
                **_run(value.run_id, value.tracking_uri),
            }
    raise TypeError(type(value).__name__)


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(str(cell).replace("|", "\\|") for cell in line) + " |" for line in lines)


def _dataset(value: Dataset, lock: Lock) -> dict[str, Any]:
    import polars as pl

    schema = lock.architecture.source[value.source].schema
    head = pl.read_parquet(lock.root / value.path, n_rows=5)
    columns = [dg.TableColumn(column.name, str(column.type), description=column.doc) for column in schema.columns]
    return {
        "dagster/row_count": value.rows,
        "dagster/column_schema": dg.TableSchema(columns),
        "preview": dg.MetadataValue.md(table(head.columns, head.rows())),
        "origin": value.origin,
        "bytes": value.bytes,
        "path": dg.MetadataValue.path(str(lock.root / value.path)),
        **({"sample": value.sample} if value.sample is not None else {}),
        **({"quarantined": value.quarantined, "quarantine": value.quarantine} if value.quarantine else {}),
        **({"repairs": dg.MetadataValue.md(repairs_table(value.repairs))} if value.repairs else {}),
    }


def repairs_table(repairs: Iterable[Repair]) -> str:
    """Return how many rows each repair of `clean` has changed or left out."""
    return table(["repair", "rows"], [[each.rule, each.rows] for each in repairs])


def _materialized(value: Materialized) -> dict[str, Any]:
    times = {"newest event": value.newest, "exact since": value.since}
    return {
        **{name: getattr(value, name) for name in ("entities", "written", "deleted", "unchanged", "seconds")},
        **{name: dg.MetadataValue.timestamp(time / 1_000_000) for name, time in times.items() if time is not None},
        "store": value.store,
        "values": dg.MetadataValue.md(table(["view", "written"], value.values.items())),
    }


def rules_table(report: ValidationReport) -> str:
    """Return the rules of a report with what broke them."""
    rows = [
        ["✓" if rule.passed else "✗", rule.rule, rule.failing or "", rule.measured or "", "; ".join(map(str, rule.examples))]
        for rule in report.rules
    ]
    return table(["", "rule", "failing", "measured", "examples"], rows)


def profiles_table(report: ValidationReport) -> str:
    """Return how each column is distributed, and how far it has moved from the version before."""
    far = {each.column: f"{each.psi:.3g}" for each in report.drifts}
    ends = {each.column: "" if each.low is None or each.high is None else f"{each.low:g}..{each.high:g}" for each in report.profiles}
    rows = [[each.column, f"`{each.bars}`", ends[each.column], each.missing or "", far.get(each.column, "")] for each in report.profiles]
    return table(["column", "values", "from..to", "missing", "drift (PSI)"], rows)


def _prepared(value: Prepared, lock: Lock) -> dict[str, Any]:
    program = pipeline_of(lock.architecture, value.model).program
    features = [[f"`{feature.name}`", f"`{render(feature.expression)}`", feature.doc or ""] for feature in program.features]
    parts = [[name, part.rows, "" if part.positive is None else f"{part.positive:.1%}"] for name, part in value.parts.items()]
    return {
        "dagster/row_count": sum(part.rows for part in value.parts.values()),
        "features": dg.MetadataValue.md(table(["feature", "expression", "about"], features)),
        "parts": dg.MetadataValue.md(table(["part", "rows", "positive"], parts)),
        "path": dg.MetadataValue.path(str(lock.root / value.folder)),
    }


def _evaluated(value: Evaluated, lock: Lock) -> dict[str, Any]:
    folder = lock.root / value.folder
    images = {
        Path(name).stem: dg.MetadataValue.md(f"![{name}](data:image/png;base64,{base64.b64encode((folder / name).read_bytes()).decode()})")
        for name in value.plots
    }
    return {
        **{metric.name: metric.value for metric in value.metrics},
        "metrics": dg.MetadataValue.md(metrics_table(value.metrics)),
        "gate": dg.MetadataValue.md(gate_table(value.gate)),
        "test_rows": value.rows,
        **images,
    }


def metrics_table(metrics: Iterable[MetricResult]) -> str:
    """Return metrics beside target and baseline."""
    marks = {True: "✓", False: "✗", None: ""}
    rows = [
        [each.name, f"{each.value:.4f}", each.target or "", "" if each.baseline is None else f"{each.baseline:g}", marks[each.met]]
        for each in metrics
    ]
    return table(["metric", "value", "target", "baseline", ""], rows)


def gate_table(gate: Iterable[GateResult]) -> str:
    """Return the gate's conditions with the numbers that decided them."""
    rows = [["✓" if each.passed else "✗", each.condition, _figure(each.left), _figure(each.right), each.note or ""] for each in gate]
    return table(["", "condition", "left", "right", ""], rows)


def _figure(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}"


def _run(run_id: str, tracking_uri: str) -> dict[str, Any]:
    if tracking_uri.startswith("http"):
        return {"run": dg.MetadataValue.url(f"{tracking_uri.rstrip('/')}/#/runs/{run_id}")}
    return {"run": run_id, "tracking": dg.MetadataValue.text(f"mlflow ui --backend-store-uri {tracking_uri}")}
