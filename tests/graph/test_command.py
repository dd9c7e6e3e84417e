"""`mlarch graph` on the command line."""

from __future__ import annotations

import xml.etree.ElementTree as xml
from pathlib import Path

import pytest

from mlarch.cli import group
from mlarch.cli.failures import guarded

from .systems import EVERYTHING, SMALL


def test_a_suffix_says_the_format(tmp_path: Path) -> None:
    """`-o` writes SVG, Mermaid or DOT by the name of the file, whole folders if need be."""
    for name, begins in (("a.svg", "<svg "), ("b.mmd", "flowchart LR"), ("c.dot", "digraph "), ("new/d.GV", "digraph ")):
        assert guarded(group, ["graph", str(SMALL), "-o", str(tmp_path / name)]) == 0
        assert (tmp_path / name).read_text(encoding="utf-8").startswith(begins)


def test_without_a_file_it_prints_mermaid(capsys: pytest.CaptureFixture[str]) -> None:
    """What is printed can be pasted into a Markdown page; `--format` asks for another."""
    assert guarded(group, ["graph", str(SMALL)]) == 0
    assert capsys.readouterr().out.startswith("flowchart LR\n")
    assert guarded(group, ["graph", str(SMALL), "--format", "svg"]) == 0
    assert xml.fromstring(capsys.readouterr().out).tag.endswith("svg")


def test_an_unknown_suffix_is_a_question(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A name that says no format is refused with the names that do, and nothing is written."""
    assert guarded(group, ["graph", str(SMALL), "-o", str(tmp_path / "a.png")]) == 2
    assert ".svg" in capsys.readouterr().err and list(tmp_path.iterdir()) == []


def test_what_is_not_lowered_yet_is_drawn(capsys: pytest.CaptureFixture[str]) -> None:
    """An architecture that cannot be built yet can be drawn, overrides in place."""
    assert guarded(group, ["graph", str(EVERYTHING), "deployment.api.mode=streaming"]) == 0
    assert "streaming" in capsys.readouterr().out


def test_a_wrong_architecture_is_not_drawn(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Errors end in the findings of a check and exit code 1, not in half a picture."""
    project.write_text(project.read_text().replace("model.classifier", "model.clasifier"))
    assert guarded(group, ["graph", str(project)]) == 1
    said = capsys.readouterr()
    assert said.out == "" and "MLA203" in said.err
