"""What people write out of habit from other languages: each is recognised, and its fix writes what was meant."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from mlarch.api import load
from mlarch.cli import group
from mlarch.cli.failures import guarded
from mlarch.language.diagnostics import Diagnostic, Severity
from mlarch.language.parsing.habits import RULES, Rule

from .corpus import cases, checked, expected_file, name_of
from .writing import errors_of

HABITS = [case for case in cases("broken") if name_of(case).startswith("habit_")]
#: What stands in no file that is read with line ends of any kind.
ELSEWHERE = ("a line ends with a line feed",)

START = 'language = "1.0"\n\nsystem s { problem = classification }\n'


def told() -> str:
    """Every finding of the broken files."""
    return "\n".join(expected_file(case).read_text(encoding="utf-8") for case in HABITS)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.message[:50])
def test_every_rule_is_shown_by_a_broken_file(rule: Rule) -> None:
    """A habit that is recognised stands in the corpus, so that its message is read by somebody."""
    said = re.escape(rule.message.replace("{{", "\0").replace("}}", "\1"))
    said = re.sub(r"\\\{\w+\\\}", ".*", said).replace("\0", r"\{").replace("\1", r"\}")
    assert rule.message.startswith(ELSEWHERE) or re.search(said, told())


@pytest.mark.parametrize("case", HABITS, ids=name_of)
def test_a_habit_is_one_mistake(case: Path) -> None:
    """A single habit is answered by one message, or by one more where the text that is meant is wrong as well."""
    assert 1 <= len(_errors(checked(case).diagnostics)) <= (3 if name_of(case) == "habit_map_of_json" else 2)


@pytest.mark.parametrize("case", HABITS, ids=name_of)
def test_the_fix_of_a_habit_writes_what_is_meant(case: Path, tmp_path: Path) -> None:
    """After `--fix` what a fix was offered for is gone, and a second `--fix` changes nothing."""
    if case.name == "main.mlarch":
        shutil.copytree(case.parent, tmp_path, dirs_exist_ok=True)
    else:
        shutil.copy(case, tmp_path)
    copy = tmp_path / case.name
    (tmp_path / "hardware.mlarch").write_text('language = "1.0"\n', encoding="utf-8")
    before = _errors(load(copy).diagnostics)
    guarded(group, ["check", str(copy), "--fix"])
    once, after = copy.read_bytes(), _errors(load(copy).diagnostics)
    mended = [item for item in before if item.fixes]
    assert len(after) <= len(before) - bool(mended) or not mended
    guarded(group, ["check", str(copy), "--fix"])
    assert copy.read_bytes() == once


def _errors(found: list[Diagnostic]) -> list[Diagnostic]:
    return [item for item in found if item.severity is Severity.ERROR]


def test_a_line_end_of_an_old_system_is_said(tmp_path: Path) -> None:
    """A carriage return alone, which no editor shows, is named where it stands."""
    file = tmp_path / "a.mlarch"
    file.write_bytes(START.replace("classification }", "classification\r}").encode())
    assert errors_of(file) == [("MLA106", "a.mlarch:3:36", "a line ends with a line feed, not with a carriage return alone")]


@pytest.mark.parametrize("text", ['# "it\'s" && || // !\n', 'param p : string = "a && b // c"\n'])
def test_comments_and_texts_hold_any_sign(text: str, tmp_path: Path) -> None:
    """Signs of other languages mean nothing in comments and texts, and are not spoken of there."""
    file = tmp_path / "a.mlarch"
    file.write_text(START + text, encoding="utf-8")
    assert errors_of(file) == []


FORMS = {
    "a.mlarch": 'language: "1.0"\nsystem:\n  s:\n    problem: classification\n',
    "b.mlarch": '{\n  "language": "1.0"\n}\n',
    "c.yaml": START,
    "d.yml": "# text\n" + START,
}


@pytest.mark.parametrize("name", FORMS)
def test_a_file_of_another_form_is_one_finding(name: str, tmp_path: Path) -> None:
    """YAML in a `.mlarch` file, text in a `.yaml` file and JSON in either are one finding, and not one for each line."""
    file = tmp_path / name
    file.write_text(FORMS[name], encoding="utf-8")
    assert [code for code, _, _ in errors_of(file)] == ["MLA015"]


def test_json_in_a_yaml_file_is_yaml(tmp_path: Path) -> None:
    """JSON is YAML, so that a file with that suffix may hold it."""
    file = tmp_path / "a.yaml"
    file.write_text('{"language": "1.0", "system": {"s": {"problem": "classification"}}}', encoding="utf-8")
    assert errors_of(file) == []


IN_YAML = {
    "a and b": ("pace: seconds > 3 && clicks > 1", "`&&` is written `and` here"),
    "a range": ("pace: clicks in 0-3", "a range is written `0..3`"),
    "a power": ("pace: seconds ** 2", "there is no operator for powers"),
}


@pytest.mark.parametrize("name", IN_YAML)
def test_expressions_in_yaml_have_the_same_messages(name: str, tmp_path: Path) -> None:
    """An expression in YAML is told of its habits in the same words, at its place."""
    written, message = IN_YAML[name]
    file = tmp_path / "a.yaml"
    file.write_text(
        'language: "1.0"\nsystem: {s: {problem: classification}}\n'
        'source: {v: {connector: csv("v.csv"), schema: {seconds: float, clicks: int}}}\n'
        f"features:\n  f:\n    from: source.v\n    feature:\n      {written}\n",
        encoding="utf-8",
    )
    assert [(place.split(":")[1], said) for _, place, said in errors_of(file)] == [("8", message)]
