"""Cold processes: what a user waits for who checks or compiles, beside an empty Python and a comparable tool."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
EXAMPLE = ROOT / "examples" / "cancer"
MLARCH = str(Path(sys.executable).parent / "mlarch")

#: About as much as the example says, in the language of the nearest neighbour: a workflow with typed inputs, checked before it runs.
WORKFLOW = """version 1.0

task ingest {
  input { File table  Int rows = 569 }
  command <<< head -n ~{rows + 1} ~{table} > rows.csv >>>
  output { File rows_csv = "rows.csv" }
  runtime { cpu: 1  memory: "2 GiB" }
}

task fit {
  input { File rows  Float rate = 0.1  Array[String] features = ["radius", "texture", "area", "concavity"] }
  command <<< fit --rate ~{rate} --features ~{sep="," features} ~{rows} > model.json >>>
  output { File model = "model.json"  Float roc_auc = read_float("score.txt") }
  runtime { cpu: 2  memory: "4 GiB" }
}

workflow cancer {
  input { File table  Float least = 0.95 }
  call ingest { input: table = table }
  call fit { input: rows = ingest.rows_csv }
  Boolean good = fit.roc_auc >= least
  output { File model = fit.model  Boolean passed = good }
}
"""


class Failed(Exception):
    """A command of the benchmark did not do what it should; the message has its last words."""


def run(*command: str, cwd: Path | None = None) -> str:
    """Run a command to its end and return what it prints.

    Raises Failed with its last line.
    """
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if done.returncode:
        words = (done.stderr.strip() or done.stdout.strip()).splitlines() or ["nothing was said"]
        raise Failed(f"`{' '.join(command[:3])}` ended with {done.returncode}: {words[-1]}")
    return done.stdout


def seconds(*command: str, cwd: Path | None = None) -> float:
    """Return how long a command takes."""
    started = time.perf_counter()
    run(*command, cwd=cwd)
    return time.perf_counter() - started


def neighbour(folder: Path) -> Sequence[str]:
    """Install miniwdl into an environment of its own and return the command that checks the workflow.

    Raises Failed where it cannot be installed.
    """
    environment, workflow = folder / "neighbour", folder / "cancer.wdl"
    workflow.write_text(WORKFLOW, encoding="utf-8")
    run(sys.executable, "-m", "uv", "venv", "--quiet", "--python", sys.executable, str(environment))
    python = str(environment / "bin" / "python")
    run(sys.executable, "-m", "uv", "pip", "install", "--quiet", "--compile-bytecode", "--python", python, "--group", "bench", cwd=ROOT)
    return str(environment / "bin" / "miniwdl"), "check", "--no-shellcheck", str(workflow)
