"""Ctrl-C in mid-run."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import mlarch
from mlarch.targets.dagster.outcomes import Outcome

from .test_kill_points import half_written


def test_an_interrupted_run_says_one_thing_and_carries_on(project: Path) -> None:
    """Ctrl-C while a model is trained ends in one message and code 130; the next run keeps what was finished and completes."""
    program = str(Path(sys.executable).with_name("mlarch"))
    process = subprocess.Popen([program, "run"], cwd=project.parent, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, bufsize=1)
    assert process.stdout is not None
    for line in process.stdout:
        if "classifier/features" in line:
            process.send_signal(signal.SIGINT)
            break
    _, said = process.communicate(timeout=120)
    assert process.returncode == 130, said
    assert said.strip() == "Interrupted. What is finished is kept; the same command carries on."
    assert half_written(project) == []
    result = mlarch.load(project).run()
    assert result.ok and result.values["classifier/registered"].version == "1"
    assert result.outcomes["nuclei/validated"] is Outcome.UNCHANGED
