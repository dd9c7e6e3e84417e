"""`mlarch plan` from the command line: what it compares with, what it prints, and how it ends."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import mlarch
from mlarch.cli import group
from mlarch.cli.failures import guarded

Edit = Callable[[Path, str, str], Path]

CHANGED = """\
cancer.mlarch against build/cancer

~ system.cancer.overview  documents only  cancer.mlarch:5
    "Flags malignant tumours from measurements of cell nuclei." → "Finds them."

~ features.shape.feature.log_area  rematerialise  cancer.mlarch:27
    standardize(log1p(mean_area)) → standardize(sqrt(mean_area))
    classifier/features → classifier/trained → classifier/evaluated → classifier/registered

- features.shape.feature.texture  breaks the request API  cancer.mlarch:28
    standardize(mean_texture)
    classifier/features → classifier/trained → classifier/evaluated → classifier/registered

+ model.classifier.hyperparameters.C  retrain  cancer.mlarch:35
    0.5
    classifier/trained → classifier/evaluated → classifier/registered

~ deployment.api.slo.p99  redeploy  cancer.mlarch:42
    < 100ms → < 50ms

assets
  ~ classifier/features    features.shape.feature.log_area, features.shape.feature.texture
  ~ classifier/trained     model.classifier.hyperparameters.C
  ~ classifier/evaluated   after classifier/trained
  ~ classifier/registered  after classifier/evaluated
  What comes after another is kept where that one comes to the same.

deployments
  api  redeploy  deployment.api.slo.p99, classifier/registered

to review
! `deployment.api`: `mean_texture` is not in the request any more: a request that has it is refused  cancer.mlarch:28

breaks the request API: Requests that were right are refused, or answers have another shape.
rematerialise: Data or features are made anew, and all after them.
retrain: A model is trained anew, on features as they are.
redeploy: A deployment takes it when it is served again.
documents only: Only documents and descriptions change.

5 changes: 1 breaks the request API, 1 rematerialise, 1 retrain, 1 redeploy, 1 documents only. \
4 assets to make anew, 1 deployment to deploy or stop.
"""


def run(*arguments: object) -> Result:
    return CliRunner().invoke(group, ["plan", *map(str, arguments)])


def ended(*arguments: object) -> int:
    """The exit code of the whole command line, with what a user's mistake ends in."""
    return guarded(group, ["plan", *map(str, arguments)])


def answer(*arguments: object) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run(*arguments, "--json").stdout)
    return found


@pytest.fixture
def here(project: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the example, in the working folder."""
    monkeypatch.chdir(project.parent)
    return project


@pytest.fixture
def built(here: Path) -> Path:
    """The example once compiled."""
    mlarch.load(here).compile()
    return here


@pytest.fixture
def changed(built: Path, edit: Edit) -> Path:
    """The example, changed in five ways since it was compiled."""
    edit(built, "Flags malignant tumours from measurements of cell nuclei.", "Finds them.")
    edit(built, "log1p(mean_area)", "sqrt(mean_area)")
    edit(built, "  feature texture   = standardize(mean_texture)\n", "")
    edit(built, "  features = [features.shape]\n", "  features = [features.shape]\n  hyperparameters {\n    C = 0.5\n  }\n")
    return edit(built, "p99 < 100ms", "p99 < 50ms")


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", "-C", str(folder), "-c", "user.name=a", "-c", "user.email=a@b", *arguments], check=True, capture_output=True)


# --- the build -------------------------------------------------------------------------------------------------------


def test_without_a_build_everything_is_to_be_made(here: Path) -> None:
    """Nothing compiled is said plainly, every asset and deployment is named, and the exit code says that something would change."""
    found = run()
    assert found.exit_code == 0 and "nothing is compiled yet, so that everything is to be made" in found.stdout
    assert "6 assets to make, 1 deployment to deploy." in found.stdout
    assert ended("--exit-code") == 3 and answer()["first"] is True
    assert not (here.parent / "build").exists() and not (here.parent / ".mlarch").exists()


def test_an_unchanged_input_plans_nothing(built: Path) -> None:
    """Right after a compilation there is no change, and `--exit-code` ends with 0."""
    assert run().stdout == "no changes: cancer.mlarch means the same as build/cancer\n"
    assert ended("--exit-code") == 0 and answer()["changed"] is False and answer()["cosmetic"] is False


def test_layout_comments_and_order_are_no_changes(built: Path) -> None:
    """Reordered blocks, other comments and another layout are said to be just that."""
    head, *blocks = re.split(r"\n\n(?=\w)", built.read_text(encoding="utf-8"))
    built.write_text(f"{head}\n# a comment\n\n" + "\n\n\n".join(reversed(blocks)).replace("  ", " ") + "\n", encoding="utf-8")
    found = run()
    assert found.stdout.endswith("build/cancer; only its layout, comments or order differ\n") and found.stdout.startswith("no changes")
    assert ended("--exit-code") == 0 and answer()["cosmetic"] is True


def test_a_renamed_system_still_has_its_build(built: Path, edit: Edit) -> None:
    """The build lies in a folder with the system's former name, and is found by the file that it was compiled from."""
    edit(built, "system cancer", "system tumours")
    (change,) = answer()["changes"]
    assert (change["path"], change["before"], change["after"]) == ("system.tumours.name", "cancer", "tumours")
    edit(shutil.copy(built, built.with_name("other.mlarch")), "system tumours", "system others")
    assert answer("other.mlarch")["first"] is True


def test_another_folder_and_another_hash_seed_plan_nothing(built: Path, tmp_path: Path) -> None:
    """A build that was moved with its file is still its build, in a process with any hash seed."""
    shutil.copytree(built.parent, tmp_path / "moved")
    for seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-c", "from mlarch.cli import main; main()", "plan", "--exit-code"],
            cwd=tmp_path / "moved",
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
        )
        assert (done.returncode, done.stdout) == (0, "no changes: cancer.mlarch means the same as build/cancer\n")


def test_the_plan_is_shown_to_the_letter(changed: Path) -> None:
    """Each change stands with its values, its line and its class; then the assets and why, the deployments, and the sum."""
    assert run().stdout == CHANGED


def test_colours_are_for_terminals(changed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same text, coloured where that is asked for, and plain elsewhere."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    coloured = CliRunner().invoke(group, ["plan"], color=True).stdout
    assert "\x1b[33m~\x1b[0m" in coloured and "\x1b[32m+\x1b[0m" in coloured and "\x1b[31m-\x1b[0m" in coloured
    assert re.sub(r"\x1b\[[\d;]*m", "", coloured) == CHANGED


def test_json_has_the_same_content(changed: Path) -> None:
    """The document for programs has every change, asset, deployment and thing to review that the text has."""
    found = answer()
    assert [(each["path"], each["class"], each["place"]["line"]) for each in found["changes"]] == [
        ("system.cancer.overview", "documents only", 5),
        ("features.shape.feature.log_area", "rematerialise", 27),
        ("features.shape.feature.texture", "breaks the request API", 28),
        ("model.classifier.hyperparameters.C", "retrain", 35),
        ("deployment.api.slo.p99", "redeploy", 42),
    ]
    assert found["changes"][2]["before"] == "standardize(mean_texture)" and found["changes"][2]["after"] is None
    assert [each["key"].split("/")[1] for each in found["assets"]] == ["features", "trained", "evaluated", "registered"]
    assert found["deployments"] == [{"name": "api", "what": "redeploy", "because": ["deployment.api.slo.p99", "classifier/registered"]}]
    assert found["summary"] == {"breaks the request API": 1, "rematerialise": 1, "retrain": 1, "redeploy": 1, "documents only": 1}
    assert found["ok"] and found["changed"] and not found["first"] and found["mlarch"] is None and len(found["breaking"]) == 1


def test_what_is_to_be_reviewed_is_listed_alone(changed: Path, edit: Edit) -> None:
    """`--breaking` lists what breaks, with its place; with `--exit-code` it ends with 3 only where there is something."""
    assert run("--breaking").stdout == (
        "! `deployment.api`: `mean_texture` is not in the request any more: a request that has it is refused  cancer.mlarch:28\n"
        "\n1 thing to review, 1 of them noticed by callers\n"
    )
    assert ended("--breaking", "--exit-code") == 3
    mlarch.load(changed).compile()
    edit(changed, "C = 0.5", "C = 0.6")
    assert run("--breaking").stdout.startswith("nothing to review") and ended("--breaking", "--exit-code") == 0
    assert ended("--exit-code") == 3


def test_an_architecture_with_errors_is_not_planned(built: Path, edit: Edit) -> None:
    """Errors are shown as `check` shows them, and end with 1 whatever else was asked."""
    edit(built, "log1p(mean_area)", "log1p(mean_aera)")
    found = run("--exit-code")
    assert ended("--exit-code") == 1 and "error[MLA301]" in found.stderr and found.stdout == ""
    told = answer()
    assert told["ok"] is False and told["diagnostics"][0]["code"] == "MLA301"


@pytest.mark.parametrize("damage", ["{", '{"format": 1}', "not json"])
def test_a_damaged_lock_file_is_said(built: Path, capsys: pytest.CaptureFixture[str], damage: str) -> None:
    """A lock file that cannot be read is one message with the next step."""
    (built.parent / "build" / "cancer" / "architecture.lock.json").write_text(damage)
    assert ended() == 1
    assert "error[MLA008]" in (said := capsys.readouterr().err) and "run `mlarch compile` again" in said


def test_a_lock_file_of_another_mlarch_makes_everything_anew(built: Path) -> None:
    """What another version built runs again as a whole; the plan says so although nothing in the file differs."""
    lock = built.parent / "build" / "cancer" / "architecture.lock.json"
    lock.write_text(re.sub(r'"mlarch": "[^"]*"', '"mlarch": "0.0.1"', lock.read_text(), count=1))
    found = run()
    assert "built by mlarch 0.0.1, this is" in found.stdout and "0 changes. 6 assets to make anew" in found.stdout
    assert ended("--exit-code") == 3


def test_a_lock_file_of_another_format_is_said(built: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A format that this version does not know is one message, not a wrong plan."""
    lock = built.parent / "build" / "cancer" / "architecture.lock.json"
    lock.write_text(lock.read_text().replace('"format": 1', '"format": 2', 1))
    assert ended() == 1 and "has format 2" in capsys.readouterr().err


# --- files and revisions ---------------------------------------------------------------------------------------------


def test_another_file_is_compared_with(changed: Path, edit: Edit) -> None:
    """The YAML form, a lock file, a build's folder and another `.mlarch` file all give what is compared with."""
    build = changed.parent / "build" / "cancer"
    shutil.copy(build / "architecture.lock.json", changed.parent / "kept.json")
    plans = [answer("--against", other)["changes"] for other in ("cancer.yaml", "kept.json", build)]
    assert len(plans[0]) == 5 and all(each[0]["path"] == plans[0][0]["path"] and len(each) == 5 for each in plans)
    shutil.copy(changed, changed.with_name("copy.mlarch"))
    assert ended("cancer.mlarch", "--against", "copy.mlarch", "--exit-code") == 0


def test_an_override_is_a_change(built: Path) -> None:
    """What the command line sets is planned like what the file says, and its place is the override."""
    (change,) = answer("cancer.mlarch", "model.classifier.family=random_forest")["changes"]
    assert (change["after"], change["class"], change["place"]["file"]) == ("random_forest", "rematerialise", "<override:1>")


def test_what_is_compared_with_may_be_wrong(built: Path, edit: Edit) -> None:
    """A missing file and a file with errors on the other side end with 1, and it is said which side it is."""
    edit(shutil.copy(built, built.with_name("other.mlarch")), "log1p(mean_area)", "log1p(mean_aera)")
    found = run("cancer.mlarch", "--against", "other.mlarch")
    assert "other.mlarch, which is compared with, has errors itself" in found.stderr and "other.mlarch:27" in found.stderr
    assert ended("cancer.mlarch", "--against", "other.mlarch") == 1


@pytest.mark.parametrize(("against", "words"), [("main", "there is no file main"), (".", "has no architecture.lock.json")])
def test_what_is_compared_with_may_not_be_there(built: Path, capsys: pytest.CaptureFixture[str], against: str, words: str) -> None:
    """A name that is no file, perhaps that of a branch, is answered with what can be named, and not by a finding in a file."""
    assert ended("cancer.mlarch", "--against", against) == 1
    said = capsys.readouterr().err
    assert "error[MLA001]: nothing to compare with" in said and words in said and "git#main" in said


def test_warnings_are_counted_and_not_repeated(built: Path, edit: Edit) -> None:
    """What a check says of a file does not hide what changes in it: one line says how many findings there are."""
    edit(built, "deployment api {", "hardware h { cpu = 2 }\n\ndeployment api {")
    found = run("cancer.mlarch")
    assert found.stderr == "1 warning; `mlarch check` shows them\n\n" and found.stdout.startswith("cancer.mlarch against")


@pytest.fixture
def repository(here: Path) -> Path:
    """The example in a folder of a git repository, its features in a file that it imports, with a tag on the first commit."""
    head, _, rest = here.read_text(encoding="utf-8").partition("features shape {")
    body, _, tail = rest.partition("\n}\n")
    shared = here.parent / "shared"
    shared.mkdir()
    (shared / "shape.mlarch").write_text(f'language = "1.0"\n\nfeatures shape {{{body}\n}}\n', encoding="utf-8")
    here.write_text(head.replace('"1.0"\n', '"1.0"\n\nimport "shared/shape.mlarch"\n') + tail, encoding="utf-8")
    top = here.parent.parent
    git(top, "init", "-q")
    git(top, "add", ".")
    git(top, "commit", "-q", "-m", "first")
    git(top, "tag", "v1")
    return here


def test_a_revision_is_compared_with(repository: Path, edit: Edit) -> None:
    """The file and what it imports are read from the revision; what is gone is placed where git has it; nothing is checked out."""
    assert ended("--against", "git#v1", "--exit-code") == 0
    edit(repository.parent / "shared" / "shape.mlarch", "  feature texture   = standardize(mean_texture)\n", "")
    before = subprocess.run(["git", "status", "--short"], cwd=repository.parent, capture_output=True, text=True).stdout
    found = answer("--against", "git#v1")
    assert [(each["path"], each["place"]["file"]) for each in found["changes"]] == [
        ("features.shape.feature.texture", f"v1:{repository.parent.name}/shared/shape.mlarch")
    ]
    assert ended("--against", "git#HEAD", "--exit-code") == 3
    assert subprocess.run(["git", "status", "--short"], cwd=repository.parent, capture_output=True, text=True).stdout == before


def test_an_override_holds_on_both_sides_of_a_revision(repository: Path) -> None:
    """At a revision only the text differs: the same overrides make both sides."""
    assert ended("cancer.mlarch", "model.classifier.hyperparameters.C=0.3", "--against", "git#v1", "--exit-code") == 0


def test_a_revision_with_errors_is_said_by_gits_names(repository: Path, edit: Edit) -> None:
    """Errors of the text at a revision are shown with its name there, not with that of a temporary copy."""
    shape = repository.parent / "shared" / "shape.mlarch"
    edit(shape, "log1p(mean_area)", "log1p(mean_aera)")
    git(repository.parent, "commit", "-q", "-a", "-m", "broken")
    edit(shape, "log1p(mean_aera)", "log1p(mean_area)")
    found = run("--against", "git#HEAD")
    assert f"--> HEAD:{repository.parent.name}/shared/shape.mlarch:" in found.stderr and ended("--against", "git#HEAD") == 1


@pytest.mark.parametrize(
    ("reference", "words"), [("nope", "git knows no `nope`"), ("--help", "git knows no `--help`"), ("", "git knows no ``")]
)
def test_a_revision_that_is_none_is_said(repository: Path, capsys: pytest.CaptureFixture[str], reference: str, words: str) -> None:
    """Whatever stands after `git#` is a revision and never an option of git's."""
    assert ended("--against", f"git#{reference}") == 1
    assert "error[MLA013]" in (said := capsys.readouterr().err) and words in said


def test_a_file_that_was_not_there_yet_is_said(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file that the revision has not is named, with those that it has."""
    shutil.copy(repository, repository.with_name("later.mlarch"))
    assert ended("later.mlarch", "--against", "git#v1") == 1
    assert "`v1` has no file cancer/later.mlarch" in (said := capsys.readouterr().err) and "cancer/cancer.mlarch" in said


def test_outside_of_a_repository_it_is_said(here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a repository, and without git, there is one message."""
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(here.parent.parent))
    assert ended("--against", "git#HEAD") == 1 and "is in no git repository" in capsys.readouterr().err
    monkeypatch.setenv("PATH", "")
    assert ended("--against", "git#HEAD") == 1 and "git is not installed" in capsys.readouterr().err


# --- the truth -------------------------------------------------------------------------------------------------------


def test_a_run_does_what_was_planned(trained: Path, tmp_path: Path, edit: Edit) -> None:
    """After a real run and an edit, another run executes the assets that the plan named, and keeps the others."""
    shutil.copytree(trained.parent, tmp_path / "cancer")
    file = edit(tmp_path / "cancer" / "cancer.mlarch", "[features.shape]\n", "[features.shape]\n  hyperparameters { C = 0.25 }\n")
    planned = {each["key"] for each in answer(file)["assets"]}
    result = mlarch.load(file).run()
    assert {key for key, outcome in result.outcomes.items() if outcome.value != "unchanged"} == planned
    assert planned == {"classifier/trained", "classifier/evaluated", "classifier/registered"}
