"""Diagnostics as people and machines see them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from mlarch.api import load
from mlarch.language.render import render_text, summary, to_json

from .corpus import cases, checked, name_of

TEXT = """language = "1.0"

system s { problem = classify }

hardware h { cpu = 2, cpu = 4 }

source x {
  connector = csv('x.csv')
}

hardware h { cpu = 8 }
"""

GOLDEN = """\
error[MLA209]: `classify` is not one of `classification`, `clustering`, `nlp`, `recommendation`, `regression`, `time_series`, `vision`
 --> FILE:3:22
  |
3 | system s { problem = classify }
  |                      ^^^^^^^^ did you mean `classification`?
  = mlarch explain MLA209

error[MLA206]: `cpu` is defined twice
 --> FILE:5:23
  |
5 | hardware h { cpu = 2, cpu = 4 }
  |                       ^^^^^^^ again
  |              ------- first defined here
  = mlarch explain MLA206

error[MLA105]: a text stands in double quotes
 --> FILE:8:19
  |
8 |   connector = csv('x.csv')
  |                   ^^^^^^^ write `"…"`
  = fix: write `"x.csv"`
  = mlarch explain MLA105

error[MLA206]: `hardware.h` is defined twice
  --> FILE:11:1
   |
11 | hardware h { cpu = 8 }
   | ^^^^^^^^^^ again
  --> FILE:5:1
   |
 5 | hardware h { cpu = 2, cpu = 4 }
   | ^^^^^^^^^^ first defined here
   = mlarch explain MLA206"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """An architecture with four mistakes, in order of the text."""
    path = tmp_path / "wrong.mlarch"
    path.write_text(TEXT, encoding="utf-8")
    return path


def test_text_is_what_compilers_print(file: Path) -> None:
    """Code, message, place, line, caret, label, help and the way to more, a blank line between two findings."""
    found = load(file).diagnostics
    assert render_text(found).replace(file.as_posix(), "FILE") == GOLDEN
    assert summary(found) == "4 errors"


def test_colour_changes_nothing_but_colour(file: Path) -> None:
    """With the escape sequences taken out, the coloured text is the plain one; without being asked there are none."""
    found = load(file).diagnostics
    plain, coloured = render_text(found), render_text(found, color=True)
    assert "\x1b" not in plain and "\x1b[31;1m" in coloured
    assert re.sub(r"\x1b\[[\d;]*m", "", coloured) == plain


def test_a_very_long_line_is_cut_around_the_mistake(tmp_path: Path) -> None:
    """Of a line with 20,000 characters, only those around the caret are shown, and the caret is under the right one."""
    file = tmp_path / "long.mlarch"
    file.write_text('language = "1.0"\nsystem s { problem = classification }\nhardware h {' + " " * 9000 + "cpus = 2" + " " * 9000 + "}\n")
    (finding,) = load(file).diagnostics
    _, _, _, line, caret, *_ = render_text([finding]).splitlines()
    assert max(len(line), len(caret)) < 220
    assert line[caret.index("^") : caret.rindex("^") + 1] == "cpus"


def test_a_tab_moves_the_caret_as_it_moves_the_text(tmp_path: Path) -> None:
    """What stands before the caret has the tabs of the line, so that both are shown alike."""
    file = tmp_path / "tabs.mlarch"
    file.write_text('language = "1.0"\nsystem s { problem = classification }\n\thardware\th { cpus = 2 }\n')
    rendered = render_text(load(file).diagnostics)
    assert "\n3 | \thardware\th { cpus = 2 }\n  | \t        \t    ^^^^ " in rendered


def test_a_finding_without_a_place_has_no_excerpt(tmp_path: Path) -> None:
    """A missing file is said in a line and a help."""
    (finding,) = load(tmp_path / "absent.mlarch").diagnostics
    assert render_text([finding]).splitlines()[0].startswith("error[MLA001]: there is no file ")
    assert "-->" not in render_text([finding])


@pytest.mark.parametrize("case", cases("broken"), ids=name_of)
def test_json_says_all_that_the_text_says(case: Path) -> None:
    """The findings of every broken file are plain data: the same places, captions and helps, and ends not before starts."""
    found = checked(case).diagnostics
    data = json.loads(json.dumps(to_json(found)))
    assert [(each["code"], each["message"]) for each in data] == [(item.code, item.message) for item in found]
    for each, item in zip(data, found, strict=True):
        assert each["helps"] == list(item.helps) and len(each["labels"]) == len(item.labels)
        if item.span is not None:
            place = each["place"]
            assert f"{place['file']}:{place['line']}:{place['column']}" == item.span.place
            assert (place["end_line"], place["end_column"]) >= (place["line"], place["column"])
        assert item.message in render_text([item])
