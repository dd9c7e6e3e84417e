"""The conformance corpus: every broken architecture gets exactly its findings, every good one gets none."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from mlarch.language.codes import CODES
from mlarch.language.source import Span

from .corpus import cases, checked, expected_file, name_of, transcript

BROKEN, GOOD = cases("broken"), cases("good")

#: What no architecture file can show: the command line, the file system, YAML and the lock file do.
ELSEWHERE = {"MLA001", "MLA002", "MLA003", "MLA004", "MLA008", "MLA009", "MLA010", "MLA011", "MLA012", "MLA013", "MLA014"}


@pytest.mark.parametrize("case", BROKEN, ids=name_of)
def test_a_broken_file_gets_its_findings(case: Path) -> None:
    """The findings are those of the expected file: no more, no less, and each at its place."""
    assert transcript(case) == expected_file(case).read_text(encoding="utf-8")


@pytest.mark.parametrize("case", GOOD, ids=name_of)
def test_a_good_file_has_no_errors(case: Path) -> None:
    """Nothing is wrong with it; at most, something of it is not lowered yet."""
    project = checked(case)
    assert project.architecture is not None
    assert {item.code for item in project.diagnostics} <= {"MLA801"}, transcript(case)


@pytest.mark.parametrize("case", [*BROKEN, *GOOD], ids=name_of)
def test_every_span_lies_in_its_text(case: Path) -> None:
    """A finding, its labels and fixes underline text that exists; only the end of the file is empty."""
    for item in checked(case).diagnostics:
        for span in [item.span, *(label.span for label in item.labels), *(fix.span for fix in item.fixes)]:
            assert span is None or _sound(span)


def _sound(span: Span) -> bool:
    size = len(span.source.text)
    return 0 <= span.start <= span.end <= size and (span.start < span.end or span.end == size)


def test_every_code_of_the_language_is_shown() -> None:
    """Each code that a file can show has a broken file that shows it."""
    shown = {code for case in BROKEN for code in re.findall(r"^\S+ \w+ (MLA\d{3}):", expected_file(case).read_text(encoding="utf-8"), re.M)}
    of_files = {code for code in CODES if code[3] in "012348"} - ELSEWHERE
    assert of_files - shown == set()


def test_the_corpus_is_large_enough() -> None:
    """Files are not lost by a change of names: the corpus has at least 200 broken and 60 good architectures."""
    assert len(BROKEN) >= 200 and len(GOOD) >= 60
