"""`mlarch run`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..architecture.errors import ArchitectureError
from ..architecture.quantities import Dimension, QuantityError, parse_quantity
from .failures import Ended, say_error
from .options import architecture_file, json_option, load_project, require, show

if TYPE_CHECKING:
    from ..api import Project
    from ..targets.dagster.outcomes import RunResult
    from .progress import Progress


def _share(context: click.Context, parameter: click.Parameter, text: str | None) -> float | None:
    """Read `1%` or `0.01`."""
    if text is None:
        return None
    try:
        share = parse_quantity(text)
    except QuantityError as problem:
        raise click.BadParameter(str(problem)) from None
    if share.dimension not in (Dimension.RATIO, Dimension.NUMBER) or not 0 < share.value <= 1:
        raise click.BadParameter(f"{text} is no share of the rows; write `1%` or `0.01`")
    return share.value


@click.command("run")
@architecture_file
@click.option("--only", metavar="ASSET", help="Run one asset (classifier/trained), or all of a source or model, changed or not.")
@click.option(
    "--sample",
    callback=_share,
    metavar="SHARE",
    help="Try it on a share of the observations, as 1% or 0.01. What windows, lags and joins look back on is read whole; nothing is "
    "registered.",
)
@json_option
def command(
    file: Path | None, overrides: tuple[str, ...], overlays: tuple[str, ...], only: str | None, sample: float | None, as_json: bool
) -> None:
    """Ingest, validate, build features, train, evaluate and register. What is unchanged since the last run is skipped.

    A rule of the data that is broken stops everything after it; a gate that is not passed keeps the model from being registered. Everything
    is kept under .mlarch/ beside the file.

    \b
    mlarch run cancer.mlarch
    mlarch run cancer.mlarch model.classifier.hyperparameters.C=0.1
    mlarch run cancer.mlarch --sample 10%
    mlarch run cancer.mlarch --only classifier/evaluated
    """
    project = load_project(file, overrides, overlays)
    require(project, as_json=as_json)
    if not as_json:
        show(project.diagnostics)
    try:
        result = _run_silently(project, only, sample) if as_json else _run(project, only, sample)
    except ArchitectureError as problem:
        say_error(problem, as_json=as_json)
        raise Ended(1) from None
    if as_json:
        click.echo(json.dumps(document(result)))
    elif result.problem is not None:
        say_error(result.problem, result.lock.place(result.problem.at) if result.problem.at else None)
    if not result.ok:
        raise Ended(1)


def _run_silently(project: Project, only: str | None, sample: float | None) -> RunResult:
    return project.run(only=only, sample=sample)


def _run(project: Project, only: str | None, sample: float | None) -> RunResult:
    """Run with a display, and close with what came out."""
    from rich.console import Console

    from ..architecture.steps import steps_of
    from .progress import Progress

    console = Console(file=sys.stdout, highlight=False, soft_wrap=True, emoji=False)
    with Progress(console, steps_of(project.architecture) if project.architecture else ()) as progress:
        progress.busy("Dagster is loading")
        result = project.run(only=only, sample=sample, on_event=progress)
        _close(result, progress, sampled=sample is not None)
    return result


def _close(result: RunResult, progress: Progress, *, sampled: bool) -> None:
    from ..runtime.artifacts import Evaluated, Registered
    from ..targets.dagster.outcomes import Outcome
    from .figures import gate_line, metric_lines, version_line

    for key, outcome in result.outcomes.items():
        if outcome is Outcome.NOT_RUN:
            progress.line(outcome, key, "not run")
    lines: list[str] = []
    for key, value in result.values.items():
        if isinstance(value, Evaluated):
            lines += ["", key.partition("/")[0], *metric_lines(value), f"  gate {gate_line(value)}"]
        elif isinstance(value, Registered):
            lines.append(f"  {version_line(value)}")
    click.echo("\n".join(lines))
    if not result.ok:
        return
    click.echo(f"\nDone in {result.seconds:.1f} s. {_next(result, sampled=sampled)}")


def _next(result: RunResult, *, sampled: bool) -> str:
    if sampled:
        return "A model of a sample is not registered; `mlarch run` makes the real one."
    if result.lock.architecture.deployment:
        return "Next: `mlarch serve` answers requests (`--local` without Ray); `mlarch status` shows what there is."
    return "Next: add a `deployment` block to serve the model; `mlarch status` shows what there is."


def document(result: RunResult) -> dict[str, Any]:
    """Return what a run did, for machines."""
    import msgspec

    from ..runtime.artifacts import Evaluated, Registered

    problem = result.problem
    place = result.lock.place(problem.at) if problem is not None and problem.at else None
    evaluated = {key.partition("/")[0]: value for key, value in result.values.items() if isinstance(value, Evaluated)}
    return {
        "ok": result.ok,
        "outcomes": {key: outcome.value for key, outcome in result.outcomes.items()},
        "metrics": {model: msgspec.to_builtins(value.metrics) for model, value in evaluated.items()},
        "gates": {
            model: {"passed": value.passed, "blocking": value.blocking, "conditions": msgspec.to_builtins(value.gate)}
            for model, value in evaluated.items()
        },
        "versions": {
            key.partition("/")[0]: {"name": value.name, "version": value.version, "uri": value.uri, "stages": list(value.stages)}
            for key, value in result.values.items()
            if isinstance(value, Registered)
        },
        "seconds": round(result.seconds, 3),
        "problem": problem
        and {
            "code": problem.code,
            "message": problem.message,
            "at": problem.at,
            "place": {"file": str(place[0]), "line": place[1]} if place else None,
            "help": problem.help,
        },
    }
