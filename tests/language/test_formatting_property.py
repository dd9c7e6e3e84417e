"""The formatter on generated files: no comment lost or moved, the same tree, and nothing to change the second time."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlarch.language.diagnostics import Findings
from mlarch.language.formatting import format_source
from mlarch.language.formatting.aligning import MARGIN
from mlarch.language.formatting.proof import same
from mlarch.language.formatting.tokens import collected
from mlarch.language.parsing.parser import parse
from mlarch.language.source import Source

from .layouts import Writer

SLOW = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example)
FILES = st.randoms(use_true_random=False)


def holds(random: Random) -> None:
    """Write a file by the choices of a generator, format it, and compare."""
    writer = Writer(random)
    text = writer.file()
    findings = Findings()
    once = format_source(Source("once", text), findings)
    assert once is not None, (text, findings.items)
    assert _comments(once) == [comment.rstrip(" \t") for comment in writer.comments], text
    assert same(parse(Source("once", once), Findings()).body, parse(Source("text", text), Findings()).body), text
    assert format_source(Source("twice", once), Findings()) == once, text
    _tidy(once)


def _comments(text: str) -> list[str]:
    found = collected(Source("comments", text), Findings())
    assert found is not None
    return found.comments()


def _tidy(text: str) -> None:
    """No line ends in blanks, no two blank lines follow one another, none is at either end, and indents are steps of two."""
    lines = text.split("\n")
    assert lines.pop() == ""
    assert all(line == line.rstrip(" \t\r") and (len(line) - len(line.lstrip(" "))) % 2 == 0 for line in lines)
    assert "\n\n\n" not in text and not text.startswith("\n") and not text.endswith("\n\n")
    assert "\t" not in "".join(line[:MARGIN] for line in lines if not line.lstrip().startswith("#"))


@given(FILES)
@settings(max_examples=200, deadline=None, suppress_health_check=SLOW)
def test_formatting_keeps_what_a_file_says(random: Random) -> None:
    """For any file: its comments in their order, its tree, and a text that the formatter leaves as it is."""
    holds(random)


@pytest.mark.prove
@pytest.mark.timeout(3600)
@given(FILES)
@settings(max_examples=10_000, deadline=None, suppress_health_check=SLOW, database=None)
def test_formatting_keeps_what_ten_thousand_files_say(random: Random) -> None:
    """The same, for ten thousand files: 0 comments lost, and every text is final."""
    holds(random)


def test_the_generated_files_are_worth_it() -> None:
    """The generator writes long and short files, comments in many places, broken lists, blocks on one line and on several."""
    texts = [Writer(Random(seed)).file() for seed in range(400)]
    found = [format_source(Source("x", text), Findings()) or "" for text in texts]
    assert sum(text.count("#") for text in texts) > 1000 and max(map(len, texts)) > 2000
    for sign in ("  1,\n", "{ x", "{}", "\n}", "= -", " over ", "..", '\\"', "`", " or\n", "[ ", "##", "? in"):
        assert any(sign in text for text in found), sign
