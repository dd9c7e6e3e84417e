"""Dagster definitions of a locked architecture: assets, checks, jobs and schedules."""

from __future__ import annotations

import dagster as dg

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


def definitions(lock: Lock) -> dg.Definitions:
    """Return the assets of an architecture with a job for every model, and the schedules that it declares."""
    state = State(lock.root)
    work = Work(lock, state)
    assets = assets_of(work, Values(work))
    jobs = {
        model: dg.define_asset_job(f"train_{model}", dg.AssetSelection.assets(*map(asset_key, _keys(work, model))))
        for model in lock.architecture.model
    }
    schedules = [
        dg.ScheduleDefinition(
            name=f"{training.name}_schedule",
            job=jobs[training.model.name],
            cron_schedule=training.schedule.expression,
            execution_timezone="UTC",
            default_status=dg.DefaultScheduleStatus.RUNNING,
        )
        for training in lock.architecture.training.values()
        if training.schedule is not None
    ]
    return dg.Definitions(assets=assets, jobs=list(jobs.values()), schedules=schedules)


def _keys(work: Work, model: str) -> list[str]:
    """The steps of a model, from its sources to the registry."""
    owners = {model, *pipeline_of(work.lock.architecture, model).sources}
    return [key for key, step in work.steps.items() if step.owner in owners]
