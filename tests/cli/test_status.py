"""`mlarch status`: what there is, fast, from the state and from the running server."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from mlarch.cli.status import span
from mlarch.runtime.serving import local
from mlarch.runtime.serving.figures import figures_of, quantile
from mlarch.runtime.serving.hosting import Served

from ..house.test_imports import loaded
from ..servers import ROW, Ended, call, copy_of, lock_of, stop_all

Capsys = pytest.CaptureFixture[str]
Edit = Callable[[Path, str, str], Path]


def test_a_trained_project_is_shown(trained: Path, capsys: Capsys) -> None:
    """Rows, rules, metrics beside target and baseline, gate, version, stages, run and the screens are shown."""
    ended = call(capsys, "status", trained)
    shown = " ".join(ended.out.split())
    assert ended.code == 0 and "569 rows of data/breast_cancer.csv" in shown and "12 rules hold" in shown
    assert ">= 0.95 0.8 ✓" in shown and "gate passed: roc_auc > 0.80 (baseline)" in shown
    assert "cancer.classifier version 1: development, staging, production" in shown and "MLflow run" in shown
    assert "deployment api not running: `mlarch serve`" in shown
    assert f"ui --backend-store-uri sqlite:///{trained.parent}/.mlarch/mlflow.db" in shown and "dagster dev" in shown
    assert "has changed" not in shown


def test_where_nothing_ran_it_says_what_to_do(project: Path, capsys: Capsys) -> None:
    """Before the first run there is one line, and no folder is made."""
    assert call(capsys, "status", project) == Ended(0, "nothing yet: `mlarch run`\n", "")
    assert not (project.parent / ".mlarch").exists()


def test_what_the_file_does_not_say_any_more_is_named(trained: Path, capsys: Capsys) -> None:
    """When the file has changed since the run, the steps that would run again are named, and only those."""
    ended = call(capsys, "status", trained, "model.classifier.hyperparameters.C=0.25")
    assert "has changed since; `mlarch run` would run classifier/trained, classifier/evaluated, classifier/registered" in ended.out
    said = json.loads(call(capsys, "status", trained, "model.classifier.hyperparameters.C=0.25", "--json").out)
    assert said["stale"] == ["classifier/trained", "classifier/evaluated", "classifier/registered"]


def test_a_file_with_errors_still_has_a_status(trained: Path, tmp_path: Path, capsys: Capsys, edit: Edit) -> None:
    """What ran is shown even while the file is being edited and has errors."""
    file = edit(copy_of(trained, tmp_path / "cancer"), "features.shape]", "features.shapes]")
    ended = call(capsys, "status", file)
    assert ended.code == 0 and "has errors now" in ended.out and "cancer.classifier version 1" in ended.out


def test_no_engine_is_loaded_for_a_status(trained: Path) -> None:
    """The status of a trained project loads neither Dagster nor MLflow nor Ray."""
    assert not {"dagster", "mlflow", "ray", "sklearn", "pandas"} & set(loaded("status", str(trained), "--json"))


def test_without_a_dagster_project_the_build_is_opened(trained: Path, tmp_path: Path, capsys: Capsys) -> None:
    """In a folder that Dagster does not know, the command names the build's definitions and the home with the runs."""
    file = copy_of(trained, tmp_path / "cancer")
    (file.parent / "pyproject.toml").unlink()
    said = json.loads(call(capsys, "status", file, "--json").out)["screens"]["Dagster"]
    assert f"DAGSTER_HOME={file.parent}/.mlarch/dagster" in said
    assert said.endswith(f"dev -f {file.parent}/build/cancer/definitions.py")


def test_a_running_server_gives_its_own_figures(trained: Path, tmp_path: Path, capsys: Capsys) -> None:
    """Version, uptime, and p50 and p99 as measured in the server are shown beside the SLO, with how many requests they are of."""
    file = copy_of(trained, tmp_path / "cancer")
    lock = lock_of(file)
    try:
        served = local.start(lock, *local.prepare(lock, None))
        assert "no request yet" in call(capsys, "status", file).out
        ask(served, 50)
        ended = call(capsys, "status", file)
        assert f"{served.url} on this machine" in ended.out and "version 1 of classifier" in ended.out
        assert "of 50 requests" in ended.out and "promised: p99 < 100ms ✓" in ended.out
        (said,) = json.loads(call(capsys, "status", file, "--json").out)["deployments"].values()
        assert 0 < said["figures"]["p50"] <= said["figures"]["p99"] < 0.1 and said["figures"]["requests"] == 50
        assert said["version"] == "1" and said["host"] == "local" and said["slo"]["p99"] == {"limit": "< 100ms", "met": True}
    finally:
        stop_all(file)


def ask(served: Served, times: int) -> None:
    """Ask a server so many times."""
    from mlarch.runtime.serving.client import Client

    with Client(served) as client:
        client.time([ROW], times)


def test_a_server_that_is_gone_has_no_figures() -> None:
    """Asking where nothing listens gives nothing, quickly."""
    assert figures_of("http://127.0.0.1:9") is None


@pytest.mark.parametrize(
    ("share", "expected"),
    [(0.5, 0.0015), (0.25, 0.001), (0.75, 0.002), (1.0, 0.004), (0.999, 0.004)],
)
def test_quantiles_are_linear_within_a_bucket(share: float, expected: float) -> None:
    """A quantile lies in the bucket that holds its rank, as far into it as the rank is; beyond the last edge it is that edge."""
    buckets = [(0.001, 25), (0.002, 75), (0.004, 75), (float("inf"), 100)]
    assert quantile(buckets, share) == pytest.approx(expected)
    assert quantile([], share) is None and quantile([(0.1, 0), (float("inf"), 0)], share) is None


@pytest.mark.parametrize(("seconds", "shown"), [(0, "0 s"), (119, "119 s"), (120, "2 min"), (7200, "2 h"), (200000, "2 d")])
def test_durations_have_one_unit(seconds: float, shown: str) -> None:
    """A duration is shown in the largest unit of which there are at least two."""
    assert span(seconds) == shown


def test_without_a_file_the_only_one_is_meant(trained: Path) -> None:
    """In a folder with one architecture file `mlarch status` needs no argument, and writes nothing to standard error."""
    program = str(Path(sys.executable).with_name("mlarch"))
    done = subprocess.run([program, "status"], cwd=trained.parent, capture_output=True, text=True, check=True)
    assert done.stderr == "" and "cancer.classifier version 1" in done.stdout
