"""The steps of an architecture are Dagster assets with all that people look for on one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

import mlarch
import mlarch.dagster
from mlarch.runtime.state import State
from mlarch.targets.dagster.work import Work

KEYS = [
    "nuclei/ingested",
    "nuclei/validated",
    "classifier/features",
    "classifier/trained",
    "classifier/evaluated",
    "classifier/registered",
]
Edit = Callable[[Path, str, str], Path]


def specs(defs: dg.Definitions) -> dict[str, dg.AssetSpec]:
    """The assets of definitions, by key."""
    return {spec.key.to_user_string(): spec for spec in defs.resolve_all_asset_specs()}


def checks_of(defs: dg.Definitions) -> dict[str, dg.AssetCheckSpec]:
    """The asset checks of definitions, by asset and name."""
    assets = [each for each in defs.assets or () if isinstance(each, dg.AssetsDefinition)]
    return {f"{spec.asset_key.to_user_string()}:{spec.name}": spec for each in assets for spec in each.check_specs}


@pytest.fixture(scope="module")
def executed(tmp_path_factory: pytest.TempPathFactory) -> tuple[dg.Definitions, dg.ExecuteInProcessResult]:
    """The definitions of an example with an untrained folder, and the result of its job, run by Dagster itself."""
    from ..conftest import copy_example

    defs = mlarch.dagster.load(copy_example(tmp_path_factory.mktemp("executed") / "cancer"))
    with dg.DagsterInstance.ephemeral() as instance:
        return defs, defs.resolve_job_def("train_classifier").execute_in_process(instance=instance)


def metadata(result: dg.ExecuteInProcessResult, asset: str) -> dict[str, Any]:
    """What an asset's materialisation says, by label."""
    (event,) = result.asset_materializations_for_node(asset.replace("/", "__"))
    return {name: value.value for name, value in event.metadata.items()}


def test_every_step_is_an_asset(project: Path) -> None:
    """There is an asset for each step from ingestion to registration, each after the one that it needs."""
    found = specs(mlarch.dagster.load(project))
    assert list(found) and set(found) == set(KEYS)
    upstream = {name: {each.asset_key.to_user_string() for each in spec.deps} for name, spec in found.items()}
    assert upstream == {
        "nuclei/ingested": set(),
        "nuclei/validated": {"nuclei/ingested"},
        "classifier/features": {"nuclei/ingested", "nuclei/validated"},
        "classifier/trained": {"classifier/features"},
        "classifier/evaluated": {"classifier/features", "classifier/trained"},
        "classifier/registered": {"classifier/trained", "classifier/evaluated"},
    }


def test_assets_carry_group_kinds_owners_and_code_version(project: Path, edit: Edit) -> None:
    """An asset says its system, its tools, its owners, a description, and the code version that skipping goes by."""
    edit(project, "  problem  = classification", '  problem  = classification\n  owners = ["team:oncology", "ada@example.org"]')
    found = specs(mlarch.dagster.load(project))
    lock = mlarch.load(project).compile().lock
    steps = Work(lock, State(lock.root)).steps
    assert {spec.group_name for spec in found.values()} == {"cancer"}
    assert {tuple(spec.owners) for spec in found.values()} == {("team:oncology", "ada@example.org")}
    assert {name: spec.code_version for name, spec in found.items()} == {name: steps[name].code_version for name in KEYS}
    assert found["classifier/trained"].kinds == {"scikitlearn", "mlflow"} and found["nuclei/ingested"].kinds == {"polars", "csv"}
    assert all(spec.description for spec in found.values())


def test_code_references_lead_to_the_line(project: Path) -> None:
    """Each asset links to the line of the architecture file that it comes from."""
    lines = project.read_text().splitlines()
    expected = {"nuclei/ingested": "source nuclei {", "nuclei/validated": "  schema {", "classifier/trained": "model classifier {"}
    found = specs(mlarch.dagster.load(project))
    for name, text in expected.items():
        (reference,) = found[name].metadata["dagster/code_references"].code_references
        assert isinstance(reference, dg.LocalFileCodeReference)
        assert Path(reference.file_path) == project.resolve() and lines[(reference.line_number or 0) - 1] == text


def test_rules_and_gate_are_blocking_checks(project: Path) -> None:
    """Every rule of the schema and every condition of the gate is an asset check that stops what comes after it."""
    checks = checks_of(mlarch.dagster.load(project))
    assert {"nuclei/validated:mean_radius_range", "nuclei/validated:sample_id_unique", "classifier/evaluated:gate_0"} <= set(checks)
    assert len(checks) == 13 and all(check.blocking for check in checks.values())


def test_a_gate_that_is_off_does_not_block(project: Path, edit: Edit) -> None:
    """A gate that the file turns off by name is still checked, and stops nothing."""
    edit(project, "deployment api {", "evaluation test { gate = false\n require roc_auc >= 0.999 }\n\ndeployment api {")
    assert not checks_of(mlarch.dagster.load(project))["classifier/evaluated:gate_0"].blocking


def test_dagster_runs_the_job(executed: tuple[dg.Definitions, dg.ExecuteInProcessResult]) -> None:
    """Dagster's own run of the job materialises every asset with a data version, and all checks pass."""
    _, result = executed
    assert result.success
    events = [event.materialization for event in result.all_events if event.is_step_materialization]
    assert [event.asset_key.to_user_string() for event in events] == KEYS
    assert all((event.tags or {})["dagster/data_version"] for event in events)
    evaluations = result.get_asset_check_evaluations()
    assert len(evaluations) == 13 and all(each.passed for each in evaluations)


def test_materialisations_carry_what_people_look_for(executed: tuple[dg.Definitions, dg.ExecuteInProcessResult]) -> None:
    """Row counts, the schema, rules, metrics beside target and baseline, plots and the way to the run are on the assets."""
    _, result = executed
    ingested, trained = metadata(result, "nuclei/ingested"), metadata(result, "classifier/trained")
    assert ingested["dagster/row_count"] == 569 and "mean_radius" in ingested["preview"]
    assert "mean_radius" in [column.name for column in ingested["dagster/column_schema"].columns]
    assert "mean_radius in 0..60" in metadata(result, "nuclei/validated")["rules"]
    assert "standardize" in metadata(result, "classifier/features")["features"]
    assert trained["run"] and trained["tracking"].startswith("mlflow ui")
    evaluated = metadata(result, "classifier/evaluated")
    assert "| roc_auc |" in evaluated["metrics"] and ">= 0.95" in evaluated["metrics"] and "0.8 | ✓ |" in evaluated["metrics"]
    assert evaluated["roc_auc"] > 0.95 and "data:image/png;base64," in evaluated["confusion"]
    assert metadata(result, "classifier/registered")["version"] == "1"


def test_a_schedule_of_training_is_a_schedule_of_its_job(project: Path, edit: Edit) -> None:
    """A cron schedule of a training runs the job of its model; it is on, and in UTC."""
    edit(project, "deployment api {", 'training weekly { model = model.classifier\n schedule = cron("0 2 * * 1") }\n\ndeployment api {')
    defs = mlarch.dagster.load(project)
    schedule = defs.resolve_schedule_def("weekly_schedule")
    assert isinstance(schedule, dg.ScheduleDefinition)
    assert (schedule.cron_schedule, schedule.execution_timezone, schedule.job_name) == ("0 2 * * 1", "UTC", "train_classifier")
    assert schedule.default_status is dg.DefaultScheduleStatus.RUNNING


def test_a_build_has_definitions_of_its_own(project: Path) -> None:
    """`definitions.py` of a build loads the lock file beside it, and nothing of the live source."""
    build = mlarch.load(project).compile()
    project.write_text("this is no architecture any more")
    space: dict[str, Any] = {"__file__": str(build.folder / "definitions.py")}
    exec((build.folder / "definitions.py").read_text(), space)
    assert set(specs(space["defs"])) == set(KEYS)
    assert space["defs"].resolve_job_def("train_classifier").executor_def.name == "multiprocess"


def test_an_edit_in_mid_run_changes_nothing(project: Path, edit: Edit) -> None:
    """The processes that a code location starts go by the file as it was when the location was loaded."""
    before = specs(mlarch.dagster.load(project))["classifier/trained"].code_version
    edit(project, "logistic_regression", "random_forest")
    assert specs(mlarch.dagster.load(project))["classifier/trained"].code_version == before
