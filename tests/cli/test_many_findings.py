"""`mlarch check` of a file with very many mistakes, and on screens of any width."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from mlarch.cli import group
from mlarch.cli.failures import guarded
from mlarch.language.diagnostics import Findings, Severity
from mlarch.language.render import first_of, render_text, width_of
from mlarch.language.source import Source, Span

MANY = 'language = "1.0"\n\nsystem s { problem = classification }\n' + "".join(f"hardwear h{n} {{ cpu = 2 }}\n" for n in range(400))


@pytest.fixture
def wrong(tmp_path: Path) -> str:
    """A file with hundreds of mistakes."""
    file = tmp_path / "a.mlarch"
    file.write_text(MANY, encoding="utf-8")
    return str(file)


def test_many_findings_are_counted(wrong: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The first fifty are shown, and how many more there are, and how to see them all."""
    assert guarded(group, ["check", wrong]) == 1
    shown = capsys.readouterr()
    assert shown.err.count("error[MLA201]") == 50
    assert "… and 350 more; `mlarch check --format json`" in shown.err
    assert shown.out.endswith("400 errors\n")


@pytest.mark.parametrize("form", ["json", "sarif", "github"])
def test_programs_get_them_all(form: str, wrong: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is left out of what programs read."""
    assert guarded(group, ["check", wrong, "--format", form]) == 1
    out = capsys.readouterr().out
    if form == "json":
        assert len(json.loads(out)["diagnostics"]) == 400
    elif form == "sarif":
        assert len(json.loads(out)["runs"][0]["results"]) == 400
    else:
        assert out.count("::error") == 400


def test_errors_come_before_warnings_where_not_all_are_shown() -> None:
    """A hundred warnings do not hide the error that stands below them, and the order is that of the text."""
    source, findings = Source("a.mlarch", "x" * 200), Findings()
    for at in range(100):
        findings.warning("MLA801", "planned", Span(source, at, at + 1))
    findings.error("MLA201", "wrong", Span(source, 150, 151))
    shown = first_of(findings.sorted(), 50)
    assert len(shown) == 50
    assert shown[-1].severity is Severity.ERROR
    assert [item.span.start for item in shown if item.span] == [*range(49), 150]


def test_a_long_line_is_cut_around_the_mistake() -> None:
    """On a narrow screen the part of a line is shown that matters, and the carets stand below it."""
    source, findings = Source("a.mlarch", "a" * 100 + "WRONG" + "b" * 100), Findings()
    findings.error("MLA100", "wrong", Span(source, 100, 105), "here")
    lines = render_text(findings, width=40).split("\n")
    assert len(lines[3]) <= len("1 | ") + 40
    assert lines[3].index("WRONG") == lines[4].index("^^^^^ here")


def test_only_a_screen_has_a_width(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What goes to a file is not cut as a screen would have it."""
    monkeypatch.setenv("COLUMNS", "60")
    with (tmp_path / "out").open("w", encoding="utf-8") as file:
        assert width_of(file) == 160
    master, slave = os.openpty()
    with os.fdopen(slave, "w", encoding="utf-8") as screen:
        assert width_of(screen) == 50
    os.close(master)
