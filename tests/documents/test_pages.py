"""The hand-written pages: what they show as a complete file is one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import mlarch
from mlarch.language.diagnostics import Findings, Severity
from mlarch.language.formatting import format_source
from mlarch.language.source import Source

DOCS = Path(__file__).parent.parent.parent / "docs"
FILES = [
    pytest.param(found[1], id=f"{path.stem}-{number}")
    for path in sorted(DOCS.rglob("*.md"))
    for number, found in enumerate(re.finditer(r"^```mlarch file\n(.*?)^```$", path.read_text(encoding="utf-8"), re.M | re.S), 1)
]


@pytest.mark.parametrize("text", FILES)
def test_a_complete_file_of_a_page_checks(text: str, tmp_path: Path) -> None:
    """A fenced block marked `mlarch file` has no error, says nothing that is not carried out, and is in the canonical style."""
    path = tmp_path / "page.mlarch"
    path.write_text(text, encoding="utf-8")
    found = mlarch.load(path).diagnostics
    assert [item.message for item in found if item.severity is Severity.ERROR or item.code == "MLA801"] == []
    assert format_source(Source("page", text), Findings()) == text


def test_the_tour_has_its_files() -> None:
    """The tour shows a file that grows: at least four steps, the last without any finding."""
    assert len([each for each in FILES if str(each.id).startswith("tour")]) >= 4


def test_the_last_file_of_the_tour_is_clean_with_its_overlay(tmp_path: Path) -> None:
    """What the tour ends with has no finding, with its overlay and with its parameter set."""
    path = tmp_path / "tour.mlarch"
    path.write_text(str([each for each in FILES if str(each.id).startswith("tour")][-1].values[0]), encoding="utf-8")
    assert mlarch.load(path, ["param.folder=/data", "training.weekly.split.seed=8"], ["production"]).diagnostics == []
