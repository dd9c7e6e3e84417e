"""Dagster definitions of a locked architecture: assets, checks, jobs and schedules."""

from __future__ import annotations

from typing import Any

import dagster as dg

from ...architecture.blocks.source import Refresh
from ...architecture.lock import Lock
from ...architecture.pipeline import pipeline_of
from ...runtime.state import State
from .assets import asset_key, assets_of
from .values import Values
from .work import Work

#: For a code location of its own: after the first step, the next ones start in about a second instead of five.
EXECUTOR = dg.multiprocess_executor.configured(
    {"start_method": {"forkserver": {"preload_modules": ["mlarch.targets.dagster.definitions", "polars", "mlflow"]}}}
)


#: Schedules are on, and in UTC.
RUNNING: dict[str, Any] = {"execution_timezone": "UTC", "default_status": dg.DefaultScheduleStatus.RUNNING}

#: When rows arrive, as `refresh` of a source says; what comes at any time has no schedule.
EACH: dict[Refresh | None, str] = {
    Refresh.HOURLY: "0 * * * *",
    Refresh.DAILY: "0 0 * * *",
    Refresh.WEEKLY: "0 0 * * 1",
    Refresh.MONTHLY: "0 0 1 * *",
}


def definitions(lock: Lock) -> dg.Definitions:
    """Return the assets of an architecture with a job for every model, and the schedules that it declares.

    Where requests look back on a source that says when its rows arrive, they are ingested, validated and materialized at each refresh.
    """
    state = State(lock.root)
    work = Work(lock, state)
    assets = assets_of(work, Values(work))
    jobs = {
        model: dg.define_asset_job(f"train_{model}", dg.AssetSelection.assets(*map(asset_key, _keys(work, model))))
        for model in lock.architecture.model
    }
    schedules = [
        dg.ScheduleDefinition(
            name=f"{training.name}_schedule", job=jobs[training.model.name], cron_schedule=training.schedule.expression, **RUNNING
        )
        for training in lock.architecture.training.values()
        if training.schedule is not None
    ]
    for source, keys in _refreshed(work).items():
        jobs[f"{source}/refresh"] = dg.define_asset_job(f"refresh_{source}", dg.AssetSelection.assets(*map(asset_key, keys)))
        each = EACH[lock.architecture.source[source].refresh]
        schedules.append(dg.ScheduleDefinition(name=f"{source}_refresh", job=jobs[f"{source}/refresh"], cron_schedule=each, **RUNNING))
    return dg.Definitions(assets=assets, jobs=list(jobs.values()), schedules=schedules)


def _refreshed(work: Work) -> dict[str, list[str]]:
    """The sources that requests look back on and that say when their rows arrive, each with the steps from its rows to the online store."""
    found: dict[str, list[str]] = {}
    for key, step in work.steps.items():
        source = step.inputs[0].partition("/")[0] if step.kind == "materialized" else ""
        if source and work.lock.architecture.source[source].refresh in EACH:
            found.setdefault(source, [*step.inputs, *step.after]).append(key)
    return found


def _keys(work: Work, model: str) -> list[str]:
    """The steps of a model, from its sources to the registry, and those that fill the store from which it is served."""
    views = (name for name, view in work.views.items() if model in view.models)
    owners = {model, *pipeline_of(work.lock.architecture, model).sources, *views}
    return [key for key, step in work.steps.items() if step.owner in owners]
