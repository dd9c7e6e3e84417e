"""Whatever a text holds, a check of it ends with findings: no exception, no span outside of it, no bad JSON, no long wait."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlarch.api import Project, load
from mlarch.language.diagnostics import Findings
from mlarch.language.parsing.parser import parse
from mlarch.language.source import Source

from .fuzzing import case
from .mutations import PIECES, mutated
from .trying import CANARY, Bench, sound

#: What a finding may take; a machine that is busy with other things is given time.
SLOWEST = 1.0


def checked(text: str, folder: Path) -> Project:
    """Check a text as a file, render what is found, and hold the findings to their form."""
    file = folder / "any.mlarch"
    file.write_bytes(text.encode("utf-8", "surrogatepass"))
    project = load(file)
    sound(project)
    return project


def timed(text: str, folder: Path) -> float:
    """Check a text, and return the seconds that it took."""
    started = time.process_time()
    checked(text, folder)
    return time.process_time() - started


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for the texts, one after another."""
    return tmp_path_factory.mktemp("texts")


@settings(max_examples=150, deadline=None)
@given(st.text())
def test_any_text_is_checked(folder: Path, text: str) -> None:
    """Random characters get findings."""
    checked(text, folder)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.one_of(st.sampled_from(PIECES), st.from_regex(r"[a-z_]{1,8}|[0-9.]{1,5}[a-z%/]{0,4}", fullmatch=True)), max_size=40))
def test_any_words_of_the_language_are_checked(folder: Path, words: list[str]) -> None:
    """Words and signs of the language in any order get findings, joined by spaces or by nothing."""
    checked(" ".join(words), folder)
    checked("".join(words), folder)


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 2**32))
def test_a_nearly_good_file_is_checked(folder: Path, seed: int) -> None:
    """A good file with a few tokens or lines taken away, doubled, swapped or put in gets findings, or is good still."""
    checked(mutated(Random(seed)), folder)


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32))
def test_what_is_parsed_lies_in_its_place(seed: int) -> None:
    """Statements come in the order of the text, none over another, and a name stands where its span says."""
    source = Source("any.mlarch", mutated(Random(seed)))
    end = 0
    for statement in parse(source, Findings()).body:
        assert end <= statement.span.start <= statement.span.end <= len(source.text)
        end = statement.span.end
        name = getattr(statement, "name", None)
        if name is not None:
            assert name.span.text.strip("`") == name.text


def test_structures_that_are_nearly_right_end_in_findings(folder: Path) -> None:
    """Files with parts exchanged, dropped or made extreme are checked, and converted and planned where they are right."""
    bench = Bench(folder)
    for seed in range(600):
        bench.hold(case(seed))
    bench.untouched()
    assert bench.came["right"] > 20 and bench.came["formatted"] > 100


@pytest.mark.parametrize("seed", [4499, 32281, 42770, 48105])
def test_what_once_went_wrong_stays_right(folder: Path, seed: int) -> None:
    """Cases of earlier runs that ended in an exception: a condition that begins with a sign, and an escaped dollar in an import."""
    bench = Bench(folder)
    bench.hold(case(seed))
    bench.untouched()


def test_the_canary_would_be_seen(tmp_path: Path) -> None:
    """A module that is imported leaves its file behind, so that its absence says something."""
    (tmp_path / "canary.py").write_text(CANARY, encoding="utf-8")
    subprocess.run([sys.executable, "-c", "import canary"], cwd=tmp_path, check=True)
    assert (tmp_path / "imported").exists()


@pytest.mark.prove
@pytest.mark.timeout(7200)
def test_a_hundred_thousand_files_of_wrong_structure_are_taken(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Of 100,000 in both forms none raises, takes over a second, renders badly, or runs what it names, whatever is done with it."""
    bench = Bench(folder)
    for seed in range(100_000):
        bench.hold(case(seed))
        if seed % 5_000 == 4_999:
            with capsys.disabled():
                print(f"\n  {seed + 1:,} of 100,000: {bench.tally()}", end="", flush=True)
    bench.untouched()


@pytest.mark.prove
@pytest.mark.timeout(7200)
def test_a_hundred_thousand_nearly_good_files_are_checked(folder: Path) -> None:
    """No mutated file of 100,000 raises anything, renders badly, or takes over a second."""
    slowest = (0.0, 0)
    for seed in range(100_000):
        text = mutated(Random(seed))
        took = timed(text, folder)
        slowest = max(slowest, (took if took < SLOWEST else timed(text, folder), seed))
    assert slowest[0] < SLOWEST, f"seed {slowest[1]} took {slowest[0]:.2f} s"
