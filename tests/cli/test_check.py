"""`mlarch check` and `mlarch explain`: exit codes, JSON, and the file that is meant."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from mlarch.cli import group
from mlarch.cli.failures import guarded
from mlarch.language.codes import CODES

from ..house.sources import ROOT
from ..language.corpus import CORPUS

EXAMPLE = ROOT / "examples" / "cancer" / "cancer.mlarch"


def mlarch(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run the command line in a process of its own."""
    environment = {name: value for name, value in os.environ.items() if name not in ("FORCE_COLOR", "NO_COLOR")}
    code = "from mlarch.cli import main; main()"
    return subprocess.run([sys.executable, "-c", code, *arguments], cwd=cwd, env=environment, capture_output=True, text=True)


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Run the command line in this process: exit code, output, and what was said on standard error."""
    code = guarded(group, list(arguments))
    said = capsys.readouterr()
    return code, said.out, said.err


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with the example in it."""
    shutil.copy(EXAMPLE, tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_clean_file_ends_with_0(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without a finding, one line says so."""
    assert run(capsys, "check", "cancer.mlarch") == (0, "cancer.mlarch: no findings in 5 blocks\n", "")
    assert run(capsys, "check") == (0, "cancer.mlarch: no findings in 5 blocks\n", "")
    code, out, _ = run(capsys, "check", "--json")
    assert (code, json.loads(out)) == (0, {"ok": True, "diagnostics": []})


def test_warnings_end_with_0(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What is only doubtful is shown and counted, and is no failure."""
    file = folder / "cancer.mlarch"
    file.write_text(file.read_text(encoding="utf-8") + "\nhardware spare { cpu = 2 }\n", encoding="utf-8")
    code, out, err = run(capsys, "check")
    assert code == 0 and out == "cancer.mlarch: 1 warning in 6 blocks\n" and err.startswith("warning[MLA401]")


def test_errors_end_with_1(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Findings go to standard error, their number to standard output; as JSON all goes to standard output."""
    (folder / "cancer.mlarch").write_text('language = "1.0"\nsystem s { problem = classify }\nhardware h { cpus = 2 }\n', encoding="utf-8")
    code, out, err = run(capsys, "check")
    assert code == 1 and out == "cancer.mlarch: 2 errors\n"
    assert re.findall(r"error\[(\w+)\]", err) == ["MLA209", "MLA204"] and "\x1b" not in err
    code, out, err = run(capsys, "check", "--json")
    said = json.loads(out)
    assert code == 1 and not said["ok"] and err == ""
    assert [(each["code"], each["place"]["line"], each["place"]["column"]) for each in said["diagnostics"]] == [
        ("MLA209", 2, 22),
        ("MLA204", 3, 14),
    ]


@pytest.mark.parametrize("name", ["absent.mlarch", ".", "binary.mlarch"])
def test_what_is_no_file_ends_with_1(name: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file that cannot be read is a finding like any other, as text and as JSON."""
    (folder / "binary.mlarch").write_bytes(b"\x00\x01")
    code, _, err = run(capsys, "check", name)
    assert code == 1 and err.startswith("error[MLA00")
    code, out, _ = run(capsys, "check", name, "--json")
    assert code == 1 and json.loads(out)["diagnostics"][0]["place"] is None


def test_wrong_usage_ends_with_2(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An unknown command, an unknown option, and no file to mean are wrong usage, each with what to do instead."""
    assert "Did you mean 'check'?" in run(capsys, "chekc")[2]
    assert run(capsys, "chekc")[0] == run(capsys, "check", "--jsn")[0] == 2
    (folder / "second.mlarch").write_text('language = "1.0"\nsystem second { problem = regression }\n', encoding="utf-8")
    code, _, err = run(capsys, "check")
    assert code == 2 and "cancer.mlarch, second.mlarch" in err
    for path in folder.glob("*.mlarch"):
        path.unlink()
    code, _, err = run(capsys, "check")
    assert code == 2 and "mlarch init" in err


def test_beside_what_it_imports_the_architecture_is_meant(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Where one file of several has a system, it is the one that is meant: the others hold what it imports."""
    file = folder / "cancer.mlarch"
    file.write_text(file.read_text(encoding="utf-8").replace("\nsystem", '\nimport "spare.mlarch"\n\nsystem', 1), encoding="utf-8")
    (folder / "spare.mlarch").write_text('language = "1.0"\n\nhardware spare { cpu = 2 }\n', encoding="utf-8")
    assert run(capsys, "check")[:2] == (0, "cancer.mlarch: 1 warning in 6 blocks\n")


def test_overlays_and_overrides_are_applied(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What the command line adds is checked with the file."""
    file = folder / "cancer.mlarch"
    file.write_text(file.read_text(encoding="utf-8") + "\noverlay prod { deployment api { port = 8100 } }\n", encoding="utf-8")
    assert run(capsys, "check", "cancer.mlarch", "--overlay", "prod")[0] == 0
    assert run(capsys, "check", "cancer.mlarch", "deployment.api.port=8101")[0] == 0
    code, _, err = run(capsys, "check", "cancer.mlarch", "--overlay", "prd")
    assert code == 1 and "did you mean `prod`?" in err
    code, _, err = run(capsys, "check", "deployment.api.prt=8101")
    assert code == 1 and "`port`" in err


def test_a_check_in_a_process_shows_no_traceback(tmp_path: Path) -> None:
    """The command itself, not only its functions, ends with 0 and 1, and output that is cut off is no failure."""
    shutil.copy(EXAMPLE, tmp_path)
    assert mlarch("check", cwd=tmp_path).returncode == 0
    done = mlarch("check", str(CORPUS / "broken" / "everywhere.mlarch"), cwd=tmp_path)
    assert done.returncode == 1 and "Traceback" not in done.stderr and done.stderr.count("error[") >= 5
    command = f"{sys.executable} -c 'from mlarch.cli import main; main()' explain | head -1"
    done = subprocess.run(["bash", "-c", command], cwd=tmp_path, capture_output=True, text=True)
    assert done.stdout.startswith("MLA001") and "Traceback" not in done.stderr


def test_explain_says_what_a_code_means() -> None:
    """A code has its explanation and its examples, in whatever case it is written; without one, all are listed."""
    result = CliRunner().invoke(group, ["explain", "mla404"])
    assert (
        result.exit_code == 0 and "label leakage" in result.output and "Wrong, in `features`:\n    feature sure = bought" in result.output
    )
    result = CliRunner().invoke(group, ["explain"])
    assert [line.split()[0] for line in result.output.splitlines()] == list(CODES)
    result = CliRunner().invoke(group, ["explain", "MLA4040"])
    assert result.exit_code == 2 and "Did you mean MLA404?" in result.output
