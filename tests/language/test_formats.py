"""What a check says, in each of its formats."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import jsonschema
import pytest

from mlarch.cli import group
from mlarch.cli.failures import guarded
from mlarch.language.codes import CODES
from mlarch.language.diagnostics import Diagnostic, Label, Severity
from mlarch.language.render.github import to_github
from mlarch.language.render.sarif import to_sarif
from mlarch.language.source import Source, Span

RUN = "from mlarch.cli import main; main()"


@pytest.fixture
def wrong(project: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An architecture in a folder with a space, with a misspelt key, a name given twice and a warning; the working folder is above it."""
    folder = project.parent.rename(project.parent.parent / "my system")
    file = folder / project.name
    text = file.read_text(encoding="utf-8").replace("overview =", "overveiw =")
    text += "deployment api { model = model.classifier }\nhardware big { cpu = 2, gpu = 1 }\n"
    file.write_text(text, encoding="utf-8")
    monkeypatch.chdir(folder.parent)
    monkeypatch.delenv("GITHUB_WORKSPACE", raising=False)
    return file


def said(file: Path, form: str, capsys: pytest.CaptureFixture[str]) -> str:
    """What a check prints on standard output in a format."""
    assert guarded(group, ["check", str(file), "--format", form]) == 1
    return capsys.readouterr().out


def sarif(file: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """The one run of the SARIF log."""
    log = json.loads(said(file, "sarif", capsys))
    assert log["version"] == "2.1.0" and len(log["runs"]) == 1
    run: dict[str, Any] = log["runs"][0]
    return run


def text_at(region: dict[str, int], file: Path) -> str:
    """The text that a SARIF region on one line covers."""
    assert region["startLine"] == region["endLine"]
    line = file.read_text(encoding="utf-8").splitlines()[region["startLine"] - 1]
    return line[region["startColumn"] - 1 : region["endColumn"] - 1]


def test_sarif_names_rules_and_places(wrong: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each result has a rule with the help of its code, a level, and a region of the file whose URI is relative to the working folder."""
    run = sarif(wrong, capsys)
    rules = run["tool"]["driver"]["rules"]
    assert {result["level"] for result in run["results"]} >= {"error"}
    for result in run["results"]:
        rule = rules[result["ruleIndex"]]
        assert rule["id"] == result["ruleId"] and CODES[rule["id"]].explanation in rule["help"]["text"]
        place = result["locations"][0]["physicalLocation"]
        assert unquote(place["artifactLocation"]["uri"]) == "my system/cancer.mlarch"
        assert " " not in place["artifactLocation"]["uri"]
        assert text_at(place["region"], wrong)
    misspelt = next(result for result in run["results"] if result["ruleId"] == "MLA204")
    assert text_at(misspelt["locations"][0]["physicalLocation"]["region"], wrong) == "overveiw"
    assert "did you mean `overview`?" in misspelt["message"]["text"]


def test_sarif_has_fixes_and_related_places(wrong: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A machine-applicable edit is a fix that replaces its region; a label is a related location."""
    results = sarif(wrong, capsys)["results"]
    (change,) = next(result for result in results if result["ruleId"] == "MLA204")["fixes"][0]["artifactChanges"]
    (replacement,) = change["replacements"]
    assert text_at(replacement["deletedRegion"], wrong) == "overveiw" and replacement["insertedContent"]["text"] == "overview"
    (related,) = next(result for result in results if result["ruleId"] == "MLA206")["relatedLocations"]
    assert text_at(related["physicalLocation"]["region"], wrong) == "deployment api" and related["message"]["text"]


def test_sarif_gives_every_finding_a_place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file that is not there, and a mistake on the command line, are reported at the architecture: scanners drop what has no place."""
    (result,) = sarif(tmp_path / "none.mlarch", capsys)["results"]
    assert result["ruleId"] == "MLA001"
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].endswith("none.mlarch")


def test_a_clean_file_is_an_empty_log(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """No finding is a run with no result, which tells a scanner that what it knew is mended."""
    assert guarded(group, ["check", str(project), "--format", "sarif"]) == 0
    assert json.loads(capsys.readouterr().out)["runs"][0]["results"] == []


@pytest.mark.servers
def test_sarif_keeps_to_its_schema(wrong: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """The schema of the standard, as the package @microsoft/jest-sarif on npm carries it, accepts the log, and would refuse a wrong one."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("npm is not installed")
    packed = subprocess.run(
        [npm, "pack", "--silent", "@microsoft/jest-sarif@1.0.0-beta.0"], cwd=tmp_path, check=True, capture_output=True, text=True
    )
    with tarfile.open(tmp_path / packed.stdout.split()[-1]) as package:
        member = package.extractfile("package/lib/schemas/sarif-2.1.0-rtm.5.json")
        assert member is not None
        checker = jsonschema.Draft4Validator(json.load(member))
    log = json.loads(said(wrong, "sarif", capsys))
    checker.validate(log)
    log["runs"][0]["results"][0]["level"] = "fatal"
    assert not checker.is_valid(log)


def test_github_shows_each_finding_at_its_place(wrong: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each line is a workflow command with file, lines, columns and code; the last line sums up."""
    *commands, last = said(wrong, "github", capsys).splitlines()
    head = "::error file=my system/cancer.mlarch,line=5,endLine=5,col=3,endColumn=11,title=MLA204::`system` has no `overveiw`"
    assert any(line.startswith(head) for line in commands)
    assert all(line.startswith(("::error ", "::warning ")) for line in commands)
    assert last == "my system/cancer.mlarch: 2 errors, 1 warning"


def test_github_paths_begin_at_the_checkout(wrong: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """In a workflow that works in a folder of the checkout, paths are still from its root: there GitHub looks for them."""
    monkeypatch.setenv("GITHUB_WORKSPACE", str(wrong.parent.parent))
    monkeypatch.chdir(wrong.parent)
    assert "file=my system/cancer.mlarch," in said(Path(wrong.name), "github", capsys)


def test_github_escapes_what_would_end_a_command(tmp_path: Path) -> None:
    """Line breaks and percent signs in messages, and colons and commas in file names, arrive as they are."""
    source = Source("a", "x\ny", tmp_path / "a,b:c%.mlarch")
    item = Diagnostic("MLA203", "50% is\r\nwrong: a, b", Span(source, 0, 3), severity=Severity.NOTE, helps=("one\ntwo",))
    line = to_github([item])
    assert "\n" not in line and "\r" not in line
    head, message = line.removeprefix("::notice ").split("::", 1)
    assert "a%2Cb%3Ac%25.mlarch" in head and "line=1,endLine=2,title=MLA203" in head and "col=" not in head
    assert message == "50%25 is%0D%0Awrong: a, b%0Ahelp: one%0Atwo"


def test_an_override_has_no_file_to_point_at() -> None:
    """What is wrong on the command line is said without a file in GitHub's format, and at the architecture in SARIF."""
    source = Source("<override:1>", "model.x=1", None)
    item = Diagnostic("MLA009", "no `model.x`", Span(source, 0, 7), labels=(Label(Span(source, 0, 1), "here"),))
    assert to_github([item]) == "::error title=MLA009::no `model.x`"
    (result,) = to_sarif([item], Path("a.mlarch"), "1.0.0")["runs"][0]["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "a.mlarch" and "relatedLocations" not in result


def test_json_is_short_for_a_format(wrong: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`--json` and `--format json` print the same document."""
    long = said(wrong, "json", capsys)
    assert guarded(group, ["check", str(wrong), "--json"]) == 1
    assert capsys.readouterr().out == long and json.loads(long)["ok"] is False


@pytest.mark.parametrize(
    ("setting", "coloured"),
    [({}, False), ({"FORCE_COLOR": "1"}, True), ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False), ({"NO_COLOR": ""}, False)],
)
def test_colour_is_for_terminals(setting: dict[str, str], coloured: bool, wrong: Path) -> None:
    """A pipe gets no colour unless FORCE_COLOR is set, and NO_COLOR has the last word."""
    clean = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "FORCE_COLOR")}
    done = subprocess.run([sys.executable, "-c", RUN, "check", str(wrong)], env=clean | setting, capture_output=True, text=True)
    assert done.returncode == 1 and "MLA204" in done.stderr
    assert ("\x1b[" in done.stderr) is coloured


def test_the_text_says_what_a_machine_would_do(wrong: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A finding that `--fix` mends has a line for it."""
    assert guarded(group, ["check", str(wrong)]) == 1
    assert "= fix: write `overview`" in capsys.readouterr().err
