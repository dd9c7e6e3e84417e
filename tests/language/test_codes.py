"""The examples of `mlarch explain`: each wrong one is reported with its code, and each right one is not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from mlarch.api import load
from mlarch.language.codes import CODES
from mlarch.language.codes.base import Code

#: What the examples stand in: lines by block, an empty name for the top of the file.
FRAME: dict[str, list[str]] = {
    "": ['language = "1.0"'],
    "system": ["problem = classification", "metric roc_auc { target >= 0.9, baseline = 0.6 }"],
    "source": ['connector = csv("visits.csv")'],
    "source.schema": ["seconds : float", "clicks : int", 'page : category("home", "cart")', "started : timestamp", "bought : bool"],
    "source.expect": ["rows > 10"],
    "features": ["from = source.visits", "feature pace = log1p(seconds)"],
    "model": ["family = logistic_regression", "features = [features.visit]", "label = visits.bought == true"],
    "hardware": ["cpu = 2"],
    "training": ["model = model.buyer", "hardware = hardware.small"],
    "evaluation": ["require roc_auc >= 0.7"],
    "deployment": ["model = model.buyer", "hardware = hardware.small"],
    "deployment.slo": ["p99 < 100ms"],
}
NAMES = {
    **{"system": "visits", "source": "visits", "features": "visit", "model": "buyer", "hardware": "small", "training": "weekly"},
    **{"evaluation": "gate", "deployment": "api"},
}


def framed(example: str, within: str) -> str:
    """The frame with an example in its place; what the example says anew is left out of the frame."""
    said = {_key(line) for line in example.splitlines()}
    blocks = dict(FRAME)
    blocks[within] = [*(line for line in FRAME[within] if _key(line) not in said), *example.splitlines()]
    for block in FRAME:
        if not within and f"{block} {NAMES.get(block)}" in said:
            blocks = {name: lines for name, lines in blocks.items() if name.partition(".")[0] != block}
    if within in ("", "deployment") and "slo" in said:
        del blocks["deployment.slo"]
    text = "\n".join(blocks[""]) + "\n"
    for block, name in NAMES.items():
        if block in blocks:
            inner = [
                f"{each.partition('.')[2]} {{\n" + "\n".join(lines) + "\n}"
                for each, lines in blocks.items()
                if each.startswith(f"{block}.")
            ]
            text += f"{block} {name} {{\n" + "\n".join([*blocks[block], *inner]) + "\n}\n"
    return text


def _key(line: str) -> str:
    """What a line is about: its first words, up to a sign."""
    found = re.match(r"\s*(\w+(?: \w+)?)", line)
    words = found[1].split() if found else [""]
    return " ".join(words) if words[0] in ("feature", *NAMES) else words[0]


def codes_of(text: str, folder: Path) -> set[str]:
    """The codes that a check of a text reports."""
    file = folder / "example.mlarch"
    file.write_text(text, encoding="utf-8")
    return {item.code for item in load(file).diagnostics}


EXAMPLES = [pytest.param(name, code, id=name) for name, code in CODES.items() if code.wrong is not None or code.right is not None]


def test_the_frame_is_clean(tmp_path: Path) -> None:
    """Without an example, nothing is wrong with what the examples stand in."""
    assert codes_of(framed("", ""), tmp_path) == set()


@pytest.mark.parametrize(("name", "code"), EXAMPLES)
def test_the_wrong_example_is_reported(name: str, code: Code, tmp_path: Path) -> None:
    """In the block that it is meant for, the wrong example gets its code."""
    assert code.wrong is not None
    assert name in codes_of(framed(code.wrong, code.within), tmp_path)


@pytest.mark.parametrize(("name", "code"), EXAMPLES)
def test_the_right_example_is_not_reported(name: str, code: Code, tmp_path: Path) -> None:
    """In the same block, the right example does not get the code."""
    assert code.right is not None
    assert name not in codes_of(framed(code.right, code.within), tmp_path)


def test_every_code_that_lines_can_show_has_examples() -> None:
    """A code of syntax, vocabulary, types or the whole has a wrong and a right example, but for what takes a hundred brackets."""
    silent = {name for name, code in CODES.items() if name[3] in "12348" and (code.wrong is None or code.right is None)}
    assert silent == {"MLA107"}
