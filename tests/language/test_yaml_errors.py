"""What is wrong with a YAML file is said once, with file and line, and nothing in it is ever run."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

import mlarch
from mlarch.language.yaml import text as yaml_text

from .test_yaml import SMALL, write
from .writing import errors_of

#: A file that YAML or we do not take -> where it is wrong, and part of what is said.
MALFORMED = {
    "system: {a: 1\nb: 2": ("2:2", "malformed"),
    "a: 1\n\tb: 2": ("2:1", "a tab stands where YAML wants spaces"),
    "a:\n  b: 1\n\tc: 2": ("3:1", "a tab stands where YAML wants spaces"),
    "a:\n  b: 2\n c: 3": ("3:2", "malformed"),
    'a: "open\nb: 1': ("2:4", "malformed"),
    "a: `x`": ("1:4", "malformed"),
    "a: x: y": ("1:5", "malformed"),
    "a: 1\nb: 2\na: 3": ("3:1", "the key `a` stands twice"),
    "s: {a: 1, b: {c: 1, c: 2}}": ("1:21", "the key `c` stands twice"),
    "a: &x 1": ("1:4", "an architecture has no anchors: `&x`"),
    "a: {b: 1}\nc: *b": ("2:4", "an architecture has no aliases: `*b`"),
    "a: {<<: {b: 1}}": ("1:5", "an architecture has no merge keys: `<<`"),
    "a: 1\n---\nb: 2": ("2:1", "a file holds one document"),
    "? [a]\n: 1": ("1:3", "a key is a name"),
    "{a: 1, '': 2}": ("1:8", "a key is a name"),
    'a: !!python/object/apply:os.system ["ls"]': ("1:4", "an architecture has no tags: `!!python/object/apply:os.system`"),
    "a: !secret b": ("1:4", "an architecture has no tags: `!secret`"),
    "a: !!str 1": ("1:4", "an architecture has no tags: `!!str`"),
    "- a\n- b": ("1:1", "an architecture is a mapping of keys"),
    "just text": ("1:1", "an architecture is a mapping of keys"),
    "# nothing\n": ("1:1", "the file holds only comments"),
    "a: \x01": ("1:4", "the character U+0001 stands in no YAML file"),
    "a: " + "[" * 100 + "]" * 100: ("1:68", "the file is nested more than 64 deep"),
    "defaults: base\nlanguage: '1.0'": ("1:1", "`defaults` is a list of config files, not `base`"),
    "defaults: [{a: b, c: d}]": ("1:12", "this names no config file"),
    "defaults: [{a: {b: c}}]": ("1:12", "this names no config file"),
    "defaults: ['${oc.env:HOME}']": ("1:12", "this names no config file"),
    "defaults: [{hardware: '${oc.env:HOME}'}]": ("1:12", "this names no config file"),
    "defaults:\n  - hardware: laptopp": ("2:15", "there is no config file `hardware/laptopp.yaml`"),
    "defaults:\n  - nothing": ("2:5", "there is no config file `nothing.yaml`"),
    "defaults:\n  - bad hardware: laptop": ("1:1", "unsupported keyword 'bad' in defaults list"),
}


@pytest.mark.parametrize("loader", ["CSafeLoader", "SafeLoader"])
@pytest.mark.parametrize("text", MALFORMED, ids=lambda text: text[:30].encode("unicode_escape").decode())
def test_a_file_that_is_not_readable_gets_one_message_with_its_place(
    text: str, loader: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A malformed file, or something of YAML that an architecture has not, is one MLA010 at its line, whichever parser PyYAML has."""
    monkeypatch.setattr(yaml_text, "_LOADER", getattr(yaml, loader))
    place, said = MALFORMED[text]
    found = errors_of(write(tmp_path, text))
    assert [code for code, _, _ in found] == ["MLA010"]
    assert said in found[0][2]
    if "malformed" not in said or loader == "CSafeLoader":  # the two parsers stumble at different characters
        assert found[0][1] == f"small.yaml:{place}"


@pytest.mark.parametrize(
    ("data", "code"), [(b"", "MLA002"), (b"  \n", "MLA002"), (b"a: \xff", "MLA003"), (b"a: 1\0", "MLA003"), (None, "MLA001")]
)
def test_a_file_that_is_no_text_is_said_to_be_none(data: bytes | None, code: str, tmp_path: Path) -> None:
    """A missing, empty or binary YAML file gets the messages that a text file gets."""
    path = tmp_path / "small.yaml"
    if data is not None:
        path.write_bytes(data)
    assert [found[0] for found in errors_of(path)] == [code]


#: A change of the small architecture -> code, place and part of the message of its one error.
MISFITS = {
    ("problem: classification", "problem: clasification"): ("MLA209", "2:23", "`clasification` is not one of"),
    ("problem: classification", "problem: "): ("MLA101", "2:22", "expected a value, found nothing"),
    ("problem: classification", "problem: [classification]"): ("MLA207", "2:23", "found a list"),
    ("problem:", "title: null, problem:"): ("MLA207", "2:21", "`null` says nothing"),
    ("problem:", "title: {a: b}, problem:"): ("MLA212", "2:21", "`title` is a value, not a mapping"),
    ("problem:", "owners: [{a: b}], problem:"): ("MLA212", "2:23", "a list holds values, not mappings"),
    ("problem:", "overview: '${oc.env:HOME}', problem:"): ("MLA007", "2:24", "not `${oc.env:HOME}`"),
    ("{s: {problem: classification, metric: {roc_auc: {baseline: 0.5}}}}", "{problem: regression}"): (
        "MLA212",
        "2:19",
        "`system.problem` is a block, not `regression`",
    ),
    ("{baseline: 0.5}", "{baseline: 0.5, target: 0.9}"): ("MLA212", "2:81", "`target` is a bound"),
    ("{baseline: 0.5}", "{baseline: 0.5, target: '>= 0.9 0'}"): ("MLA100", "2:89", "unexpected number"),
    ("{baseline: 0.5}", "{baseline: 0.5ms}"): ("MLA208", "2:68", "0.5ms"),
    ("metric: {roc_auc: {baseline: 0.5}}", "metric: [roc_auc]"): ("MLA202", "2:47", "each `metric` has a name"),
    ("schema: {x: float, y: bool}", "schema: x"): ("MLA212", "3:53", "`schema` is a block, not `x`"),
    ("x: float", "x: [float]"): ("MLA212", "3:57", "`x` has a type, not a list"),
    ("x: float", "x: flaot"): ("MLA216", "3:57", "there is no column type `flaot`"),
    ("y: bool}", "y: bool}, expect: [[rows >= 1]]"): ("MLA212", "3:83", "a condition is a text, not a list"),
    ("y: bool}", "y: bool}, expect: {rows: '>='}"): ("MLA101", "3:92", "expected a value"),
    ("y: bool}", "y: bool}, refresh: {}"): ("MLA212", "3:83", "`refresh` is a value, not a mapping"),
    ("connector: csv(", "connector: cvs("): ("MLA209", "3:28", "`cvs(…)` is not one of"),
    ("x: log1p(x)}", "x: 'log1p(x '}"): ("MLA100", "4:60", "unexpected end"),
    ("x: log1p(x)}", "x: {a: b}}"): ("MLA212", "4:51", "`x` is a value, not a mapping"),
    ("family:", "familly:"): ("MLA204", "5:13", "`model` has no `familly`"),
    ("family:", "search: {trails: 3}, family:"): ("MLA204", "5:22", "`search` has no `trails`"),
    ("model:", "models: {}\nmodel:"): ("MLA201", "5:1", "there is no block kind `models`"),
    ("model:", "import: {a: b}\nmodel:"): ("MLA212", "5:9", "`import` names files"),
    ("model:", "import: [nothing.yaml]\nmodel:"): ("MLA001", "5:10", "there is no file"),
    ("model:", "param: {p: strng = 3}\nmodel:"): ("MLA216", "5:12", "a parameter has one of the types"),
}


@pytest.mark.parametrize("change", MISFITS, ids=lambda change: change[1][:30])
def test_what_does_not_fit_the_vocabulary_is_said_once_at_its_place(change: tuple[str, str], tmp_path: Path) -> None:
    """A value of the wrong form, a misspelt key, a broken expression: one error, the caret inside the YAML, and none that only follows."""
    code, place, said = MISFITS[change]
    assert change[0] in SMALL
    found = errors_of(write(tmp_path, SMALL.replace(change[0], change[1], 1)))
    assert [(found[0][0], found[0][1])] == [(code, f"small.yaml:{place}")]
    assert said in found[0][2]
    assert len(found) == 1


@pytest.mark.parametrize(
    "written",
    [
        "log1p(lenght(x))",
        "'log1p(lenght(x))'",
        '"log1p(lenght(x))"',
        '"if(\\"🙂ä\\" == \\"b\\", lenght(x), 1)"',
        "'log1p(\n     lenght(x))'",
    ],
)
def test_carets_point_inside_every_kind_of_scalar(written: str, tmp_path: Path) -> None:
    """Plain, quoted, escaped or over several lines, umlauts before it or not: a mistake is shown at its own characters."""
    project = mlarch.load(write(tmp_path, SMALL.replace("log1p(x)", written)))
    assert [item.span.text for item in project.diagnostics if item.span is not None and item.code == "MLA303"] == ["lenght(x)"]


@pytest.mark.parametrize("end", ["cooldown: | ", "cooldown: |\n", "cooldown: >-"])
def test_a_value_of_several_lines_that_is_empty_is_shown_within_the_file(end: str, tmp_path: Path) -> None:
    """Where a file ends in a value without a line, the place of what is missing lies in the file."""
    project = mlarch.load(write(tmp_path, SMALL.rstrip("\n") + f"\nretraining:\n  again:\n    training: training.t\n    {end}"))
    spans = [item.span for item in project.diagnostics if item.span is not None and item.code == "MLA101"]
    assert spans and all(span.end <= len(span.source.text) for span in spans)


def test_nothing_is_constructed_or_resolved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that asks for code to run or for the environment gets neither: the trap file does not appear, the secret is in no message."""
    trap = tmp_path / "trap"
    monkeypatch.setenv("MLARCH_TEST_SECRET", "hush-hush")
    text = SMALL.replace("problem:", "title: '${oc.env:MLARCH_TEST_SECRET}', problem:")
    text += f"hardware: !!python/object/apply:os.system ['touch {trap}']\n"
    path = write(tmp_path, text)
    assert [code for code, _, _ in errors_of(path)] == ["MLA010"]
    path = write(tmp_path, text.replace("!!python/object/apply:os.system", ""))
    project = mlarch.load(path, ['+hardware.x.accelerator="${oc.env:MLARCH_TEST_SECRET}"'])
    assert not project.ok
    assert "hush" not in repr(project.diagnostics) + repr(project.architecture)
    assert not trap.exists()
