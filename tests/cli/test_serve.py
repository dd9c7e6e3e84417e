"""`mlarch serve --local`: what it starts, what it says, and what it refuses."""

from __future__ import annotations

import json
import os
import shlex
import signal
import socket
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from ..servers import call, copy_of, lock_of, on_own_port, running, started, stop_all

Capsys = pytest.CaptureFixture[str]


@pytest.fixture
def file(trained: Path, tmp_path: Path) -> Iterator[Path]:
    """A trained project on a port of its own."""
    copied = copy_of(trained, tmp_path / "cancer")
    yield copied
    stop_all(copied)


def test_detached_it_says_how_to_ask_and_how_to_stop(file: Path, capsys: Capsys) -> None:
    """`--detach` returns when the server answers; the curl that it shows works as it stands, with a real row."""
    ended = call(capsys, "serve", file, "--local", "--detach")
    assert ended.code == 0, ended.err
    served = running(file)
    assert f"api: classifier version 1 answers at {served.url}" in ended.out
    assert "mlarch down" in ended.out
    (line,) = [line for line in ended.out.splitlines() if "curl" in line]
    _, url, _, data = shlex.split(line.partition("try it")[2])
    with urllib.request.urlopen(url, data.encode()) as answer:
        assert 0 <= json.load(answer)["predictions"][0]["probability"] <= 1
    assert "looking the version up" in ended.err


def test_for_machines_it_is_one_document(file: Path, capsys: Capsys) -> None:
    """With --json the standard output is one JSON document that says where what answers, and nothing is written beside it."""
    ended = call(capsys, "serve", file, "--local", "--detach", "--json")
    served = running(file)
    said = json.loads(ended.out)
    assert {name: said[name] for name in ("ok", "deployment", "host", "url", "model", "version", "pid")} == {
        "ok": True,
        "deployment": "api",
        "host": "local",
        "url": served.url,
        "model": "classifier",
        "version": "1",
        "pid": served.pid,
    }
    assert set(said["example"]) == {"mean_radius", "mean_texture", "mean_area", "mean_concavity"}
    assert ended.err == ""


def test_in_the_foreground_it_serves_until_ctrl_c(file: Path) -> None:
    """It says so when it answers, takes the place of the command's process, and leaves nothing behind after Ctrl-C."""
    process = started("serve", file, "--local")
    assert process.stdout is not None and process.stderr is not None
    assert process.stdout.readline().startswith("api: classifier version 1 answers at ")
    served = running(file)
    assert served.pid == process.pid
    memory = dict(line.split(":") for line in Path(f"/proc/{process.pid}/status").read_text().splitlines())
    assert int(memory["VmRSS"].split()[0]) < 350_000
    process.send_signal(signal.SIGINT)
    out, err = process.stdout.read(), process.stderr.read()
    assert process.wait(20) == 0, err
    assert "Ctrl-C" in out and "Traceback" not in err
    assert not (file.parent / ".mlarch" / "serving" / "api.json").exists()


def test_a_second_one_is_refused(file: Path, capsys: Capsys) -> None:
    """What is served already is said with its address and how to stop it, by --local as by Ray, and goes on."""
    call(capsys, "serve", file, "--local", "--detach")
    served = running(file)
    for options in (["--local"], ["--local", "--detach"], []):
        ended = call(capsys, "serve", file, *options)
        assert ended.code == 1
        assert "MLA701" in ended.err and served.url in ended.err and "mlarch down" in ended.err
    assert running(file) == served


@pytest.mark.parametrize("options", [["--local"], ["--local", "--detach"], []])
def test_a_taken_port_is_shown_in_the_file(file: Path, capsys: Capsys, options: list[str]) -> None:
    """The message points at the line that says the port, and names the override that changes it."""
    port = next(iter(lock_of(file).architecture.deployment.values())).port
    line = next(number for number, text in enumerate(file.read_text().splitlines(), 1) if str(port) in text)
    with socket.create_server(("127.0.0.1", port)):
        ended = call(capsys, "serve", file, *options)
    assert ended.code == 1
    assert f"error[MLA701]: 127.0.0.1:{port} cannot be used" in ended.err
    assert f"cancer.mlarch:{line}" in ended.err
    assert f"deployment.api.port={port + 1}" in ended.err


def test_what_was_never_trained_is_not_served(project: Path, capsys: Capsys) -> None:
    """Without a version in production the next step is `mlarch run`; with --json the same is one document."""
    file = on_own_port(project)
    ended = call(capsys, "serve", file, "--local")
    assert ended.code == 1
    assert "error[MLA606]" in ended.err and "mlarch run" in ended.err and "cancer.mlarch:" in ended.err
    ended = call(capsys, "serve", file, "--local", "--json")
    assert ended.code == 1
    error = json.loads(ended.out)["error"]
    assert error["code"] == "MLA606"
    assert error["place"]["file"] == str(file)


@pytest.mark.parametrize(
    ("options", "says"),
    [(["--detach"], "--detach goes with --local"), (["--local", "--deployment", "apii"], "did you mean `api`?")],
)
def test_a_wrong_call_is_told_what_is_right(file: Path, capsys: Capsys, options: list[str], says: str) -> None:
    """Options that do not go together, and a deployment that the file does not have."""
    ended = call(capsys, "serve", file, *options)
    assert ended.code in (1, 2)
    assert says in ended.err


def test_a_killed_start_leaves_nothing_half_done(file: Path, capsys: Capsys) -> None:
    """`kill -9` of the command while it looks the version up: the same command then works."""
    process = started("serve", file, "--local", "--detach")
    try:
        process.communicate(timeout=1.0)
    except subprocess.TimeoutExpired:
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
    stop_all(file)
    assert call(capsys, "serve", file, "--local", "--detach").code == 0
    assert running(file).version == "1"
