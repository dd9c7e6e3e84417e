"""When a step need not run again: the same code version on the same data versions, by Dagster's records, and its artifacts still there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dagster import DagsterInstance

from ...architecture.pipeline import pipeline_of
from ...architecture.stored_features import current_values
from ...runtime.artifacts import Dataset, Evaluated, Materialized, Prepared, Trained, ValidationReport
from ...runtime.data.ingestion import source_digest
from ...runtime.features.own.collecting import code_digest
from ...runtime.features.store.matching import written_as
from ...runtime.features.store.opening import holds
from .assets import SOURCE_DIGEST, asset_key
from .values import Values
from .work import Step, Work, data_version

_CODE, _DATA, _INPUT = "dagster/code_version", "dagster/data_version", "dagster/input_data_version/"


def is_current(work: Work, step: Step, value: Any, instance: DagsterInstance, values: Values) -> bool:
    """Tell whether a step's value is what running it again would give."""
    event = instance.get_latest_materialization_event(asset_key(step.key))
    record = event.asset_materialization if event else None
    if record is None:
        return False
    tags = record.tags or {}
    if tags.get(_CODE) != step.code_version or tags.get(_DATA) != data_version(value):
        return False
    if step.kind == "ingested" and not _same_source(work, step, value, record.metadata.get(SOURCE_DIGEST)):
        return False
    if step.kind == "features" and not (_same_code(work, step, value) and value.sample == work.share_within(step.owner)):
        return False
    if step.kind == "materialized" and not _same_view(work, step, value, values):
        return False
    if not all(path.exists() for path in _artifacts(value, work.lock.root)):
        return False
    return all(
        tags.get(_INPUT + asset_key(key).to_user_string()) == data_version(upstream)
        for key in step.inputs  # of those in `after` only their passing counts
        if (upstream := values.read(key)) is not None
    )


def _same_source(work: Work, step: Step, value: Dataset, recorded: Any) -> bool:
    """The file is as it was, and as many of its rows were asked for."""
    now = source_digest(work.lock, step.owner)
    return bool(now) and recorded is not None and recorded.value == now and value.sample == work.share_of(step.owner)


def _same_view(work: Work, step: Step, value: Materialized, values: Values) -> bool:
    """What was written is what versions that are served by now read, and the store has it, and nothing that nobody reads any more."""
    dataset, architecture, written = values.read(step.inputs[0]), work.lock.architecture, work.lock.root / value.path
    if dataset is None or value.digest != written_as(architecture, work.views[value.view], dataset):
        return False
    read = {*work.views, *(each.view for each in current_values(architecture))}
    return {file.stem for file in written.parent.glob("*.parquet")} <= read and holds(work.lock, work.state, written.parent.name)


def _same_code(work: Work, step: Step, value: Prepared) -> bool:
    """The functions of the user's that the features call are the code that they were."""
    return code_digest(pipeline_of(work.lock.architecture, step.owner).program, work.lock.root) == value.code


def _artifacts(value: Any, root: Path) -> list[Path]:
    """The files that a value names."""
    match value:
        case Dataset() | ValidationReport() | Materialized():
            return [root / value.path]
        case Prepared() | Trained() | Evaluated():
            return [root / value.folder]
    return []
