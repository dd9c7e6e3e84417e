"""Nothing that a right file says is ignored: each of its values, changed or taken away, changes what is written or what is planned."""

from __future__ import annotations

from collections import Counter
from pathlib import Path, PurePosixPath

import pytest

import mlarch
from mlarch.architecture.typing import TypeProblem
from mlarch.planning.blast import plan
from mlarch.targets import Emission
from mlarch.targets.document.emit import emit

from ..language.corpus import cases
from ..language.fuzzing import EXAMPLES
from .mutations import changes

EMISSION = Emission("0123456789abcdef", PurePosixPath("../.."), "every.mlarch")


def outcomes(file: Path) -> Counter[str]:
    """Change each value of a file and count what comes of it: another document, another plan, a refusal, or nothing, which fails."""
    architecture = mlarch.load(file).architecture
    assert architecture is not None
    text, came = emit(architecture, EMISSION)["ARCHITECTURE.md"], Counter[str]()
    for at, changed in changes(architecture):
        if changed == architecture:
            came["the same"] += 1  # another spelling of the same value
            continue
        try:
            if plan(architecture, changed).changes:
                came["plan"] += 1
                continue
            told = emit(changed, EMISSION)["ARCHITECTURE.md"] != text
        except (TypeProblem, AssertionError) as problem:
            assert isinstance(problem, TypeProblem) or "checks come before" in str(problem), at
            came["refused"] += 1  # the feature is of something that is not there: `check` says so
            continue
        except KeyError:
            # `check` refuses a family that there is not; a block that is called otherwise than it is found by stands in no file.
            path = at.removesuffix(" taken away")
            assert path.endswith((".name", ".family")), at
            came["refused" if path.endswith(".family") else "impossible"] += 1
            continue
        assert told, f"{file.name}: {at} is another, and nothing shows it"
        came["document"] += 1
    return came


@pytest.mark.parametrize("file", [*EXAMPLES, *cases("good")[::8]], ids=lambda file: file.stem)
def test_each_value_of_a_file_counts(file: Path) -> None:
    """Changed or taken away, each value of the examples and of an eighth of the good files shows in a document or in the plan."""
    came = outcomes(file)
    assert came["document"] + came["plan"] >= 8 and came["impossible"] < 0.15 * came.total()  # the smallest file names 8 other problems


@pytest.mark.prove
def test_each_value_of_every_file_counts(capsys: pytest.CaptureFixture[str]) -> None:
    """The same for every good file of the corpus: some ten thousand changes, none of which is ignored."""
    files = [*EXAMPLES, *cases("good")]
    came = sum((outcomes(file) for file in files), Counter[str]())
    with capsys.disabled():
        print(f"\n  {came.total():,} changes in {len(files)} files: {dict(came)}", end="")
    assert came.total() > 10_000
