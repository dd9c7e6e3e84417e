"""Views are assets like every other step: after their validated source, skipped when nothing has changed, refreshed by a schedule."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import dagster as dg
import pytest

import mlarch
import mlarch.dagster
from mlarch.architecture.lock import read_lock
from mlarch.architecture.steps import steps_of
from mlarch.runtime.state import State
from mlarch.targets.dagster.execute import _current, run
from mlarch.targets.dagster.home import opened
from mlarch.targets.dagster.outcomes import Outcome
from mlarch.targets.dagster.values import Values
from mlarch.targets.dagster.work import Work

from ..servers import call
from .shops import write

VIEWS = ("visits_by_shop/materialized", "prices_by_good/materialized")


@pytest.fixture(scope="module")
def executed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The system, run up to its online store."""
    file = write(tmp_path_factory.mktemp("shops"))
    build = mlarch.load(file).compile()
    for source in ("visits", "prices"):
        assert run(build.lock, only=source).ok
    for view in VIEWS:
        assert run(build.lock, only=view).ok
    return file


def test_a_view_comes_after_its_source_is_validated(tmp_path: Path) -> None:
    """A view takes the rows of its source, once they have passed; a sample of the rows is never materialized."""
    architecture = mlarch.load(write(tmp_path)).architecture
    assert architecture is not None
    step = steps_of(architecture)["visits_by_shop/materialized"]
    assert (step.inputs, step.after) == (("visits/ingested",), ("visits/validated",))
    assert not set(VIEWS) & set(steps_of(architecture, sampled=True))


def test_no_view_without_a_request(tmp_path: Path, edit: Any) -> None:
    """A model that answers no request has no view, no step for one, and no feature repository in the build."""
    file = edit(write(tmp_path), "deployment api { model = model.buyer }\n", "")
    build = mlarch.load(file).compile()
    assert not [key for key in steps_of(build.lock.architecture) if key.endswith("materialized")]
    assert not (build.folder / "feature_repo").exists()


def test_what_is_unchanged_is_skipped(executed: Path) -> None:
    """Run again, a view is unchanged; without its store, or with another definition, it is made anew."""
    lock = read_lock(executed.parent / "build" / "shops" / "architecture.lock.json")
    work = Work(lock, State(lock.root))
    with opened(work.state) as instance:
        assert all(_current(work, work.steps[view], instance, Values(work)) is not None for view in VIEWS)
        online = work.state.folder / "feast" / "online.db"
        away = online.rename(online.with_name("away.db"))
        assert all(_current(work, work.steps[view], instance, Values(work)) is None for view in VIEWS)
        away.rename(online)


def test_the_asset_says_what_was_written(executed: Path) -> None:
    """An asset of Dagster's has the number of entities, what was written, deleted and left, the newest event, and the store."""
    defs = mlarch.dagster.load(executed)
    spec = {spec.key.to_user_string(): spec for spec in defs.resolve_all_asset_specs()}["visits_by_shop/materialized"]
    assert {"dagster/kind/feast", "dagster/kind/sqlite"} <= set(spec.tags)
    with dg.DagsterInstance.ephemeral() as instance:
        done = defs.resolve_job_def("refresh_visits").execute_in_process(instance=instance)
        (event,) = done.asset_materializations_for_node("visits_by_shop__materialized")
    found = {name: value.value for name, value in event.metadata.items()}
    assert (found["entities"], found["written"], found["deleted"], found["unchanged"], found["store"]) == (5, 0, 0, 5, "SQLite")
    assert found["newest event"] - found["exact since"] == 86_400


def test_a_refresh_is_a_schedule(executed: Path) -> None:
    """At each refresh of a source its rows are ingested, validated and materialized; what comes at any time has no schedule."""
    defs = mlarch.dagster.load(executed)
    schedule = defs.resolve_schedule_def("visits_refresh")
    assert isinstance(schedule, dg.ScheduleDefinition)
    assert (schedule.cron_schedule, schedule.execution_timezone, schedule.job_name) == ("0 * * * *", "UTC", "refresh_visits")
    assert schedule.default_status is dg.DefaultScheduleStatus.RUNNING
    job = defs.resolve_job_def("refresh_visits")
    assert {key.to_user_string() for key in job.asset_layer.executable_asset_keys} == {
        "visits/ingested",
        "visits/validated",
        "visits_by_shop/materialized",
    }
    assert [each.name for each in defs.schedules or ()] == ["visits_refresh"]


def test_status_shows_each_view(executed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`mlarch status` says of each view how many entities it has, where, and how old it is; as JSON too."""
    said = call(capsys, "status", executed)
    assert "view visits_by_shop\n  5 entities in SQLite, materialized" in said.out
    assert "newest event 2024-03-07" in said.out
    assert '"views": {"visits_by_shop": {"view": "visits_by_shop"' in call(capsys, "status", executed, "--json").out


def test_rows_that_break_a_rule_are_not_materialized(tmp_path: Path, edit: Any) -> None:
    """Where the rows of a source fail their validation, nothing of them gets into the store."""
    lock = mlarch.load(edit(write(tmp_path), "spent   : float?", "spent   : float? in 0..1")).compile().lock
    assert not run(lock, only="visits").ok
    result = run(lock, only="visits_by_shop")
    assert result.outcomes == {VIEWS[0]: Outcome.NOT_RUN}
    assert result.problem is not None and result.problem.code == "MLA505"
    assert not (tmp_path / ".mlarch" / "feast").exists()
