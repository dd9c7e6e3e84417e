"""The gate: baselines, thresholds and the champion decide as the language says, and a failed gate registers nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import mlflow
import polars as pl
import pytest

import mlarch
from mlarch.architecture.errors import ArchitectureError
from mlarch.architecture.pipeline import Pipeline, pipeline_of
from mlarch.language.diagnostics import Severity
from mlarch.runtime.data.ingestion import read
from mlarch.runtime.evaluation.gate import conditions_of, decide
from mlarch.runtime.evaluation.metrics import measure
from mlarch.runtime.models.bundle import Bundle
from mlarch.runtime.training.preparation import encode_label, label_of
from mlarch.targets.dagster.outcomes import refusal
from tests.data.breaking import cells
from tests.projects import Steps

Edit = Callable[[Path, str, str], Path]
MEASURED = {"roc_auc": 0.90, "accuracy": 0.80, "log_loss": 0.30}


def pipeline(file: Path, evaluation: str | None) -> Pipeline:
    """The example's pipeline with an evaluation block."""
    if evaluation is not None:
        file.write_text(file.read_text() + f"\nevaluation e {{ model = model.classifier\n  {evaluation}\n}}\n")
    return pipeline_of(mlarch.load(file).compile().lock.architecture, "classifier")


@pytest.mark.parametrize(
    ("condition", "champion", "passed", "numbers"),
    [
        ("roc_auc >= 0.9", {}, True, (0.9, 0.9)),
        ("roc_auc > 0.9", {}, False, (0.9, 0.9)),
        ("roc_auc >= 90%", {}, True, (0.9, 0.9)),
        ("log_loss <= 0.29", {}, False, (0.3, 0.29)),
        ("accuracy in 0.7..0.8", {}, True, (None, None)),
        ("accuracy in 0.81..0.9", {}, False, (None, None)),
        # percentage points: 0.904 - 0.5 % is 0.899, and not 0.904 times 0.995
        ("roc_auc >= champion.roc_auc - 0.5%", {"roc_auc": 0.9049}, True, (0.9, 0.8999)),
        ("roc_auc >= champion.roc_auc - 0.5%", {"roc_auc": 0.9051}, False, (0.9, 0.9001)),
        ("roc_auc >= champion.roc_auc + 1%", {"roc_auc": 0.889}, True, (0.9, 0.899)),
        ("log_loss <= champion.log_loss * 1.05", {"log_loss": 0.29}, True, (0.3, 0.3045)),
        ("roc_auc > champion.roc_auc", {"roc_auc": 0.90}, False, (0.9, 0.9)),
    ],
)
def test_conditions_are_decided_as_written(
    condition: str, champion: dict[str, float], passed: bool, numbers: tuple[float | None, float | None], project: Path
) -> None:
    """A condition holds by its own comparison; per cent of a ratio are percentage points; both sides are kept as numbers."""
    (result,) = decide(pipeline(project, f"require {condition}"), MEASURED, champion)
    assert result.passed is passed and result.condition == condition and result.note is None
    assert (result.left, result.right) == (pytest.approx(numbers[0]), pytest.approx(numbers[1]))
    assert result.at == "evaluation.e.require.0"


def test_without_a_champion_only_its_conditions_are_waived(project: Path) -> None:
    """A first version has no champion to beat, and says so; the other conditions hold for it all the same."""
    made = pipeline(project, "require roc_auc >= champion.roc_auc\n  require roc_auc >= 0.95")
    waived, asked = decide(made, MEASURED, "no champion yet")
    assert waived.passed and waived.note == "no champion yet" and not asked.passed


@pytest.mark.parametrize(("metric", "value", "passed"), [("roc_auc", 0.81, True), ("roc_auc", 0.80, False), ("roc_auc", 0.79, False)])
def test_without_an_evaluation_the_gate_is_the_baseline(metric: str, value: float, passed: bool, project: Path) -> None:
    """Where nothing is required, the model has to be better than the baseline, not just as good; a missed target does not block."""
    made = pipeline(project, None)
    assert conditions_of(made) == [("roc_auc > 0.80 (baseline)", "system.cancer.metric.roc_auc.baseline")]
    (result,) = decide(made, {**MEASURED, metric: value}, "no champion yet")
    assert result.passed is passed


def test_a_smaller_metric_beats_its_baseline_from_below(project: Path, edit: Edit) -> None:
    """For an error the baseline is a value to stay under."""
    made = pipeline(edit(project, "metric roc_auc { target >= 0.95, baseline = 0.80 }", "metric log_loss { baseline = 0.3 }"), None)
    assert [decide(made, {"log_loss": value}, "")[0].passed for value in (0.29, 0.3, 0.31)] == [True, False, False]


def test_percentage_points_of_an_error_are_refused(project: Path) -> None:
    """A metric without an upper end has no percentage points: the check says so, and how to write a factor."""
    project.write_text(project.read_text() + "\nevaluation e { model = model.classifier\n  require log_loss <= champion.log_loss + 5%\n}\n")
    (found,) = (each for each in mlarch.load(project).diagnostics if each.severity is Severity.ERROR)
    assert found.code == "MLA208" and found.span.text == "5%" and "* 1.05" in found.helps[0]


def test_a_failed_gate_registers_nothing(project: Path) -> None:
    """A model that misses its gate is recorded and measured, is in no registry, and the run says both numbers."""
    project.write_text(project.read_text() + "\nevaluation e { model = model.classifier\n  require roc_auc >= 0.9999\n}\n")
    steps = Steps(project)
    steps.evaluate()
    refused = refusal(steps.work.steps["classifier/evaluated"], steps.evaluated)
    assert refused is not None and refused.code == "MLA604" and refused.at == "evaluation.e.require.0"
    assert "against 0.9999" in refused.message
    with pytest.raises(ArchitectureError):
        steps.register()
    assert not (project.parent / ".mlarch" / "registry").exists()
    client = mlflow.MlflowClient(steps.trained.tracking_uri)
    assert client.search_registered_models() == []
    assert client.get_run(steps.trained.run_id).data.tags["mlarch.gate"] == "not passed"


def test_a_gate_that_is_switched_off_registers_all_the_same(project: Path) -> None:
    """`gate = false` reports the conditions and blocks nothing; the check warns of it."""
    project.write_text(project.read_text() + "\nevaluation e { model = model.classifier, gate = false\n  require roc_auc >= 0.9999\n}\n")
    assert "MLA415" in [each.code for each in mlarch.load(project).diagnostics]
    steps = Steps(project)
    assert steps.register().version == "1"
    assert not steps.evaluated.passed and not steps.evaluated.blocking


def test_the_champion_answers_the_very_same_rows(project: Path, edit: Edit) -> None:
    """A second version is compared with the first on the second's test rows, by the champion's own features and threshold."""
    project.write_text(
        project.read_text()
        + "\nevaluation e { model = model.classifier\n  require roc_auc >= champion.roc_auc - 5%\n  require roc_auc >= 0.8\n}\n"
    )
    first = Steps(project)
    first.register()
    assert first.evaluated.gate[0].note == "no champion yet" and first.evaluated.champion is None
    again = Steps(project)
    assert again.evaluate().gate[0].note == "this is the champion, version 1"
    edit(project, "feature concavity = standardize(mean_concavity)", "feature concavity = min_max(mean_concavity)")
    project.write_text(project.read_text() + "\ntraining t { model = model.classifier\n  split { seed = 4, test = 30% } }\n")
    second = Steps(project)
    evaluated = second.evaluate()
    assert evaluated.champion == "1"
    frame, lock = read(second.dataset, second.lock.root), second.lock
    made = pipeline_of(lock.architecture, "classifier")
    tested = pl.read_parquet(lock.root / second.prepared.folder / "test_rows.parquet")
    label = encode_label(label_of(made, tested), second.prepared.classes).to_numpy()
    assert len(tested) == evaluated.rows and set(tested["sample_id"]) < set(frame["sample_id"])
    champion = Bundle.load(lock.root / first.trained.folder)
    rival = measure(made.problem, label, champion.scores(champion.matrix(tested)), 0.5)
    assert evaluated.gate[0].right == pytest.approx(rival["roc_auc"] - 0.05, abs=1e-12)
    mine = Bundle.load(lock.root / second.trained.folder)
    assert evaluated.gate[0].left == pytest.approx(measure(made.problem, label, mine.scores(mine.matrix(tested)), 0.5)["roc_auc"])


def test_a_champion_that_reads_lost_columns_is_said(project: Path, edit: Edit) -> None:
    """Where the champion's columns are gone there is nothing to compare with: the gate says which, and does not pretend a first version."""
    project.write_text(project.read_text() + "\nevaluation e { model = model.classifier\n  require roc_auc >= champion.roc_auc\n}\n")
    Steps(project).register()
    edit(project, "    mean_concavity : float in 0..1\n", "")
    edit(project, "  feature concavity = standardize(mean_concavity)\n", "")
    (result,) = Steps(project).evaluate().gate
    assert result.passed and result.note == "the champion, version 1, reads columns that are gone: mean_concavity"


def test_targets_are_reported_and_do_not_block(project: Path, edit: Edit) -> None:
    """A missed target is beside the metric as not met; the model is registered."""
    edit(project, "target >= 0.95", "target >= 0.9999")
    steps = Steps(project)
    assert steps.register().version == "1"
    (result,) = (each for each in steps.evaluated.metrics if each.name == "roc_auc")
    assert result.met is False and result.target == ">= 0.9999" and result.baseline == 0.8
    assert all(each.met is None for each in steps.evaluated.metrics if each.name != "roc_auc")


def test_noise_does_not_beat_the_baseline(project: Path) -> None:
    """Features without meaning fail the default gate: nothing is registered."""
    for column in ("mean_radius", "mean_texture", "mean_area", "mean_concavity"):
        cells(column, "1")(project.parent)
    steps = Steps(project)
    with pytest.raises(ArchitectureError) as raised:
        steps.register()
    assert raised.value.code == "MLA604" and "roc_auc > 0.80 (baseline)" in raised.value.message
    (missed,) = steps.evaluated.gate
    place = steps.lock.place(missed.at)
    assert place is not None and "baseline = 0.80" in project.read_text().splitlines()[place[1] - 1]
