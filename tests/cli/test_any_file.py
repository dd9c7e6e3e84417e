"""No command shows a traceback, whatever architecture it is given: every file of the corpus, right and wrong, and every example."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from mlarch.cli import group
from mlarch.cli.failures import guarded

from ..language.corpus import cases, name_of

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*/?*.mlarch"))
CASES = [*cases("good"), *cases("broken"), *EXAMPLES]
#: Those that once ended in a traceback.
ALWAYS = {"weather_joined", "combined_training_of_a_model_from_elsewhere"}
#: Each of them is known by its name, with what stands beside it.
FOLDERS = [case for case in CASES if case.name == "main.mlarch" or case in EXAMPLES]
COMMANDS: dict[str, list[str]] = {
    "check": ["check", "--json"],
    "plan": ["plan"],
    "plan against another": ["plan", "--against", "{other}"],
    "compile": ["compile"],
    "plan after compile": ["plan"],
    "convert": ["convert"],
    "graph": ["graph", "-o", "{out}.svg"],
    "document": ["document"],
    "fmt": ["fmt", "--check"],
    "status": ["status"],
}


def taken_by(case: Path, folder: Path) -> Path:
    """Copy a case, with what stands beside it where it has several files, into an empty folder."""
    if case in FOLDERS:
        shutil.copytree(case.parent, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("build", ".mlarch"))
    else:
        shutil.copy(case, folder)
    return folder / case.name


def assert_answered(arguments: list[str], capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Call a command in this process: it ends as one that has said what there is to say."""
    monkeypatch.setattr("sys.argv", ["mlarch", *arguments])
    code = guarded(group, arguments)
    said = "".join(capfd.readouterr())
    assert "MLA999" not in said and "Traceback" not in said, (arguments, said)
    assert code in (0, 1, 3), (arguments, code, said)


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(case, id=f"{case.parent.name}-{name_of(case)}", marks=[] if n % 60 == 0 or case.stem in ALWAYS else pytest.mark.prove)
        for n, case in enumerate(CASES)
    ],
)
def test_no_command_shows_a_traceback(
    case: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each command that only reads files ends with its answer or with findings, never with an error of ours."""
    folder = tmp_path / "project"
    folder.mkdir()
    file = taken_by(case, folder)
    monkeypatch.chdir(folder)
    for words in COMMANDS.values():
        command, *options = (word.format(other=cases("good")[0], out=tmp_path / "out") for word in words)
        assert_answered([command, file.name, *options], capfd, monkeypatch)


@pytest.mark.prove
@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.name}-{name_of(case)}")
def test_no_run_shows_a_traceback(case: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """A run of a file whose data are not there, or that may not be run, ends with what is wrong, never with an error of ours."""
    folder = tmp_path / "project"
    folder.mkdir()
    file = taken_by(case, folder)
    monkeypatch.chdir(folder)
    assert_answered(["run", file.name], capfd, monkeypatch)
