"""Materialization outside of a run: from the rows that were validated last, and on the record that `mlarch status` shows."""

from __future__ import annotations

from collections.abc import Sequence

from ...architecture.errors import ArchitectureError
from ...architecture.feature_views import views_of
from ...architecture.lock import Lock
from ...architecture.steps import steps_of
from ...runtime.artifacts import Dataset, Materialized, ValidationReport
from ...runtime.features.store.materialize import materialize
from ...runtime.features.store.writing import Told, nobody
from ...runtime.record import record
from ...runtime.state import State, read_value
from .repository import repository


def materialize_views(
    lock: Lock, names: Sequence[str], *, full: bool = False, dry: bool = False, told: Told = nobody
) -> list[Materialized]:
    """Materialize views of a locked architecture from the newest rows that passed their validation.

    Raises ArchitectureError when a source was not validated yet, or did not pass (MLA906), and as `materialize` does.
    """
    state, views = State(lock.root), views_of(lock.architecture)
    datasets = {name: validated(state, views[name].source) for name in names}
    made = []
    for name, dataset in datasets.items():
        value = materialize(lock, name, dataset, state, repository(lock, state) if not dry else lock.root, full=full, dry=dry, told=told)
        if not dry:
            keep(lock, state, value)
        made.append(value)
    return made


def validated(state: State, source: str) -> Dataset:
    """Return the rows of a source that were validated last. Raises ArchitectureError (MLA906) where there are none that passed."""
    dataset = read_value(state.path("values", source, "ingested.json"), Dataset)
    report = read_value(state.path("values", source, "validated.json"), ValidationReport)
    if dataset is None or report is None or report.digest != dataset.digest or not report.passed:
        failed = dataset is not None and report is not None and report.digest == dataset.digest
        told = f"the rows of `{source}` {'did not pass their validation' if failed else 'were not validated yet'}"
        raise ArchitectureError("MLA906", told, at=f"source.{source}", help=f"`mlarch run --only {source}` ingests and validates them")
    return dataset


def materialized(state: State, view: str) -> Materialized:
    """Return what was written of a view last. Raises ArchitectureError (MLA906) where nothing was."""
    value = read_value(state.path("values", view, "materialized.json"), Materialized)
    if value is None:
        help = "`mlarch features materialize` does that, and so does `mlarch run`"
        raise ArchitectureError("MLA906", f"`{view}` was not materialized yet", help=help)
    return value


def keep(lock: Lock, state: State, value: Materialized) -> None:
    """Keep a value as its step would."""
    file = state.path("values", value.view, "materialized.json")
    state.write_value(file, value, "run.value")
    versions = {key: step.code_version for key, step in steps_of(lock.architecture).items()}
    record(state, lock.hash, {f"{value.view}/materialized": file}, versions)
