"""What ran, what was registered and what answers, read from `.mlarch/` and from the running servers. No engine is loaded."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from ..api import Project
from ..architecture.blocks.deployment import Deployment
from ..architecture.errors import ArchitectureError
from ..architecture.histories import program_of
from ..architecture.steps import DeclaredStep, reached, steps_of
from ..runtime.artifacts import Dataset, Evaluated, Materialized, Prepared, Registered, Trained, ValidationReport
from ..runtime.data.pins import Pin, pins_of
from ..runtime.features.own.collecting import code_digest
from ..runtime.record import LastRun, last_run
from ..runtime.serving.figures import Figures, figures_of
from ..runtime.serving.hosting import Served
from ..runtime.state import State, read_value
from ..targets.dagster.work import VALUES


class Running(msgspec.Struct, frozen=True, kw_only=True):
    """A server on record with what it says of itself, None where it does not answer."""

    served: Served
    figures: Figures | None


class Overview(msgspec.Struct, frozen=True, kw_only=True):
    """Values of the last run by asset, when each was made, which are not by the file as it is now, and the servers by deployment."""

    values: dict[str, Any]
    times: dict[str, datetime]
    stale: tuple[str, ...]
    running: dict[str, Running]
    pins: dict[str, Pin] = {}

    @property
    def owners(self) -> tuple[str, ...]:
        """Sources and models that have a value."""
        return tuple(dict.fromkeys(key.partition("/")[0] for key in self.values))

    def value(self, owner: str, kind: str) -> Any:
        """Return the value of a step, or None."""
        return self.values.get(f"{owner}/{kind}")


def overview(project: Project) -> Overview:
    """Look at the state beside an architecture file."""
    state = State(project.path.resolve().parent)
    last = last_run(state) or LastRun({})
    values, times = {}, {}
    for key, path in last.assets.items():
        kind = VALUES.get(key.rpartition("/")[2])
        value = read_value(state.root / path, kind) if kind else None
        if value is not None:
            values[key] = value
            times[key] = datetime.fromtimestamp((state.root / path).stat().st_mtime, UTC)
    pins = _pins(state)
    return Overview(values=values, times=times, stale=_stale(project, last, values, pins), running=_running(state), pins=pins)


def _pins(state: State) -> dict[str, Pin]:
    """What is pinned; a file that cannot be read is told by the run."""
    try:
        return pins_of(state.root)
    except ArchitectureError:
        return {}


def _stale(project: Project, last: LastRun, values: Mapping[str, Any], pins: Mapping[str, Pin]) -> tuple[str, ...]:
    """The assets that were made by another version of the file or of the functions in it, or of other rows than are pinned, and on."""
    if project.architecture is None or project.refusals or not last.versions:
        return ()
    steps = steps_of(project.architecture)
    changed = [key for key, step in steps.items() if step.code_version != last.versions.get(key) or _other_code(project, step, values)]
    changed += [f"{name}/ingested" for name, pin in pins.items() if _other_rows(values.get(f"{name}/ingested"), pin)]
    return tuple(reached(steps, changed))


def _other_rows(made: Any, pin: Pin) -> bool:
    """Tell whether rows that were ingested are others than those that are pinned."""
    return isinstance(made, Dataset) and made.digest != pin.digest


def _other_code(project: Project, step: DeclaredStep, values: Mapping[str, Any]) -> bool:
    """Tell whether the functions of `python(…)` that a model's features call are other code by now."""
    made = values.get(step.key)
    if not isinstance(made, Prepared) or project.architecture is None:
        return False
    program = program_of(project.architecture, project.architecture.model[step.owner])
    return code_digest(program, project.path.resolve().parent) != made.code


def _running(state: State) -> dict[str, Running]:
    """The servers on record whose process is alive. A record of a dead one is left to the command that serves next."""
    records = (read_value(path, Served) for path in sorted((state.folder / "serving").glob("*.json")))
    return {each.deployment: Running(served=each, figures=figures_of(each.url)) for each in records if each is not None and each.alive}


def promises(deployment: Deployment | None, figures: Figures) -> dict[str, tuple[str, bool]]:
    """Return each latency that the SLO names as written, and whether the figure keeps it."""
    slo = deployment.slo if deployment else None
    found = {}
    for name in ("p50", "p95", "p99"):
        limit, measured = getattr(slo, name, None), getattr(figures, name)
        if limit is not None and measured is not None:
            found[name] = (str(limit), limit.holds(measured))
    return found


def document(project: Project, seen: Overview, screens: dict[str, str]) -> dict[str, Any]:
    """Return all of it for machines."""
    declared = project.architecture.deployment if project.architecture else {}
    return {
        "file": str(project.path),
        "stale": list(seen.stale),
        "sources": {owner: _source(seen, owner) for owner in seen.owners if isinstance(seen.value(owner, "ingested"), Dataset)},
        "views": {owner: _view(seen, owner) for owner in seen.owners if isinstance(seen.value(owner, "materialized"), Materialized)},
        "models": {owner: _model(seen, owner) for owner in seen.owners if isinstance(seen.value(owner, "features"), Prepared)},
        "deployments": {name: _deployment(each, declared.get(name)) for name, each in seen.running.items()},
        "screens": screens,
    }


def _source(seen: Overview, owner: str) -> dict[str, Any]:
    dataset: Dataset = seen.value(owner, "ingested")
    report: ValidationReport | None = seen.value(owner, "validated")
    return {
        "rows": dataset.rows,
        "digest": dataset.digest,
        "at": seen.times[f"{owner}/ingested"].isoformat(timespec="seconds"),
        "rules": len(report.rules) if report else None,
        "pinned": seen.pins[owner].digest if owner in seen.pins else None,
        "broken": [rule.rule for rule in report.rules if not rule.passed] if report else None,
    }


def _view(seen: Overview, owner: str) -> dict[str, Any]:
    kept: Materialized = seen.value(owner, "materialized")
    return {**msgspec.to_builtins(kept), "at": seen.times[f"{owner}/materialized"].isoformat(timespec="seconds")}


def _model(seen: Overview, owner: str) -> dict[str, Any]:
    trained: Trained | None = seen.value(owner, "trained")
    evaluated: Evaluated | None = seen.value(owner, "evaluated")
    registered: Registered | None = seen.value(owner, "registered")
    return {
        "trained_at": seen.times[f"{owner}/trained"].isoformat(timespec="seconds") if trained else None,
        "run_id": trained.run_id if trained else None,
        "experiment": trained.experiment if trained else None,
        "tracking_uri": trained.tracking_uri if trained else None,
        "metrics": msgspec.to_builtins(evaluated.metrics) if evaluated else [],
        "gate": {"passed": evaluated.passed, "blocking": evaluated.blocking, "conditions": msgspec.to_builtins(evaluated.gate)}
        if evaluated
        else None,
        "version": {"name": registered.name, "version": registered.version, "uri": registered.uri, "stages": list(registered.stages)}
        if registered
        else None,
        "registered": registered is not None and trained is not None and registered.key == trained.key,
    }


def _deployment(running: Running, declared: Deployment | None) -> dict[str, Any]:
    served, figures = running.served, running.figures
    return {
        "url": served.url,
        "host": served.host,
        "pid": served.pid,
        "model": served.model,
        "version": figures.version if figures else served.version,
        "answers": figures is not None,
        "figures": msgspec.to_builtins(figures),
        "slo": {name: {"limit": limit, "met": met} for name, (limit, met) in promises(declared, figures).items()} if figures else {},
        "dashboard": served.dashboard,
        "log": served.log,
    }
