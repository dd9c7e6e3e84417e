"""Materialization outside of a run: from the rows that were validated last, and on the record that `mlarch status` shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ...architecture.errors import ArchitectureError
from ...architecture.feature_views import FeatureView
from ...architecture.lock import Lock
from ...architecture.steps import steps_of
from ...runtime.artifacts import Dataset, Materialized, ValidationReport
from ...runtime.features.store.materialize import materialize
from ...runtime.features.store.writing import Told, nobody
from ...runtime.record import record
from ...runtime.registry.served import views_now
from ...runtime.state import State, read_value
from .repository import repository


def materialize_views(
    lock: Lock, names: Sequence[str], *, full: bool = False, dry: bool = False, told: Told = nobody
) -> list[Materialized]:
    """Materialize views of a locked architecture from the newest rows that passed their validation; all of them where none is named.

    Raises ArchitectureError when a source was not validated yet, did not pass, or nothing reads a view any more (MLA906), and as
    `materialize` does.
    """
    state = State(lock.root)
    views = views_now(lock, state)
    gone = next((name for name in names if name not in views), None)
    if gone is not None:
        help = "the next materialization of another one takes it out of the store"
        raise ArchitectureError("MLA906", f"`{gone}` is kept no more: no version that is served reads it", help=help)
    datasets = {name: validated(state, views[name].source) for name in names or views}
    made = []
    for name, dataset in datasets.items():
        folder = repository(lock, state, views) if not dry else lock.root
        value = materialize(lock, name, dataset, state, folder, views=views, full=full, dry=dry, told=told)
        if not dry:
            keep(lock, state, value, views)
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


def keep(lock: Lock, state: State, value: Materialized, views: Mapping[str, FeatureView]) -> None:
    """Keep a value as its step would."""
    file = state.path("values", value.view, "materialized.json")
    state.write_value(file, value, "run.value")
    versions = {key: step.code_version for key, step in steps_of(lock.architecture, kept=views).items()}
    record(state, lock.hash, {f"{value.view}/materialized": file}, versions)
