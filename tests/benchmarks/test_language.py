"""The figures of the language: the files are as long as they say, and what a line costs is worked out from the right ones."""

from __future__ import annotations

from pathlib import Path

import pytest

import mlarch

from . import language
from .commands import MLARCH
from .language import Language
from .texts import ours, theirs


@pytest.mark.parametrize("lines", [1_000, 2_000])
def test_files_are_as_long_as_they_say(lines: int, tmp_path: Path) -> None:
    """Both files have at least so many lines and hardly more, and ours has no finding that would end a check early."""
    (tmp_path / "a.mlarch").write_text(ours(lines), encoding="utf-8")
    assert mlarch.load(tmp_path / "a.mlarch").diagnostics == []
    assert all(lines <= text.count("\n") < lines + 100 for text in (ours(lines), theirs(lines)))


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Language:
    """The benchmark on short files, without the neighbour."""
    for name, value in (("SIZES", (100, 200, 300, 700)), ("FIRST", 100), ("MIDDLE", 300), ("BETWEEN", 500), ("LONGEST", 700), ("EDITS", 3)):
        monkeypatch.setattr(language, name, value)
    return Language(tmp_path, None)


def test_growth_is_of_the_lines_that_there_are(small: Language) -> None:
    """Cost that grows with the length has the same slope early and late, and cost that grows with its square is no line."""
    for size in (*language.SIZES, language.BETWEEN):
        small.values["ours seconds", size] = [0.2 + small.lines["ours", size] / 20_000]
        small.values["ours memory", size] = [small.lines["ours", size] ** 2]
    growth, ratio = small._growth("more", "ms", "seconds", 100, 300, 1000), small._straight("seconds")
    assert [figure.ours and round(figure.ours.median, 6) for figure in (growth, ratio)] == [50, 1]
    assert ratio.reached is True and small._straight("memory").reached is False


def test_the_figures_are_measured_on_real_processes(small: Language) -> None:
    """A first round measures every figure, a later one all but the longest file, and memory is that of the command."""
    small.round(first=True)
    small.round(first=False)
    figures = list(small.figures())
    assert all(figure.ours is not None and figure.ours.values for figure in figures)
    assert [len(small.values["ours seconds", size]) for size in language.SIZES] == [2, 2, 2, 1]
    assert 20 < small.values["ours memory", 100][0] < 200
    assert {figure.unit for figure in figures} == {"s", "ms", "MB", "×"} and MLARCH.endswith("mlarch")
