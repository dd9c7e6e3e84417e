"""`mlarch init --ci`: the workflow is valid, its steps do what they say on a real repository, and nothing is overwritten."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
import yaml
from click.testing import CliRunner, Result

import mlarch
from mlarch.cli import group
from mlarch.cli.failures import guarded
from mlarch.cli.workflows import MARK, PLACES, Host

from ..conftest import copy_example

HOSTS = [each.value for each in Host]
BIN = Path(sys.executable).parent
#: Marks that shells and YAML take for something else.
FOLDER = "my $models' (1)"


def init(*arguments: object) -> Result:
    return CliRunner().invoke(group, ["init", *map(str, arguments)])


def git(folder: Path, *arguments: str) -> str:
    """Run git in a folder, as somebody."""
    who = ("-c", "user.name=a", "-c", "user.email=a@b.c", "-c", "commit.gpgsign=false")
    return subprocess.run(["git", "-C", str(folder), *who, *arguments], check=True, capture_output=True, text=True).stdout.strip()


def commit(folder: Path) -> str:
    """Commit everything and return the revision."""
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "change")
    return git(folder, "rev-parse", "HEAD")


@dataclass
class Review:
    """The comments of a review behind the few requests of a host's API that the workflows make; `calls` has what was asked."""

    comments: dict[int, str] = field(default_factory=dict)
    calls: list[tuple[str, str]] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)
    url: str = ""

    def answer(self, method: str, path: str, body: str, headers: Any) -> Any:
        """Answer a request as the host would."""
        self.calls.append((method, path.partition("?")[0]))
        self.tokens.add(headers.get("Authorization") or headers.get("PRIVATE-TOKEN"))
        if method == "GET":
            return [{"id": n, "body": text, "user": {"login": "github-actions[bot]"}} for n, text in self.comments.items()]
        number = int(path.rpartition("/")[2]) if method in ("PATCH", "PUT") else len(self.comments) + 40
        json_sent = headers["Content-Type"] == "application/json"
        self.comments[number] = json.loads(body)["body"] if json_sent else parse_qs(body)["body"][0]
        return {"id": number}


@pytest.fixture
def review() -> Iterator[Review]:
    """A review on a server of its own."""
    held = Review()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            said = json.dumps(held.answer(self.command, self.path, body, self.headers)).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        do_POST = do_PATCH = do_PUT = do_GET

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    held.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield held
    server.shutdown()
    thread.join()
    server.server_close()


@dataclass
class Repository:
    """A repository with an architecture in a folder of it, and its workflow."""

    top: Path
    host: Host
    base: str = ""

    @property
    def file(self) -> Path:
        return self.top / FOLDER / "cancer.mlarch"

    @property
    def workflow(self) -> Any:
        return yaml.safe_load((self.top / PLACES[self.host]).read_text(encoding="utf-8"))

    def run(self, name: str, review: Review) -> subprocess.CompletedProcess[str]:
        """Run a step (GitHub) or a part of a script (GitLab) as the host does: all of it, in the repository."""
        known = {
            "github.event.pull_request.base.sha": self.base,
            "github.event.pull_request.number": "7",
            "github.token": "secret",
        }
        environment = {
            "PATH": f"{BIN}:{os.environ['PATH']}",
            "HOME": str(self.top.parent),
            "GITHUB_API_URL": f"{review.url}/api",
            "GITHUB_REPOSITORY": "us/lab",
            "GITHUB_STEP_SUMMARY": str(self.top.parent / "summary.md"),
            "CI_API_V4_URL": f"{review.url}/api",
            "CI_PROJECT_ID": "3",
            "CI_MERGE_REQUEST_IID": "7",
            "MLARCH_TOKEN": "secret",
        }
        if self.host is Host.GITHUB:
            assert self.workflow["defaults"]["run"]["shell"] == "bash"  # what makes the host add pipefail
            (step,) = [step for job in self.workflow["jobs"].values() for step in job["steps"] if step.get("name") == name]
            for key, value in step.get("env", {}).items():
                environment[key] = re.sub(r"\$\{\{ (.*?) \}\}", lambda found: known[found[1]], value)
            script = step["run"]
        else:
            job, part = {"Check": ("check", 0), "Style": ("check", 1), "Plan": ("plan", 0), "Comment": ("plan", 1)}[name]
            environment["BASE"] = self.base
            script = self.workflow[f"mlarch-{job}"]["script"][part]
        shell = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script]
        return subprocess.run(shell, cwd=self.top, env=environment, capture_output=True, text=True)

    def passes(self, name: str, review: Review) -> str:
        """Run a step that must pass, and return its output."""
        done = self.run(name, review)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


@pytest.fixture(params=HOSTS)
def repository(request: pytest.FixtureRequest, tmp_path: Path) -> Repository:
    """A repository whose first commit has the example, and whose workflow has just been written."""
    top = tmp_path / "lab"
    top.mkdir()
    git(top, "init", "--quiet")
    copy_example(top / FOLDER)
    base = commit(top)
    assert init(top / FOLDER, "--ci", request.param).exit_code == 0
    return Repository(top, Host(request.param), base)


def changed(repository: Repository, old: str, new: str) -> None:
    """Change the architecture, and commit it."""
    text = repository.file.read_text(encoding="utf-8")
    assert text.count(old) == 1
    repository.file.write_text(text.replace(old, new), encoding="utf-8")
    commit(repository.top)


def test_a_change_is_checked_and_its_plan_posted(repository: Repository, review: Review) -> None:
    """Every step runs for real: a change passes check and style, and its plan becomes a comment."""
    changed(repository, "p99 < 100ms", "p99 < 50ms")
    assert "no findings" in repository.passes("Check", review)
    repository.passes("Style", review)
    shown = repository.passes("Plan", review)
    assert f"cancer.mlarch against git#{repository.base[:10]}\n" in shown and "< 100ms → < 50ms" in shown
    assert "gone" not in shown and "\x1b" not in shown
    repository.passes("Comment", review)
    ((number, text),) = review.comments.items()
    assert number == 40 and text.startswith(f"{MARK}\n~~~~diff\n") and text.strip() == shown.strip() and text.rstrip().endswith("\n~~~~")
    place = "/api/repos/us/lab/issues/7/comments" if repository.host is Host.GITHUB else "/api/projects/3/merge_requests/7/notes"
    assert review.calls == [("GET", place), ("POST", place)]
    assert review.tokens == {"Bearer secret" if repository.host is Host.GITHUB else "secret"}


def test_the_next_push_writes_the_comment_anew(repository: Repository, review: Review) -> None:
    """There is one comment however often it is pushed, and those of people are left alone."""
    review.comments[2] = "Looks good, and has a <!-- mlarch plan --> in it."
    for p99 in (100, 50):
        changed(repository, f"p99 < {p99}ms", f"p99 < {p99 - 10}ms")
        repository.passes("Plan", review)
        repository.passes("Comment", review)
        repository.file.write_text(repository.file.read_text().replace(f"{p99 - 10}ms", "50ms"))
    assert len(review.comments) == 2 and "< 100ms → < 40ms" in review.comments[41]


def test_what_is_wrong_fails_the_step(repository: Repository, review: Review) -> None:
    """An error is told at its place and fails check and plan, a layout that is not ours fails style alone."""
    changed(repository, "p99 < 100ms", "p99  <  100ms")
    repository.passes("Check", review)
    assert repository.run("Style", review).returncode == 1
    changed(repository, "problem  =", "problm  =")
    done = repository.run("Check", review)
    told = done.stdout if repository.host is Host.GITHUB else done.stderr
    head = f"::error file={FOLDER}/cancer.mlarch,line=6," if repository.host is Host.GITHUB else f"{FOLDER}/cancer.mlarch:6:"
    assert done.returncode == 1 and head in told
    assert repository.run("Plan", review).returncode == 1


def test_a_file_that_the_base_has_not_is_planned_as_new(repository: Repository, review: Review) -> None:
    """The change that brings the architecture has a plan as well: everything is to be made."""
    git(repository.top, "checkout", "--quiet", "--orphan", "empty")
    git(repository.top, "rm", "-r", "--quiet", "--cached", ".")
    git(repository.top, "commit", "--quiet", "--allow-empty", "--message", "nothing")
    repository.base = git(repository.top, "rev-parse", "HEAD")
    commit(repository.top)
    assert "everything is to be made" in repository.passes("Plan", review)


def test_several_architectures_are_all_in_the_workflow(repository: Repository, review: Review) -> None:
    """A folder with two architectures has both checked, formatted and planned."""
    shutil.copy(repository.file, repository.file.with_name("second.mlarch"))
    (repository.top / PLACES[repository.host]).unlink()
    assert init(repository.file.parent, "--ci", repository.host.value).exit_code == 0
    commit(repository.top)
    shown = repository.passes("Plan", review)
    assert "/cancer.mlarch means the same" in shown and "/second.mlarch: nothing is compiled yet" in shown
    assert repository.passes("Check", review).count("no findings") == 2


def test_without_its_token_gitlab_has_no_comment(repository: Repository, review: Review) -> None:
    """Where the variable is not set, the step says so and does not fail the change."""
    if repository.host is Host.GITHUB:
        assert all("MLARCH_TOKEN" not in str(job) for job in repository.workflow["jobs"].values())
        return
    script = repository.workflow["mlarch-plan"]["script"][1]
    done = subprocess.run(["bash", "-eu", "-c", script], cwd=repository.top, env={}, capture_output=True, text=True)
    assert done.returncode == 0 and "MLARCH_TOKEN" in done.stdout


def test_permissions_are_the_least(tmp_path: Path) -> None:
    """Only the job that comments may write, and only comments; no expression stands in a script, where it could be code."""
    assert init(tmp_path / "new", "--ci", "github").exit_code == 0
    made = yaml.safe_load((tmp_path / "new" / PLACES[Host.GITHUB]).read_text())
    assert made["permissions"] == {"contents": "read"}
    assert {name: job.get("permissions") for name, job in made["jobs"].items()} == {
        "check": None,
        "plan": {"contents": "read", "pull-requests": "write"},
    }
    steps = [step for job in made["jobs"].values() for step in job["steps"]]
    assert not any("${{" in step.get("run", "") for step in steps)
    assert all(step["with"]["persist-credentials"] is False for step in steps if step.get("uses", "").startswith("actions/checkout"))


@pytest.mark.parametrize("host", HOSTS)
def test_a_new_project_begins_with_its_workflow(host: str, tmp_path: Path) -> None:
    """In an empty folder --ci starts a project as ever, whose workflow names its file and this version."""
    done = init(tmp_path / "shop", "--ci", host, "--json")
    said = json.loads(done.output)
    assert done.exit_code == 0 and said["name"] == "shop" and said["files"][-1].endswith(PLACES[Host(host)])
    assert mlarch.load(tmp_path / "shop" / "shop.mlarch").diagnostics == []
    text = (tmp_path / "shop" / PLACES[Host(host)]).read_text()
    assert "fmt --check shop.mlarch\n" in text and f'"mlarch=={mlarch.__version__}"' in text


@pytest.mark.parametrize("host", HOSTS)
def test_a_workflow_that_exists_is_kept(host: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A workflow at the top of the repository is never overwritten, and a new project is then not begun either."""
    git(tmp_path, "init", "--quiet")
    present = tmp_path / PLACES[Host(host)]
    present.parent.mkdir(parents=True, exist_ok=True)
    present.write_text("mine")
    assert guarded(group, ["init", str(tmp_path / "shop"), "--ci", host]) == 1
    assert "MLA011" in capsys.readouterr().err
    assert present.read_text() == "mine" and not (tmp_path / "shop").exists()


def test_ci_of_an_existing_project_stands_alone(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Where an architecture is already, the options that would make one are refused, and the workflow is not written."""
    assert guarded(group, ["init", str(project.parent), "--ci", "github", "--problem", "regression"]) == 2
    assert "--ci stands alone" in capsys.readouterr().err and not (project.parent / ".github").exists()
    assert guarded(group, ["init", str(project.parent), "--ci", "github", "--json"]) == 0
    assert [Path(each).name for each in json.loads(capsys.readouterr().out)["files"]] == ["mlarch.yml"]


def test_a_file_in_the_way_is_one_message(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Where a folder of the workflow cannot be made, a message says so."""
    (project.parent / ".github").write_text("")
    assert guarded(group, ["init", str(project.parent), "--ci", "github"]) == 1
    assert "MLA011" in capsys.readouterr().err


@pytest.fixture(scope="session")
def checker(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The command that holds files to the hosts' own schemas, in an environment of its own."""
    environment = tmp_path_factory.mktemp("schemas") / "environment"
    uv = [sys.executable, "-m", "uv"]
    python = environment / "bin" / "python"
    for command in (
        ["venv", "--quiet", "--python", sys.executable, str(environment)],
        ["pip", "install", "--quiet", "--python", str(python), "check-jsonschema>=0.33"],
    ):
        subprocess.run([*uv, *command], check=True)
    return environment / "bin" / "check-jsonschema"


@pytest.mark.servers
def test_workflows_fit_the_schemas_of_their_hosts(repository: Repository, checker: Path) -> None:
    """What is written is valid by the schema that the host publishes, which finds a wrong key."""
    schema = {Host.GITHUB: "vendor.github-workflows", Host.GITLAB: "vendor.gitlab-ci"}[repository.host]
    transform = ["--data-transform", "gitlab-ci"] if repository.host is Host.GITLAB else []
    path = repository.top / PLACES[repository.host]
    command = [str(checker), "--builtin-schema", schema, *transform, str(path)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    word = "runs-on" if repository.host is Host.GITHUB else "script"
    path.write_text(path.read_text().replace(f"  {word}:", f"  {word}x:"))
    assert subprocess.run(command, capture_output=True).returncode == 1
