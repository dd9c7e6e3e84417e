"""Dagster's records under `.mlarch/dagster`, shared by `mlarch run` and `dagster dev`."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from dagster import DagsterInstance, DagsterRunStatus, RunsFilter

from ...runtime.state import State

#: What tells a run of `mlarch run` from those of a screen.
RUN_TAG = {"mlarch/run": "in process"}


@contextlib.contextmanager
def opened(state: State) -> Iterator[DagsterInstance]:
    """Open Dagster's records under `.mlarch/dagster`, the home that `dagster dev` is started with to see these runs."""
    home = state.path("dagster")
    if not home.exists():  # its databases are made table by table: whole or not at all
        with state.new_folder(home, "dagster.home") as fresh, DagsterInstance.from_config(str(fresh.resolve())) as instance:
            instance.get_runs_count()
            instance.all_asset_keys()
            instance.all_instigator_state()
    if not (home / "dagster.yaml").exists():
        state.write(home / "dagster.yaml", b"telemetry:\n  enabled: false\nnux:\n  enabled: false\n", "dagster.home")
    with DagsterInstance.from_config(str(home.resolve())) as instance:
        yield instance


def close_dead_runs(instance: DagsterInstance) -> None:
    """Mark runs of ours that have not ended as failed; called under the lock, so that they were killed."""
    ended = (DagsterRunStatus.SUCCESS, DagsterRunStatus.FAILURE, DagsterRunStatus.CANCELED)
    unfinished = [status for status in DagsterRunStatus if status not in ended]
    for dead in instance.get_runs(RunsFilter(statuses=unfinished, tags=RUN_TAG)):
        instance.report_run_failed(dead, "the process was killed")
