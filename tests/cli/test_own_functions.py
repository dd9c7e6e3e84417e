"""A file that names Python functions in its features can be looked at in every way without a line of them being run."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from mlarch.cli import group
from tests.language.trying import CANARY

FILE = """language = "1.0"

system s {
  problem = classification
  metric roc_auc { baseline = 0.5 }
}

source rows {
  connector = csv("rows.csv")
  entity    = who
  timestamp = at
  known_at  = at
  schema {
    who : string
    at  : timestamp
    x   : float
    y   : bool
  }
}

features f {
  from = source.rows
  feature plain  = python("canary:rows", x, who)
  feature inside = standardize(if(x > 3, python("canary:rows", x), 0))
  feature past   = mean(python("canary:rows", x)) over 7d
}

model m {
  family   = lightgbm
  features = [features.f]
  label    = rows.y
}
"""
COMMANDS = {
    "check": ["check", "any.mlarch"],
    "check --data": ["check", "any.mlarch", "--data"],
    "fmt": ["fmt", "--check", "any.mlarch"],
    "compile": ["compile", "any.mlarch"],
    "plan": ["plan", "any.mlarch"],
    "graph": ["graph", "any.mlarch"],
    "document": ["document", "any.mlarch"],
    "convert": ["convert", "any.mlarch"],
    "status": ["status", "any.mlarch"],
}


@pytest.mark.parametrize("command", COMMANDS)
def test_no_command_that_reads_runs_what_a_feature_names(command: str, tmp_path: Path) -> None:
    """The module leaves a file behind when it is imported, its folder is on the path, and after the command there is none."""
    (tmp_path / "any.mlarch").write_text(FILE, encoding="utf-8")
    (tmp_path / "rows.csv").write_text("who,at,x,y\na,2024-01-01T00:00:00Z,1,true\n", encoding="utf-8")
    (tmp_path / "canary.py").write_text(CANARY, encoding="utf-8")
    code = "import sys; sys.path.insert(0, '.'); from mlarch.cli import main; main()"
    done = subprocess.run([sys.executable, "-c", code, *COMMANDS[command]], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0 and done.stdout + done.stderr, done.stdout + done.stderr
    assert not (tmp_path / "imported").exists()


def test_a_plan_says_that_it_compares_no_python(tmp_path: Path) -> None:
    """Each function that a feature names is told beside the plan, with the command that sees its code; without one nothing is."""
    (tmp_path / "any.mlarch").write_text(FILE, encoding="utf-8")
    told = CliRunner().invoke(group, ["plan", str(tmp_path / "any.mlarch")]).stdout
    assert told.count("the code of `canary:rows` is not compared") == 1 and "`mlarch status`" in told
    (tmp_path / "any.mlarch").write_text(re.sub(r'python\("canary:rows", x(?:, who)?\)', "x", FILE), encoding="utf-8")
    assert "not compared" not in CliRunner().invoke(group, ["plan", str(tmp_path / "any.mlarch")]).stdout
