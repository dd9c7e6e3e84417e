"""What is in MLflow after a run, and what MLflow's own clients make of it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import mlflow
import pandas
import polars as pl
import pytest

import mlarch
from mlarch.architecture.blocks.training import Stage
from mlarch.architecture.errors import ArchitectureError
from mlarch.architecture.pipeline import pipeline_of
from mlarch.runtime.artifacts import Dataset, Prepared, Registered, Trained
from mlarch.runtime.registry.champion import fetch_champion
from mlarch.runtime.registry.registration import _first, register
from mlarch.runtime.registry.tracking import Tracker, connected
from mlarch.runtime.state import State, read_value
from tests.conftest import EXAMPLE
from tests.projects import Steps, write


def value(file: Path, key: str, kind: Any) -> Any:
    """What a step of a project that has run left."""
    found = read_value(file.parent / ".mlarch" / "values" / f"{key}.json", kind)
    assert found is not None
    return found


@pytest.fixture
def client(trained: Path) -> mlflow.MlflowClient:
    """MLflow's own client on the trained project's database."""
    return mlflow.MlflowClient(f"sqlite:///{trained.parent / '.mlarch' / 'mlflow.db'}")


def test_a_run_records_what_the_model_was_made_by(trained: Path, client: mlflow.MlflowClient) -> None:
    """Parameters, metrics, dataset digests, plots and tags are in one finished run."""
    done = value(trained, "classifier/trained", Trained)
    run = client.get_run(done.run_id)
    assert run.info.status == "FINISHED"
    wanted = {"family": "logistic_regression", "C": "1.0", "max_iter": "1000", "split.by": "stratified", "split.test": "20%", "seed": "0"}
    assert wanted.items() <= run.data.params.items()
    assert {"roc_auc", "accuracy", "log_loss", "training_seconds", "train_rows", "test_rows"} <= set(run.data.metrics)
    assert run.data.metrics["roc_auc"] > 0.95 and run.data.metrics["train_rows"] == 456
    assert run.data.tags["mlarch.key"] == done.key and run.data.tags["mlarch.gate"] == "passed"
    digests = {each.dataset.name: each.dataset.digest for each in run.inputs.dataset_inputs}
    assert digests == {
        "nuclei": value(trained, "nuclei/ingested", Dataset).digest[:36],
        "classifier.features": value(trained, "classifier/features", Prepared).digest[:36],
    }
    kept = {each.path for each in client.list_artifacts(done.run_id, "evaluation")}
    assert {"evaluation/roc.png", "evaluation/confusion.png", "evaluation/evaluated.json"} <= kept


def test_a_version_has_its_stages_and_its_key(trained: Path, client: mlflow.MlflowClient) -> None:
    """The version is found by each stage as an alias, by the run and by the key of its work; there is no `previous` yet."""
    registered = value(trained, "classifier/registered", Registered)
    for stage in ("development", "staging", "production"):
        version = client.get_model_version_by_alias("cancer.classifier", stage)
        assert str(version.version) == registered.version == "1"
    assert version.tags["mlarch.key"] == registered.key and version.run_id == registered.run_id
    assert "previous" not in client.get_registered_model("cancer.classifier").aliases
    assert [str(each.version) for each in client.search_model_versions(f"tags.`mlarch.key` = '{registered.key}'")] == ["1"]


def test_everything_is_kept_under_the_projects_own_folder(trained: Path, client: mlflow.MlflowClient) -> None:
    """Database and artifacts lie in `.mlarch/`; nothing appears beside the file but it and the build."""
    assert {path.name for path in trained.parent.iterdir()} == {path.name for path in EXAMPLE.iterdir()} | {".mlarch", "build"}
    (version,) = client.search_model_versions("name = 'cancer.classifier'")
    folder = client.get_model_version_download_uri("cancer.classifier", str(version.version)).removeprefix("file://")
    assert Path(folder).resolve().is_relative_to((trained.parent / ".mlarch").resolve())
    assert [path for path in Path(folder).rglob("*") if path.suffix in (".pkl", ".pickle", ".joblib")] == []


def test_the_signature_is_the_request_schema(trained: Path) -> None:
    """The signature names exactly the columns that the features read, and the parts of an answer."""
    mlflow.set_tracking_uri(f"sqlite:///{trained.parent / '.mlarch' / 'mlflow.db'}")
    info = mlflow.models.get_model_info("models:/cancer.classifier@production")
    inputs = {column.name: (column.type.name, column.required) for column in info.signature.inputs}
    assert inputs == dict.fromkeys(("mean_radius", "mean_texture", "mean_area", "mean_concavity"), ("double", True))
    assert [column.name for column in info.signature.outputs] == ["probability", "label"]
    assert "python_function" in info.flavors and info.flavors["python_function"]["loader_module"] == "mlarch.runtime.registry.pyfunc"


ELSEWHERE = """
import json, sys
import mlflow, pandas
mlflow.set_tracking_uri(sys.argv[1])
model = mlflow.pyfunc.load_model(sys.argv[2])
rows = pandas.read_csv(sys.argv[3])
print("ANSWERS" + model.predict(rows).to_json(orient="records", double_precision=15))
"""


def answers_elsewhere(uri: str, model: str, rows: Path) -> list[dict[str, Any]]:
    """What MLflow answers in a fresh process that never heard of mlarch, in another folder."""
    done = subprocess.run(
        [sys.executable, "-c", ELSEWHERE, uri, model, str(rows)], capture_output=True, text=True, cwd=rows.parent.parent, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    found: list[dict[str, Any]] = json.loads(done.stdout.split("ANSWERS")[1])
    return found


def test_any_mlflow_client_predicts_on_raw_rows_as_mlarch_does(trained: Path) -> None:
    """`mlflow.pyfunc.load_model` in a fresh process gives for each raw row, other columns beside it, what mlarch's own predict gives."""
    data = trained.parent / "data" / "breast_cancer.csv"
    uri = f"sqlite:///{trained.parent / '.mlarch' / 'mlflow.db'}"
    theirs = answers_elsewhere(uri, "models:/cancer.classifier@production", data)
    asked = ("mean_radius", "mean_texture", "mean_area", "mean_concavity")
    ours = mlarch.load(trained).predict(pl.read_csv(data).select(asked).to_dicts())
    assert len(theirs) == 569 and [each["label"] for each in theirs] == [each["label"] for each in ours]
    assert [each["probability"] for each in theirs] == pytest.approx([each["probability"] for each in ours], rel=1e-12)


def answers_here(uri: str, model: str, rows: Path) -> list[dict[str, Any]]:
    """The same in this process."""
    mlflow.set_tracking_uri(uri)
    found: list[dict[str, Any]] = json.loads(
        mlflow.pyfunc.load_model(model).predict(pandas.read_csv(rows)).to_json(orient="records", double_precision=15)
    )
    return found


@pytest.mark.parametrize(("name", "family"), [("wine", "random_forest"), ("diabetes", "xgboost")])
def test_several_classes_and_values_answer_alike_too(name: str, family: str, tmp_path: Path) -> None:
    """The same holds with a probability for each class, and with values."""
    file = write(tmp_path, name, family)
    steps = Steps(file)
    steps.register()
    theirs = answers_here(steps.trained.tracking_uri, f"models:/{name}.m@production", file.parent / "rows.csv")
    rows = pl.read_csv(file.parent / "rows.csv").drop("label").to_dicts()
    ours = mlarch.load(file).predict(rows)
    if name == "wine":
        assert [each["label"] for each in theirs] == [each["label"] for each in ours]
        for their, our in zip(theirs, ours, strict=True):
            assert [their[f"probability_{each}"] for each in our["probabilities"]] == pytest.approx(list(our["probabilities"].values()))  # type: ignore[attr-defined, call-overload]
    else:
        assert [each["value"] for each in theirs] == pytest.approx([each["value"] for each in ours], rel=1e-6)


def test_a_row_that_has_no_score_is_missing_for_mlflow_too(trained: Path, tmp_path: Path) -> None:
    """Where a feature cannot be computed, an MLflow client gets a missing answer, and no class in its place."""
    rows = tmp_path / "rows.csv"
    rows.write_text("mean_radius,mean_texture,mean_area,mean_concavity\n0.0,20.0,600.0,0.1\n14.0,20.0,600.0,0.1\n")
    uri = f"sqlite:///{trained.parent / '.mlarch' / 'mlflow.db'}"
    missing, present = answers_here(uri, "models:/cancer.classifier@production", rows)
    assert missing == {"probability": None, "label": None} and present["label"] in (True, False)


def test_the_evaluation_of_another_model_registers_nothing(project: Path) -> None:
    """An evaluation that is not of this very training is refused."""
    steps = Steps(project)
    steps.evaluate()
    other = Steps(project, "model.classifier.threshold=0.4")
    other.train()
    with pytest.raises(ArchitectureError) as raised:
        register(other.lock, "classifier", other.trained, steps.evaluated, other.state)
    assert raised.value.code == "MLA906"


def test_without_a_version_the_next_step_is_said(project: Path) -> None:
    """Asking for a stage that nothing has reached ends in one message."""
    steps = Steps(project)
    with pytest.raises(ArchitectureError) as raised:
        fetch_champion(steps.lock, "classifier", Stage.PRODUCTION, steps.state)
    assert raised.value.code == "MLA606" and "mlarch run" in (raised.value.help or "")


def test_a_copy_that_is_not_the_registrys_version_is_fetched_anew(project: Path) -> None:
    """A damaged copy, and one of another model under the same number, are replaced by what the registry has."""
    lock = mlarch.load(project).compile().lock
    state = State(lock.root)
    assert mlarch.load(project).run().ok
    folder = Path(fetch_champion(lock, "classifier", Stage.PRODUCTION, state).folder)
    right = {path.name: path.read_bytes() for path in folder.iterdir()}
    (folder / "weights.json").write_text("{}")
    fetch_champion(lock, "classifier", Stage.PRODUCTION, state)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == right
    (folder / "bundle.json").write_bytes(right["bundle.json"].replace(b'"key": "', b'"key": "other'))
    fetch_champion(lock, "classifier", Stage.PRODUCTION, state)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == right


def test_stages_are_those_that_the_file_names(project: Path) -> None:
    """A registry with two stages gives two aliases, and nothing goes to production."""
    project.write_text(project.read_text() + "\nregistry r { stages = [development, staging] }\n")
    project.write_text(project.read_text().replace("model = model.classifier\n  slo", "model = model.classifier, stage = staging\n  slo"))
    steps = Steps(project)
    assert steps.register().stages == ("development", "staging")
    found = mlflow.MlflowClient(steps.trained.tracking_uri).get_registered_model("cancer.classifier").aliases
    assert set(found) == {"development", "staging"}


@pytest.mark.servers
def test_two_runs_at_once_register_once(project: Path) -> None:
    """Two processes that run the same project at the same time make one run and one version, and both end well."""
    code = "import sys, mlarch; result = mlarch.load(sys.argv[1]).run(); assert result.ok, result.problem"
    both = [subprocess.Popen([sys.executable, "-c", code, str(project)], stderr=subprocess.PIPE, text=True) for _ in range(2)]
    for process in both:
        _, said = process.communicate(timeout=200)
        assert process.returncode == 0, said[-2000:]
    client = mlflow.MlflowClient(f"sqlite:///{project.parent / '.mlarch' / 'mlflow.db'}")
    assert [str(each.version) for each in client.search_model_versions("name = 'cancer.classifier'")] == ["1"]
    assert len(client.search_runs([client.get_experiment_by_name("cancer").experiment_id])) == 1


def test_a_damaged_database_is_told(project: Path) -> None:
    """A registry in a file that is no database ends in one message that names the file."""
    steps = Steps(project)
    steps.state.path("mlflow.db").write_bytes(b"this is no database" * 1000)
    with (
        pytest.raises(ArchitectureError, match=r"mlflow\.db failed: .*file is not a database$") as raised,
        connected(steps.lock, pipeline_of(steps.lock.architecture, "classifier"), steps.state),
    ):
        pass
    assert raised.value.code == "MLA605" and f"sqlite:///{steps.state.path('mlflow.db').resolve()} failed" in raised.value.message


def test_of_two_machines_the_later_gives_way(project: Path) -> None:
    """Where two machines registered the same work at the same time, the first version stays and the second is taken back."""
    steps = Steps(project)
    registered = steps.register()
    pipeline = pipeline_of(steps.lock.architecture, "classifier")
    with connected(steps.lock, pipeline, State(steps.lock.root)) as tracker:
        first = _versions(tracker)[0]
        second = tracker.client.create_model_version("cancer.classifier", first.source, first.run_id, tags={"mlarch.key": registered.key})
        assert str(_first(tracker, "cancer.classifier", registered.key, second).version) == "1"
        assert [str(each.version) for each in _versions(tracker)] == ["1"]
        assert str(_first(tracker, "cancer.classifier", registered.key, first).version) == "1"


def _versions(tracker: Tracker) -> list[Any]:
    return list(tracker.client.search_model_versions("name = 'cancer.classifier'"))
