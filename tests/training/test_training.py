"""Preparation and training: nothing leaks from the test rows, the same work is done once, and other work is other work."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mlflow
import numpy as np
import polars as pl
import pytest

import mlarch
from mlarch.architecture.errors import ArchitectureError
from mlarch.architecture.pipeline import pipeline_of
from mlarch.runtime.data.ingestion import read
from mlarch.runtime.models.bundle import Bundle
from mlarch.runtime.training.preparation import encode_label, label_of, read_part, read_program
from mlarch.runtime.training.splitting import split_rows
from mlarch.runtime.training.training import work_key
from tests.data.breaking import cells, edited, lines
from tests.projects import Steps, write

Edit = Callable[[Path, str, str], Path]


def runs(steps: Steps) -> list[Any]:
    """Every run of a project's experiment."""
    client = mlflow.MlflowClient(steps.trained.tracking_uri)
    return list(client.search_runs([client.get_experiment_by_name(steps.trained.experiment).experiment_id]))


def test_the_program_is_fitted_on_training_rows_only(project: Path) -> None:
    """Test rows may say what they like: the fitted constants stay. One training row changes them."""
    steps = Steps(project)
    before = read_program(steps.lock.root, steps.prepare())
    frame = read(steps.dataset, steps.lock.root)
    trained_on = set(frame["sample_id"][np.sort(_rows(steps, "train"))])
    ids = [line.split(",")[0] for line in lines(project.parent)[1:]]
    tested = {number for number, each in enumerate(ids) if each not in trained_on}
    assert len(tested) == 113
    cells("mean_texture", "79.5", tested)(project.parent)
    other = Steps(project)
    assert read_program(other.lock.root, other.prepare()) == before and other.prepared.digest != steps.prepared.digest
    cells("mean_texture", "79.5", {next(number for number in range(569) if number not in tested)})(project.parent)
    third = Steps(project)
    assert read_program(third.lock.root, third.prepare()) != before


def _rows(steps: Steps, part: str) -> Any:
    """The numbers of the rows in a part: found by their features, which are different in each row of this table."""
    pipeline = pipeline_of(steps.lock.architecture, steps.model)
    label = encode_label(label_of(pipeline, read(steps.dataset, steps.lock.root)), steps.prepared.classes)
    return split_rows(pipeline.split_by, pipeline.training.split, label, None)[part]


def test_parts_are_the_declared_shares_and_keep_the_classes(project: Path, edit: Edit) -> None:
    """By default a fifth of the rows tests, class by class; declared shares are kept, and the validation part is one of them."""
    steps = Steps(project)
    parts = steps.prepare().parts
    assert (parts["train"].rows, parts["validation"].rows, parts["test"].rows) == (456, 0, 113)
    assert parts["train"].positive == pytest.approx(parts["test"].positive, abs=0.01)
    training = "\ntraining t { model = model.classifier\n  split { test = 30%, validation = 10%, seed = 3 } }\n"
    project.write_text(project.read_text() + training)
    other = Steps(project)
    parts = other.prepare().parts
    assert (parts["train"].rows, parts["validation"].rows, parts["test"].rows) == (341, 57, 171)
    features, label = read_part(other.lock.root, other.prepared, "test")
    assert features.columns == list(other.prepared.features) and label.mean() == parts["test"].positive


def test_rows_without_a_label_are_left_out(project: Path, edit: Edit) -> None:
    """Where the label may be missing, rows without one are in no part, and nothing is learnt from them."""
    edit(project, 'category("benign", "malignant")', 'category("benign", "malignant")?')
    cells("diagnosis", "", set(range(50)))(project.parent)
    parts = Steps(project).prepare().parts
    assert sum(part.rows for part in parts.values()) == 519


@pytest.mark.parametrize(
    ("change", "family", "code", "at", "said"),
    [
        (cells("mean_texture", "", {5, 6}), "logistic_regression", "MLA603", "features.shape.feature.texture", "missing in 2 rows"),
        (cells("mean_texture", "", {5, 6}), "random_forest", "MLA603", "features.shape.feature.texture", "takes no missing values"),
        (cells("mean_texture", "", {5, 6}), "lightgbm", None, "", ""),
        (cells("mean_texture", "", {5, 6}), "xgboost", None, "", ""),
        (
            edited(lambda rows: [rows[0], *[row for row in rows if row.endswith("benign")], rows[1]]),
            "lightgbm",
            "MLA607",
            "model.classifier",
            "the test part lacks a class: 1 of 2",
        ),
    ],
)
def test_what_a_family_cannot_take_is_said(
    change: Callable[[Path], Any], family: str, code: str | None, at: str, said: str, project: Path, edit: Edit
) -> None:
    """Missing values stop the families that take none, at the feature; a part without one of the classes stops all."""
    edit(project, "mean_texture   : float in", "mean_texture   : float? in")
    edit(project, "logistic_regression", family)
    change(project.parent)
    steps = Steps(project)
    if code is None:
        assert steps.train().run_id
        return
    with pytest.raises(ArchitectureError) as raised:
        steps.prepare()
    assert (raised.value.code, raised.value.at) == (code, at) and said in raised.value.message
    assert steps.lock.place(at) is not None


def test_a_validation_part_without_rows_is_refused(project: Path) -> None:
    """A declared validation part that rounds to nothing is said, and not silently left out."""
    project.write_text(project.read_text() + "\ntraining t { model = model.classifier\n  split { validation = 0.05% } }\n")
    with pytest.raises(ArchitectureError) as raised:
        Steps(project).prepare()
    assert raised.value.code == "MLA607" and "validation part has no rows" in raised.value.message
    assert raised.value.at == "training.t.split"


def test_the_same_work_is_recorded_and_registered_once(project: Path) -> None:
    """Done twice, even by another copy of the lock file, the work is one run and one version."""
    first = Steps(project)
    version = first.register()
    again = Steps(project, "system.cancer.overview='Said otherwise.'")
    assert again.register().version == version.version == "1" and not again.register().new
    assert again.trained.run_id == first.trained.run_id and len(runs(again)) == 1


CHANGES = {
    "hyperparameter": ("label    = nuclei", "hyperparameters { C = 0.5 }\n  label    = nuclei"),
    "threshold": ("label    = nuclei", "threshold = 0.4\n  label    = nuclei"),
    "output": ("label    = nuclei", "output = class\n  label    = nuclei"),
    "family": ("logistic_regression", "random_forest"),
    "feature": ("standardize(mean_texture)", "min_max(mean_texture)"),
    "label": ('nuclei.diagnosis == "malignant"', 'nuclei.diagnosis == "benign"'),
    "seed": ("deployment api", "training t { model = model.classifier\n split { seed = 5 } }\ndeployment api"),
    "share": ("deployment api", "training t { model = model.classifier\n split { test = 30% } }\ndeployment api"),
}


def key_of(file: Path) -> str:
    """The key of the training of a project's model."""
    steps = Steps(file)
    return work_key(pipeline_of(steps.lock.architecture, steps.model), steps.prepare())


@pytest.mark.parametrize("what", CHANGES)
def test_changed_work_has_another_key(what: str, project: Path, edit: Edit) -> None:
    """Each thing that a model is made by, changed, gives another key."""
    usual = key_of(project)
    assert key_of(project) == usual
    assert key_of(edit(project, *CHANGES[what])) != usual


def test_changed_data_are_a_new_version_beside_the_old_one(project: Path) -> None:
    """One value of one row gives a second version; both stay in the registry, and what was in production is `previous`."""
    assert Steps(project).register().version == "1"
    cells("mean_texture", "20.5", {3})(project.parent)
    second = Steps(project)
    assert second.register().version == "2" and len(runs(second)) == 2
    client = mlflow.MlflowClient(second.trained.tracking_uri)
    aliases = {name: str(version) for name, version in client.get_registered_model("cancer.classifier").aliases.items()}
    assert aliases == {"development": "2", "staging": "2", "production": "2", "previous": "1"}


def test_a_lost_bundle_is_fitted_again_to_the_same_bytes(project: Path) -> None:
    """A bundle that is gone is made anew for the run that recorded it: the same digest, and no second run."""
    steps = Steps(project)
    first = steps.train()
    for file in (steps.lock.root / first.folder).iterdir():
        file.unlink()
    second = steps.train()
    assert (second.digest, second.run_id) == (first.digest, first.run_id) and len(runs(steps)) == 1
    assert Bundle.load(steps.lock.root / second.folder).head.key == first.key


@pytest.mark.parametrize("damage", [lambda path: path.unlink(), lambda path: path.write_bytes(b"PAR1{")], ids=["gone", "damaged"])
def test_damaged_matrices_are_said_and_made_anew(damage: Callable[[Path], Any], project: Path) -> None:
    """A lost or damaged file of the features is one message, and preparing again makes it anew."""
    steps = Steps(project)
    for name in ("train.parquet", "program.json"):
        prepared = steps.prepare()
        damage(steps.lock.root / prepared.folder / name)
        with pytest.raises(ArchitectureError) as raised:
            read_part(steps.lock.root, prepared, "train")
            read_program(steps.lock.root, prepared)
        assert raised.value.code == "MLA608" and "run again" in (raised.value.help or "")
        assert steps.prepare() == prepared
        assert read_program(steps.lock.root, prepared) and len(read_part(steps.lock.root, prepared, "train")[0]) == 456


@pytest.mark.parametrize(("name", "family"), [("wine", "lightgbm"), ("diabetes", "random_forest")])
def test_three_classes_and_values_go_the_whole_way(name: str, family: str, tmp_path: Path) -> None:
    """More than two classes and a regression are trained, pass their gate, are registered, and answer in the form of their problem."""
    file = write(tmp_path, name, family)
    steps = Steps(file)
    assert steps.register().version == "1"
    row = pl.read_csv(tmp_path / "rows.csv").row(0, named=True)
    (answer,) = mlarch.load(file).predict([{column: row[column] for column in row if column != "label"}])
    if name == "wine":
        assert answer["label"] == "class_0" and set(answer["probabilities"]) == {"class_0", "class_1", "class_2"}  # type: ignore[call-overload]
    else:
        assert set(answer) == {"value"} and isinstance(answer["value"], float) and 50 < answer["value"] < 300


def test_an_estimator_that_fails_is_the_users_message(project: Path, edit: Edit) -> None:
    """What the library cannot fit ends in its own words, at the model, not in a traceback."""
    edit(project, "logistic_regression", "lightgbm\n  hyperparameters { num_leaves = 131072, max_depth = 3, min_child_samples = 1 }")
    steps = Steps(project)
    prepared = steps.prepare()
    (steps.lock.root / prepared.folder / "train.parquet").write_bytes(_without_features(steps).getvalue())
    with pytest.raises(ArchitectureError) as raised:
        steps.work.steps["classifier/trained"].run(prepared)
    assert raised.value.code == "MLA609" and raised.value.at == "model.classifier" and "\n" not in raised.value.message


def _without_features(steps: Steps) -> io.BytesIO:
    """The training matrix without its columns, as Parquet."""
    data = io.BytesIO()
    label = read_part(steps.lock.root, steps.prepared, "train")[1]
    pl.DataFrame({"__label__": label}).write_parquet(data)
    return data
