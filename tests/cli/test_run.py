"""`mlarch run`: what it shows, what it refuses, and how it ends."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console

from mlarch.cli import group
from mlarch.cli.failures import guarded
from mlarch.cli.figures import metric_lines
from mlarch.cli.progress import Progress, note
from mlarch.runtime.artifacts import Evaluated, MetricResult
from mlarch.runtime.state import State
from mlarch.targets.dagster.outcomes import Event, Outcome, Phase

Capsys = pytest.CaptureFixture[str]
Edit = Callable[[Path, str, str], Path]


def run(capsys: Capsys, *arguments: object) -> tuple[int, str, str]:
    """Call `mlarch run` and return its exit code and what it wrote."""
    capsys.readouterr()
    code = guarded(group, ["run", *map(str, arguments)])
    out, err = capsys.readouterr()
    return code, out, err


def test_it_closes_with_metrics_gate_version_and_what_is_next(trained: Path, capsys: Capsys) -> None:
    """Each step has a line with a note, and the closing table has the metric beside target and baseline, the gate and the version."""
    code, out, err = run(capsys, trained)
    assert code == 0 and err == ""
    lines = [" ".join(line.split()) for line in out.splitlines()]
    assert "= nuclei/ingested unchanged: 569 rows" in lines and "= nuclei/validated unchanged: 12 rules passed" in lines
    assert "metric value target baseline" in lines
    assert any(line.startswith("roc_auc 0.9") and line.endswith(">= 0.95 0.8 ✓") for line in lines)
    assert "gate passed: roc_auc > 0.80 (baseline)" in lines
    assert "cancer.classifier version 1: development, staging, production" in lines
    assert "mlarch serve" in lines[-1] and "\x1b" not in out


def test_for_machines_it_is_one_document(trained: Path, capsys: Capsys) -> None:
    """With --json the output is one document with outcomes, metrics, gates, versions and seconds."""
    code, out, err = run(capsys, trained, "--json")
    said = json.loads(out)
    assert code == 0 and err == "" and said["ok"] and said["problem"] is None and said["seconds"] > 0
    assert set(said["outcomes"].values()) == {"unchanged"} and len(said["outcomes"]) == 6
    (roc,) = [metric for metric in said["metrics"]["classifier"] if metric["name"] == "roc_auc"]
    assert roc["target"] == ">= 0.95" and roc["baseline"] == 0.8 and roc["met"] and said["gates"]["classifier"]["passed"]
    assert said["versions"]["classifier"]["uri"] == "models:/cancer.classifier/1"


@pytest.mark.parametrize("as_json", [False, True])
def test_a_failed_step_is_shown_with_its_place(project: Path, capsys: Capsys, edit: Edit, as_json: bool) -> None:
    """A broken rule ends in exit code 1, one message with file and line, and the steps that were not run."""
    edit(project, "in 0..60", "in 0..20")
    line = next(number for number, text in enumerate(project.read_text().splitlines(), 1) if "mean_radius" in text)
    code, out, err = run(capsys, project, *(["--json"] if as_json else []))
    assert code == 1 and "Traceback" not in out + err
    if as_json:
        said = json.loads(out)
        assert not said["ok"] and said["problem"]["code"] == "MLA505" and said["problem"]["place"]["line"] == line
        assert said["outcomes"]["classifier/trained"] == "not run" and err == ""
    else:
        assert f"cancer.mlarch:{line}  (source.nuclei.schema.mean_radius)" in err and err.startswith("error[MLA505]")
        assert "✗ nuclei/validated" in out and "1 of 12 rules broken" in out and "· classifier/registered" in out


@pytest.mark.parametrize("share", ["5", "0", "-1%", "200%", "ten", "1s"])
def test_a_share_that_is_none_is_wrong_usage(trained: Path, capsys: Capsys, share: str) -> None:
    """A sample that is no share of the rows is refused before anything runs."""
    code, _, err = run(capsys, trained, "--sample", share)
    assert code == 2 and "--sample" in err


@pytest.mark.parametrize("share", ["20%", "0.2"])
def test_a_sample_is_said_to_be_one(tmp_path: Path, project: Path, capsys: Capsys, share: str) -> None:
    """A share is written as 20% or 0.2; the run says that it was a sample and registers nothing."""
    code, out, _ = run(capsys, project, "--sample", share, "--only", "nuclei")
    assert code == 0 and "112 rows, a sample of 20%" in " ".join(out.split())
    assert "not registered" in out


@pytest.mark.parametrize("as_json", [False, True])
def test_an_unknown_asset_names_the_near_one(trained: Path, capsys: Capsys, as_json: bool) -> None:
    """`--only` of what is no asset ends in one message with the near one, on either output."""
    code, out, err = run(capsys, trained, "--only", "classifier/train", *(["--json"] if as_json else []))
    said = json.loads(out)["error"]["message"] if as_json else err
    assert code == 1 and "did you mean `classifier/trained`" in said


def test_findings_of_the_file_come_first(project: Path, capsys: Capsys, edit: Edit) -> None:
    """A file with errors is not run: the findings are shown and nothing is written."""
    edit(project, "features.shape]", "features.shapes]")
    code, _, err = run(capsys, project)
    assert code == 1 and "features.shapes" in err and not (project.parent / ".mlarch").exists()


def test_a_run_waits_for_another_one_and_says_so(trained: Path, capsys: Capsys) -> None:
    """While another process holds the folder, the run says that it waits, and goes on when the other has ended."""
    import threading

    with State(trained.parent).lock("run"):
        held = threading.Event()
        threading.Timer(0.1, held.set).start()
        held.wait()
        waiting = threading.Thread(target=lambda: codes.append(guarded(group, ["run", str(trained)])))
        codes: list[int] = []
        waiting.start()
        waiting.join(3)
        assert waiting.is_alive()
    waiting.join(60)
    assert codes == [0] and "another run is at work here" in capsys.readouterr().out


def test_on_a_terminal_the_running_step_is_shown() -> None:
    """On a terminal a spinner names the step that runs, and its line replaces it when it has ended."""
    text = io.StringIO()
    console = Console(file=text, force_terminal=True, width=100, highlight=False)
    with Progress(console) as progress:
        progress(Event("classifier/trained", Phase.BEGAN))
        progress(Event("classifier/trained", Phase.ENDED, Outcome.DONE, 1.25))
    shown = text.getvalue()
    assert "MLflow is loading" in shown and "✓" in shown.splitlines()[-1] and "1.2 s" in shown.splitlines()[-1]


def test_notes_stand_in_a_column() -> None:
    """However long the longest key of a run is, what is said of each step begins in the same column."""
    text, keys = io.StringIO(), ("rows/ingested", "departures_by_tail_number/materialized")
    with Progress(Console(file=text, width=120), keys) as progress:
        for key in keys:
            progress.line(Outcome.NOT_RUN, key, "not run")
    assert len({line.index("not run") for line in text.getvalue().splitlines() if "not run" in line}) == 1


def test_a_baseline_of_nothing_is_a_declared_one() -> None:
    """The metric that the file speaks of comes first, also where its baseline is 0."""
    metrics = (MetricResult(name="rmse", value=54.0), MetricResult(name="r2", value=0.4, baseline=0.0))
    judged = Evaluated(model="m", folder="f", run_id="r", key="k", rows=9, metrics=metrics, gate=(), blocking=True)
    assert note(judged).startswith("r2 0.4000")
    assert [line.split()[0] for line in metric_lines(judged)] == ["metric", "r2", "rmse"]
