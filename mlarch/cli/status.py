"""`mlarch status`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import click

from ..api import Project
from ..language.files import display
from ..runtime.artifacts import Dataset
from ..runtime.data.pins import Pin
from .figures import MET, gate_line, metric_lines, version_line
from .options import architecture_file, json_option, load_project
from .overview import Overview, Running, document, overview, promises
from .screens import screens


@click.command("status")
@architecture_file
@json_option
def command(file: Path | None, overrides: tuple[str, ...], overlays: tuple[str, ...], as_json: bool) -> None:
    """Show what was ingested, trained, evaluated, registered and deployed, and where the screens are. Nothing is run.

    \b
    mlarch status cancer.mlarch
    mlarch status cancer.mlarch --json
    """
    project = load_project(file, overrides, overlays)
    seen = overview(project)
    found = screens(project, seen)
    if as_json:
        click.echo(json.dumps(document(project, seen, found)))
        return
    click.echo("\n".join(_text(project, seen, found)))


def _text(project: Project, seen: Overview, found: dict[str, str]) -> Iterator[str]:
    if not project.ok:
        yield f"{display(project.path)} has errors now: `mlarch check` says which.\n"
    if not seen.values and not seen.running:
        yield "nothing yet: `mlarch run`"
        return
    for owner in seen.owners:
        yield from _source(seen, owner)
    for owner in seen.owners:
        yield from _view(seen, owner)
    for owner in seen.owners:
        yield from _model(seen, owner)
    yield from _deployments(project, seen)
    yield from _stale(project, seen)
    if found:
        yield "screens"
        yield from (f"  {name:8} {where}" for name, where in found.items())


def _source(seen: Overview, owner: str) -> Iterator[str]:
    dataset, report = seen.value(owner, "ingested"), seen.value(owner, "validated")
    if dataset is None:
        return
    yield f"source {owner}"
    yield f"  {dataset.rows:,} rows of {dataset.origin}, {ago(seen.times[f'{owner}/ingested'])}"
    if owner in seen.pins:
        yield f"  pinned to {seen.pins[owner].name}: {_pinned(seen.pins[owner], dataset)}"
    if report is not None:
        broken = [rule.rule for rule in report.rules if not rule.passed]
        yield f"  {len(broken)} of {len(report.rules)} rules broken: {', '.join(broken)}" if broken else f"  {len(report.rules)} rules hold"
    yield ""


def _view(seen: Overview, owner: str) -> Iterator[str]:
    kept = seen.value(owner, "materialized")
    if kept is None:
        return
    yield f"view {owner}"
    yield f"  {kept.entities:,} entities in {kept.store}, materialized {ago(seen.times[f'{owner}/materialized'])}"
    if kept.newest is not None and kept.since is not None:
        newest, since = (datetime.fromtimestamp(time / 1_000_000, UTC) for time in (kept.newest, kept.since))
        yield f"  newest event {newest:%Y-%m-%d %H:%M} UTC, {ago(newest)}; exact for moments after {since:%Y-%m-%d %H:%M}"
    yield ""


def _pinned(pin: Pin, dataset: Dataset) -> str:
    return "these rows" if pin.digest == dataset.digest else f"other rows than these, {pin.rows:,} of them"


def _model(seen: Overview, owner: str) -> Iterator[str]:
    trained, evaluated, registered = (seen.value(owner, kind) for kind in ("trained", "evaluated", "registered"))
    if trained is None:
        return
    yield f"model {owner}"
    yield f"  trained {ago(seen.times[f'{owner}/trained'])}, MLflow run {trained.run_id}"
    if evaluated is not None:
        yield from metric_lines(evaluated)
        yield f"  gate {gate_line(evaluated)}"
    if registered is not None:
        yield f"  {version_line(registered)}"
    if registered is None or registered.key != trained.key:
        yield "  the model trained last is not registered"
    yield ""


def _deployments(project: Project, seen: Overview) -> Iterator[str]:
    declared = project.architecture.deployment if project.architecture else {}
    for name in dict.fromkeys([*seen.running, *declared]):
        yield f"deployment {name}"
        running = seen.running.get(name)
        yield from ["  not running: `mlarch serve`"] if running is None else _running(project, name, running)
        yield ""


def _running(project: Project, name: str, running: Running) -> Iterator[str]:
    served, figures = running.served, running.figures
    host = "Ray Serve" if served.host == "ray" else "this machine, without Ray"
    yield f"  {served.url} on {host}"
    if figures is None:
        yield "  it does not answer" + (f"; its log is {served.log}" if served.log else "")
        return
    yield f"  version {figures.version} of {served.model}, for {span(figures.uptime)}"
    if figures.p50 is None or figures.p99 is None:
        yield "  no request yet: `mlarch predict`"
        return
    yield f"  p50 {figures.p50 * 1000:.2f} ms, p99 {figures.p99 * 1000:.2f} ms in the server, of {figures.requests:,} requests"
    declared = project.architecture.deployment.get(name) if project.architecture else None
    for quantile, (limit, met) in promises(declared, figures).items():
        yield f"  promised: {quantile} {limit} {MET[met]}"


def _stale(project: Project, seen: Overview) -> Iterator[str]:
    if seen.stale and seen.values:
        yield f"{display(project.path)} has changed since; `mlarch run` would run {', '.join(seen.stale)}"
        yield ""


def ago(then: datetime) -> str:
    """Return how long ago a time was."""
    return f"{span((datetime.now(UTC) - then).total_seconds())} ago"


def span(seconds: float) -> str:
    """Return a duration in one unit."""
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{max(0.0, seconds):.0f} s"
