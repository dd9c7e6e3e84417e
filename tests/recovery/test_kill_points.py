"""`kill -9` at every durable write: nothing is left half done, and the same command carries on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import mlarch
from mlarch.runtime.registry.tracking import KEY
from mlarch.runtime.serving import local
from mlarch.runtime.serving.hosting import answering_version
from mlarch.runtime.state import KILL_POINTS, State
from mlarch.targets.dagster.outcomes import Outcome, RunResult

from ..conftest import copy_example
from ..servers import copy_of, lock_of, stop_all

PLACES = [f"{name}{side}" for name in KILL_POINTS for side in ("", "+")]
#: Walked in the fast suite too; the rest takes minutes.
FAST = ("registry.version",)
TRAINING = [place for place in PLACES if not place.startswith(("serving.", "store.", "data.pins"))]
SERVING = [place for place in PLACES if place.startswith("serving.")]


def killed(point: str, file: Path, *arguments: str) -> bool:
    """Call the command line so that it dies at a point, and tell whether it did."""
    program = str(Path(sys.executable).with_name("mlarch"))
    environment = {**os.environ, "MLARCH_KILL_AT": point}
    done = subprocess.run([program, *arguments], cwd=file.parent, env=environment, capture_output=True, timeout=200)
    return done.returncode == -signal.SIGKILL


def half_written(file: Path) -> list[str]:
    """Everything under the project that is still under a temporary name."""
    return [path.name for path in file.parent.rglob(".*") if path.name != ".mlarch"]


def figures(result: RunResult) -> tuple[object, ...]:
    """What a run came to: digests, metrics and the version."""
    values = result.values
    digests = [values[key].digest for key in ("nuclei/ingested", "classifier/features", "classifier/trained")]
    return (*digests, values["classifier/evaluated"].metrics, values["classifier/registered"].version)


def in_mlflow(result: RunResult) -> dict[str, object]:
    """What MLflow has of the work: how its runs ended, how many models were logged, the versions, and those that the stages are at."""
    import mlflow

    trained = result.values["classifier/trained"]
    client = mlflow.MlflowClient(trained.tracking_uri, trained.tracking_uri)
    (experiment,) = [each for each in client.search_experiments() if each.name == "cancer"]
    runs = client.search_runs([experiment.experiment_id], f"tags.`{KEY}` = '{trained.key}'")
    stages = ("development", "staging", "production")
    return {
        "runs": sorted(run.info.status for run in runs if run.info.status != "KILLED"),
        "models": len(client.search_logged_models([experiment.experiment_id])),
        "versions": [str(each.version) for each in client.search_model_versions("name = 'cancer.classifier'")],
        "stages": {str(client.get_model_version_by_alias("cancer.classifier", stage).version) for stage in stages},
    }


@pytest.mark.parametrize("point", [pytest.param(each, marks=() if each in FAST else pytest.mark.servers) for each in TRAINING])
def test_killed_at_any_write_a_rerun_carries_on(point: str, tmp_path: Path, trained: Path) -> None:
    """A run dies at the point; the next one ends well, with one version, one finished run, nothing half-written, and the same figures."""
    file = copy_example(tmp_path / "cancer")
    assert killed(point, file, "run"), f"nothing is written at {point}: it is no kill point"
    result = mlarch.load(file).run()
    assert result.ok, result.problem
    assert figures(result) == figures(mlarch.load(trained).run())
    assert in_mlflow(result) == {"runs": ["FINISHED"], "models": 1, "versions": ["1"], "stages": {"1"}}
    assert half_written(file) == []
    assert set(mlarch.load(file).run().outcomes.values()) == {Outcome.UNCHANGED}


@pytest.mark.servers
@pytest.mark.parametrize("point", SERVING)
def test_killed_while_a_server_starts_the_next_one_serves(point: str, tmp_path: Path, trained: Path) -> None:
    """A server that dies while it starts leaves nothing in the way of the next, which serves the registered version."""
    file = copy_of(trained, tmp_path / "cancer")
    assert killed(point, file, "serve", "--local"), f"nothing is written at {point}: it is no kill point"
    lock = lock_of(file)
    try:
        deployment, champion = local.prepare(lock, None)
        served = local.start(lock, deployment, champion)
        assert answering_version(served.url) == champion.version == "1"
        assert half_written(file) == []
    finally:
        stop_all(file)


def test_what_a_live_process_writes_is_left_alone(tmp_path: Path) -> None:
    """Only what a process that is gone has left is swept away: files, folders, and SQLite's journals."""
    state = State(tmp_path)
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    live, dead = state.path("data", f".a.parquet.{os.getpid()}"), state.path("data", f".a.parquet.{gone.pid}")
    journal, folder = state.path(f".mlflow.db.{gone.pid}-journal"), state.path("models", f".m.{gone.pid}")
    foreign = state.path("dagster", f".x.{gone.pid}")
    for each in (live, dead, journal, foreign, state.path("data", ".hidden"), state.path("data", "a.parquet")):
        each.write_text("")
    folder.mkdir()
    state.sweep()
    left = {path.name for path in state.folder.rglob("*") if path.is_file()}
    assert left == {live.name, foreign.name, ".hidden", "a.parquet"} and not folder.exists()
