"""A real MLflow server with authentication: secrets let runs in and appear nowhere; a failure is one message, with nothing half done."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import mlarch
from mlarch.architecture.errors import ArchitectureError
from tests.conftest import copy_example
from tests.projects import Steps

pytestmark = [pytest.mark.servers, pytest.mark.timeout(600)]

USER, PASSWORD = "keeper", "correct-horse-7731-battery"
WAIT = 120


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def serving(folder: Path, port: int) -> Iterator[str]:
    """MLflow's server with user names and passwords, its data in a folder."""
    folder.mkdir(exist_ok=True)
    settings = folder / "auth.ini"
    settings.write_text(
        f"[mlflow]\ndefault_permission = READ\ndatabase_uri = sqlite:///{folder}/auth.db\nadmin_username = {USER}\n"
        "authorization_function = mlflow.server.auth:authenticate_request_basic_auth\n"
    )
    environment = {
        **os.environ,
        "MLFLOW_AUTH_CONFIG_PATH": str(settings),
        "MLFLOW_AUTH_ADMIN_PASSWORD": PASSWORD,
        "MLFLOW_FLASK_SERVER_SECRET_KEY": "for the forms",
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
        "MLFLOW_DISABLE_TELEMETRY": "true",
    }
    command = [sys.executable, "-m", "mlflow", "server", "--app-name", "basic-auth", "--host", "127.0.0.1", "--port", str(port)]
    command += [
        "--backend-store-uri",
        f"sqlite:///{folder}/mlflow.db",
        "--artifacts-destination",
        str(folder / "artifacts"),
        "--workers",
        "1",
    ]
    with (folder / "server.log").open("ab") as log:
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=log, cwd=folder, start_new_session=True)
    try:
        _wait(f"http://127.0.0.1:{port}/health", server, folder / "server.log")
        yield f"http://127.0.0.1:{port}"
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(server.pid, signal.SIGKILL)
            server.wait()


def _wait(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + WAIT
    while time.monotonic() < deadline:
        assert server.poll() is None, log.read_text()[-3000:]
        try:
            urllib.request.urlopen(url, timeout=5).close()
            return
        except (OSError, urllib.error.URLError):
            time.sleep(0.3)
    raise AssertionError(f"no answer within {WAIT} s: {log.read_text()[-3000:]}")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """The URI of a running server, and its folder."""
    folder = tmp_path_factory.mktemp("server")
    with serving(folder, free_port()) as uri:
        yield uri, folder


def at_server(file: Path, uri: str, system: str) -> Path:
    """Let a project record at a server, under a system name of its own."""
    text = file.read_text().replace("system cancer {", f"system {system} {{")
    tracking = f'tracking office {{\n  uri = "{uri}"\n  username = secret("OFFICE_USER")\n  password = secret("OFFICE_PASSWORD")\n}}\n'
    file.write_text(text + "\n" + tracking)
    return file


@pytest.fixture
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """The right user name and password, in the variables that the file names."""
    monkeypatch.setenv("OFFICE_USER", USER)
    monkeypatch.setenv("OFFICE_PASSWORD", PASSWORD)


def client_of(uri: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    """MLflow's own client, let in."""
    import mlflow

    monkeypatch.setenv("MLFLOW_TRACKING_USERNAME", USER)
    monkeypatch.setenv("MLFLOW_TRACKING_PASSWORD", PASSWORD)
    return mlflow.MlflowClient(uri, uri)


def nothing_of(system: str, client: Any) -> bool:
    """Neither experiment nor model of a system is at the server."""
    models = [each for each in client.search_registered_models() if each.name.startswith(f"{system}.")]
    return client.get_experiment_by_name(system) is None and models == []


LOAD = """
import sys, mlflow, pandas
mlflow.set_tracking_uri(sys.argv[1])
print("LABEL", mlflow.pyfunc.load_model(sys.argv[2]).predict(pandas.read_csv(sys.argv[3]))["label"].iloc[0])
"""


def test_with_the_right_secrets_all_of_it_works_and_no_secret_is_kept(server: tuple[str, Path], project: Path, credentials: None) -> None:
    """Run, register, predict and load elsewhere, all through the server; neither name nor password is in any file, log or tag."""
    uri, folder = server
    file = at_server(project, uri, "first")
    code = "import sys, mlarch; p = mlarch.load(sys.argv[1]); r = p.run(); print(r.problem, r.values['classifier/registered'].uri);"
    code += "print(p.predict([{'mean_radius': 14.0, 'mean_texture': 20.0, 'mean_area': 600.0, 'mean_concavity': 0.1}]))"
    done = subprocess.run([sys.executable, "-c", code, str(file)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout.startswith("None models:/first.classifier/1\n") and "'probability'" in done.stdout
    elsewhere = {**os.environ, "MLFLOW_TRACKING_USERNAME": USER, "MLFLOW_TRACKING_PASSWORD": PASSWORD}
    loading = [sys.executable, "-c", LOAD, uri, "models:/first.classifier@production", str(file.parent / "data" / "breast_cancer.csv")]
    loaded = subprocess.run(loading, capture_output=True, text=True, env=elsewhere, check=False)
    assert "LABEL True" in loaded.stdout, loaded.stderr[-3000:]
    for path in [*file.parent.rglob("*"), *folder.rglob("*")]:
        if path.is_file() and path.name not in ("auth.db", "auth.ini"):
            assert PASSWORD.encode() not in path.read_bytes(), path
    assert PASSWORD not in done.stdout + done.stderr and USER not in done.stdout + done.stderr
    assert not (file.parent / ".mlarch" / "mlflow.db").exists()


@pytest.mark.parametrize("variable", ["OFFICE_USER", "OFFICE_PASSWORD"])
def test_wrong_secrets_are_one_message(
    variable: str, server: tuple[str, Path], project: Path, credentials: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wrong user name or password ends in one message at the server's line; what is wrong is not repeated, and nothing is kept."""
    uri, _ = server
    file = at_server(project, uri, "second")
    monkeypatch.setenv(variable, "not-this-one-99")
    result = mlarch.load(file).run()
    problem = result.problem
    assert problem is not None and problem.code == "MLA605" and problem.at == "tracking.office.uri"
    place = result.lock.place(problem.at)
    assert place is not None and "uri =" in file.read_text().splitlines()[place[1] - 1]
    assert "not-this-one-99" not in problem.message + str(problem.help) and "\n" not in problem.message
    assert nothing_of("second", client_of(uri, monkeypatch))
    monkeypatch.setenv("OFFICE_USER", USER)
    monkeypatch.setenv("OFFICE_PASSWORD", PASSWORD)
    assert mlarch.load(at_server(copy_example(file.parent.parent / "again"), uri, f"mended_{variable.lower()}")).run().ok


def test_a_missing_secret_names_its_variable(server: tuple[str, Path], project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the variable the message says which, at the line that names it, and how to set it."""
    monkeypatch.setenv("OFFICE_USER", USER)
    monkeypatch.delenv("OFFICE_PASSWORD", raising=False)
    file = at_server(project, server[0], "third")
    result = mlarch.load(file).run()
    problem = result.problem
    assert problem is not None and problem.code == "MLA903" and problem.help == "export OFFICE_PASSWORD=…"
    place = result.lock.place(problem.at or "")
    assert place is not None and "OFFICE_PASSWORD" in file.read_text().splitlines()[place[1] - 1]
    assert nothing_of("third", client_of(server[0], monkeypatch))


def test_a_server_that_does_not_answer_is_said_soon(project: Path, credentials: None) -> None:
    """Nothing listens there: one message within seconds, at the line of the address; what was done before is kept."""
    file = at_server(project, f"http://127.0.0.1:{free_port()}", "fourth")
    started = time.monotonic()
    result = mlarch.load(file).run()
    assert result.problem is not None and result.problem.code == "MLA605" and "does not answer" in result.problem.message
    assert result.problem.at == "tracking.office.uri" and time.monotonic() - started < 60
    assert result.outcomes["classifier/features"] == "done" and result.outcomes["classifier/registered"] == "not run"


def test_a_server_that_goes_away_leaves_nothing_half_registered(
    project: Path, credentials: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between training and registration the server stops: one message; once it is back, the same work is registered once."""
    port = free_port()
    with serving(tmp_path / "server", port) as uri:
        steps = Steps(at_server(project, uri, "fifth"))
        steps.evaluate()
    register = steps.work.steps["classifier/registered"].run
    with pytest.raises(ArchitectureError) as raised:
        register(steps.trained, steps.evaluated)
    assert raised.value.code == "MLA605" and "\n" not in raised.value.message
    with serving(tmp_path / "server", port) as uri:
        client = client_of(uri, monkeypatch)
        assert client.search_registered_models() == []
        assert register(steps.trained, steps.evaluated).version == "1"
        assert not register(steps.trained, steps.evaluated).new
        assert [str(each.version) for each in client.search_model_versions("name = 'fifth.classifier'")] == ["1"]
        assert len(client.search_runs([client.get_experiment_by_name("fifth").experiment_id])) == 1
