"""The Python face: load, check, compile, run and predict, in a script, a notebook or a test."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import mlarch
from mlarch.api import CheckFailed, Project
from mlarch.architecture.errors import ArchitectureError
from mlarch.language.diagnostics import Severity

Edit = Callable[[Path, str, str], Path]
ROW = {"mean_radius": 14.0, "mean_texture": 20.0, "mean_area": 600.0, "mean_concavity": 0.1}


def test_a_good_file_is_checked_and_compiled(project: Path) -> None:
    """Without findings the list is empty; the build is where it says, and reads back as the same architecture."""
    loaded = mlarch.load(project)
    assert isinstance(loaded, Project) and loaded.ok and loaded.check() == [] and loaded.architecture is not None
    build = loaded.compile()
    assert build.folder == project.parent / "build" / "cancer" and "architecture.lock.json" in build.files
    assert all((build.folder / name).is_file() for name in build.files)
    assert build.lock.architecture == loaded.architecture and build.lock.root == project.parent.resolve()


def test_compiling_writes_nothing_else_and_nothing_twice(project: Path, tmp_path: Path) -> None:
    """Into a folder of one's own the same bytes are written, with paths back to the file; an unchanged build is left as it is."""
    loaded = mlarch.load(project)
    first = loaded.compile(tmp_path / "out")
    before = {name: (first.folder / name).stat().st_mtime_ns for name in first.files}
    assert mlarch.load(project).compile(tmp_path / "out") == first
    assert {name: (first.folder / name).stat().st_mtime_ns for name in first.files} == before
    assert not (project.parent / "build").exists() and not (project.parent / ".mlarch").exists()
    assert first.lock.root == project.parent.resolve()


def test_a_file_with_errors_says_them_and_builds_nothing(project: Path, edit: Edit) -> None:
    """Loading raises nothing; compiling and running raise one exception that shows the place as the command line does."""
    edit(project, "standardize(mean_texture)", "standardise(mean_texture)")
    line = next(number for number, text in enumerate(project.read_text().splitlines(), 1) if "standardise" in text)
    loaded = mlarch.load(project)
    assert not loaded.ok and [each.severity for each in loaded.diagnostics] == [Severity.ERROR]
    for act in (loaded.compile, loaded.run, lambda: loaded.predict([ROW])):
        with pytest.raises(CheckFailed) as raised:
            act()
        assert raised.value.diagnostics == loaded.diagnostics
        assert "did you mean `standardize`?" in str(raised.value) and f"cancer.mlarch:{line}:" in str(raised.value)
    assert not (project.parent / "build").exists()


@pytest.mark.parametrize(("name", "data"), [("gone.mlarch", None), ("empty.mlarch", b""), ("binary.mlarch", b"\x00\xff"), ("folder", None)])
def test_what_is_no_architecture_is_a_finding(name: str, data: bytes | None, tmp_path: Path) -> None:
    """A file that is missing, empty, binary or a folder is a diagnostic, not a traceback."""
    file = tmp_path / name
    if data is not None:
        file.write_bytes(data)
    elif name == "folder":
        file.mkdir()
    loaded = mlarch.load(file)
    assert not loaded.ok and loaded.architecture is None
    with pytest.raises(CheckFailed):
        loaded.compile()


def test_overrides_and_overlays_change_what_is_built(project: Path) -> None:
    """An override reaches the architecture without the file being touched; an overlay is applied by name."""
    text = project.read_text()
    changed = mlarch.load(project, ["model.classifier.threshold=0.3"])
    assert changed.architecture is not None and changed.architecture.model["classifier"].threshold.value == 0.3
    assert changed.digest != mlarch.load(project).digest and project.read_text() == text
    project.write_text(text + "\noverlay strict { model classifier { threshold = 0.9 } }\n")
    overlaid = mlarch.load(project, overlays=["strict"])
    assert overlaid.architecture is not None and overlaid.architecture.model["classifier"].threshold.value == 0.9


def test_running_again_skips_what_is_unchanged(trained: Path) -> None:
    """A second run does nothing, says so of every step, and gives the same values and version."""
    events = []
    result = mlarch.load(trained).run(on_event=lambda event: events.append((event.key, event.outcome)))
    assert result.ok and set(result.outcomes.values()) == {"unchanged"} and len(result.outcomes) == 6
    assert events == [(key, "unchanged") for key in result.outcomes]
    assert result.values["classifier/registered"].version == "1" and result.values["classifier/evaluated"].passed


def test_an_unknown_asset_is_said_with_what_there_is(trained: Path) -> None:
    """`only` that names nothing is one error with the nearest name."""
    with pytest.raises(ArchitectureError) as raised:
        mlarch.load(trained).run(only="clasifier/trained")
    assert raised.value.code == "MLA905" and "did you mean `classifier/trained`?" in raised.value.message


def test_predictions_need_no_server(trained: Path) -> None:
    """One row and many, by the version in production; a row that is wrong says which field; another model does not exist."""
    loaded = mlarch.load(trained)
    (one,) = loaded.predict([ROW])
    assert 0 <= one["probability"] <= 1 and isinstance(one["label"], bool)  # type: ignore[operator]
    assert loaded.predict([ROW, ROW]) == [one, one] == loaded.predict([ROW, ROW], model="classifier")
    for rows, code in (([{**ROW, "mean_area": "big"}], "MLA704"), ([{"mean_area": 1.0}], "MLA704")):
        with pytest.raises(ArchitectureError) as raised:
            loaded.predict(rows)
        assert raised.value.code == code
    with pytest.raises(ArchitectureError) as raised:
        loaded.predict([ROW], model="classifer")
    assert raised.value.code == "MLA704"


def test_predicting_before_a_run_says_to_run(project: Path) -> None:
    """Nothing in production yet: one message with the next step."""
    with pytest.raises(ArchitectureError) as raised:
        mlarch.load(project).predict([ROW])
    assert raised.value.code == "MLA606" and "mlarch run" in (raised.value.help or "")


NOTEBOOK = """
import json, os, sys
import mlarch
before = set(sys.modules)
project = mlarch.load("cancer.mlarch")
assert project.check() == []
heavy = [name for name in ("dagster", "ray", "mlflow", "pandas", "sklearn", "polars", "torch") if name in sys.modules]
result = project.run()
answer = project.predict([json.loads(sys.argv[1])])
print(json.dumps({"heavy": heavy, "ok": result.ok, "answer": answer, "folder": os.getcwd(), "version": mlarch.__version__}))
"""


def test_a_notebook_checks_runs_and_predicts_in_one_process(trained: Path) -> None:
    """In a fresh process, in the project's folder with a relative path: checking loads no engine, then running and predicting work."""
    done = subprocess.run(
        [sys.executable, "-c", NOTEBOOK, json.dumps(ROW)],
        cwd=trained.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    said = json.loads(done.stdout)
    assert said["heavy"] == [] and said["ok"] and said["version"] == mlarch.__version__
    assert said["answer"] == mlarch.load(trained).predict([ROW]) and Path(said["folder"]) == trained.parent.resolve()
    assert done.stderr == ""


def test_the_face_is_what_it_says() -> None:
    """`mlarch` offers what its documentation names, and no name leads nowhere."""
    for name in mlarch.__all__:
        assert getattr(mlarch, name) is not None
    assert "load" in mlarch.__all__
    with pytest.raises(AttributeError):
        mlarch.nothing  # type: ignore[attr-defined]  # noqa: B018
