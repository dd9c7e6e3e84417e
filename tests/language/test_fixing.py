"""`mlarch check --fix`: misspelt names are corrected in the files, and no file is ever made worse."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from mlarch.api import load
from mlarch.cli import group
from mlarch.cli.failures import guarded
from mlarch.language.diagnostics import Diagnostic, Fix, Severity
from mlarch.language.files import holding
from mlarch.language.fixing import applicable, fixed
from mlarch.language.source import Source, Span
from mlarch.language.suggest import correction, replacing

from .corpus import cases, name_of

EVERYTHING = Path(__file__).parent.parent / "documents" / "everything.mlarch"

#: A text of the example, and the same misspelt: kinds, keys, references, members, calls, functions, columns, categories, types, families,
#: hyperparameters, metrics, features.
TYPOS = {
    "kind": ("features shape", "feature shape"),
    "kind in upper case": ("deployment api", "Deployment api"),
    "key": ("overview =", "overveiw ="),
    "key that must be there": ("connector =", "conector ="),
    "inner block": ("slo {", "sol {"),
    "inner key": ("throughput >=", "throughputt >="),
    "reference": ("model = model.classifier", "model = model.clasifier"),
    "reference in a list": ("[features.shape]", "[features.shpae]"),
    "source of features": ("source.nuclei", "source.nuclie"),
    "kind in a reference": ("model = model.classifier", "model = modle.classifier"),
    "member": ("= classification", "= clasification"),
    "member in quotes": ("= classification", '= "classification"'),
    "call": ('csv("data', 'CSV("data'),
    "type": ("mean_area      : float", "mean_area      : flaot"),
    "type of another language": ("mean_area      : float", "mean_area      : double"),
    "function": ("standardize(mean_texture)", "standardise(mean_texture)"),
    "column in a feature": ("log1p(mean_area)", "log1p(mean_aera)"),
    "column in the label": ("nuclei.diagnosis", "nuclei.diagnossis"),
    "category": ('== "malignant"', '== "malignnat"'),
    "family": ("logistic_regression", "logistic_regresion"),
    "metric": ("metric roc_auc", "metric rocauc"),
}
#: The same for what the example does not have: what is added to it, right and misspelt.
ADDED = {
    "hyperparameter": ("hyperparameters { max_iter = 50 }", "hyperparameters { max_itre = 50 }"),
    "hyperparameter in another case": ("hyperparameters { C = 0.5 }", "hyperparameters { c = 0.5 }"),
    "member of an output": ("output = probability", "output = probabilty"),
}
#: The same for gates, which come after all else.
GATES = {
    "metric": ("require roc_auc >= 0.9", "require roc_acu >= 0.9"),
    "metric of the champion": ("require roc_auc >= champion.roc_auc", "require roc_auc >= champiion.roc_auc"),
    "truth": ("gate = false", "gate = fasle"),
}


def errors(file: Path) -> list[Diagnostic]:
    """The errors of a file."""
    return [item for item in load(file).diagnostics if item.severity is Severity.ERROR]


@pytest.mark.parametrize("name", TYPOS)
def test_a_misspelt_name_is_corrected(name: str, project: Path) -> None:
    """After `--fix` the file is what it was before the slip, and checks clean."""
    right = project.read_text(encoding="utf-8")
    old, new = TYPOS[name]
    assert right.count(old) == 1
    project.write_text(right.replace(old, new), encoding="utf-8")
    assert guarded(group, ["check", str(project)]) == 1
    assert guarded(group, ["check", str(project), "--fix"]) == 0
    assert project.read_text(encoding="utf-8") == right


@pytest.mark.parametrize("name", ADDED)
def test_a_misspelt_setting_is_corrected(name: str, project: Path) -> None:
    """Names that a family or an enumeration gives are corrected too."""
    old, new = ADDED[name]
    right = project.read_text(encoding="utf-8").replace("  family   =", f"  {old}\n  family   =")
    project.write_text(right, encoding="utf-8")
    assert guarded(group, ["check", str(project)]) == 0
    project.write_text(right.replace(old, new), encoding="utf-8")
    assert guarded(group, ["check", str(project), "--fix"]) == 0
    assert project.read_text(encoding="utf-8") == right


@pytest.mark.parametrize("name", GATES)
def test_a_misspelt_gate_is_corrected(name: str, project: Path) -> None:
    """Metrics, those of the champion and the words for true and false are corrected in an evaluation."""
    old, new = GATES[name]
    right = project.read_text(encoding="utf-8") + f"evaluation judge {{ model = model.classifier, {old} }}\n"
    project.write_text(right.replace(old, new), encoding="utf-8")
    assert guarded(group, ["check", str(project), "--fix"]) == 0
    assert project.read_text(encoding="utf-8") == right


def test_a_declaration_that_others_disagree_with_is_left_to_a_reader(project: Path) -> None:
    """Where two places use a name and the one that declares it differs, the two are not changed to fit a slip in the one."""
    text = project.read_text(encoding="utf-8").replace("log1p(mean_area)", "log1p(mean_area) + mean_texture")
    project.write_text(text.replace("mean_texture   :", "mean_texure   :"), encoding="utf-8")
    before = project.read_bytes()
    assert guarded(group, ["check", str(project), "--fix"]) == 1
    assert project.read_bytes() == before


def test_slips_that_hide_others_are_corrected_in_one_go(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A block that is read only once its kind is right is corrected inside as well; each fix is said with its place."""
    right = project.read_text(encoding="utf-8")
    wrong = right
    for old, new in (TYPOS[name] for name in ("kind", "function", "column in a feature", "column in the label", "category", "reference")):
        wrong = wrong.replace(old, new)
    project.write_text(wrong, encoding="utf-8")
    assert guarded(group, ["check", str(project), "--fix"]) == 0
    assert project.read_text(encoding="utf-8") == right
    said = capsys.readouterr().err
    assert said.count("fixed ") == 6 and "write `standardize`" in said


def test_line_ends_and_byte_order_marks_are_kept(project: Path) -> None:
    """Nothing but the name changes: not the line ends of Windows, not the mark at the beginning, not the permissions."""
    right = b"\xef\xbb\xbf" + project.read_bytes().replace(b"\n", b"\r\n")
    project.write_bytes(right.replace(b"log1p(mean_area)", b"log1p(mean_aera)"))
    project.chmod(0o640)
    assert guarded(group, ["check", str(project), "--fix"]) == 0
    assert project.read_bytes() == right
    assert project.stat().st_mode & 0o777 == 0o640


def test_imported_files_are_corrected_where_they_stand(project: Path) -> None:
    """The slip is corrected in the file that has it, and the others are not touched."""
    shared = project.with_name("hardware.mlarch")
    shared.write_text('language = "1.0"\nhardware small { cpus = 2 }\n', encoding="utf-8")
    project.write_text(
        project.read_text(encoding="utf-8").replace("system cancer", 'import "hardware.mlarch"\n\nsystem cancer')
        + "training weekly { model = model.classifier, hardware = hardware.small }\n",
        encoding="utf-8",
    )
    before = project.read_bytes()
    assert guarded(group, ["check", str(project), "--fix"]) == 0
    assert "cpu = 2" in shared.read_text(encoding="utf-8") and project.read_bytes() == before


def test_yaml_is_corrected_too(tmp_path: Path) -> None:
    """The other front end has the same fixes, keys and expressions in texts included."""
    source = Path(__file__).parent / "everything.yaml"
    file = tmp_path / "everything.yaml"
    shutil.copy(source, file)
    right = file.read_text(encoding="utf-8")
    key = "connector:" if "connector:" in right else "schema:"
    file.write_text(right.replace(key, f"{key[:3]}{key[4:]}", 1), encoding="utf-8")
    assert errors(file)
    assert guarded(group, ["check", str(file), "--fix"]) == 0
    assert file.read_text(encoding="utf-8") == right


def test_an_override_is_not_a_file(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A slip on the command line is reported, and no file changes."""
    before = project.read_bytes()
    assert guarded(group, ["check", str(project), "model.classifier.family=logistic_regresion", "--fix"]) == 1
    assert project.read_bytes() == before
    assert "did you mean `logistic_regression`?" in capsys.readouterr().err


def test_a_read_only_file_is_refused_with_a_reason(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file that may not be written stays as it was, and the message says why."""
    project.write_text(project.read_text(encoding="utf-8").replace("overview =", "overveiw ="), encoding="utf-8")
    before = project.read_bytes()
    project.chmod(0o444)
    assert guarded(group, ["check", str(project), "--fix"]) == 1
    assert project.read_bytes() == before
    assert "MLA907" in capsys.readouterr().err


def test_a_clean_file_is_left_alone(project: Path) -> None:
    """Nothing to fix, nothing written: not even the time of the file changes."""
    before = project.stat()
    assert guarded(group, ["check", str(project), "--fix"]) == 0
    assert project.stat().st_mtime_ns == before.st_mtime_ns and project.stat().st_ino == before.st_ino


def test_json_says_what_was_fixed(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """For programs the fixes stand beside what is left, with their places before the edit."""
    project.write_text(project.read_text(encoding="utf-8").replace("overview =", "overveiw ="), encoding="utf-8")
    assert guarded(group, ["check", str(project), "--fix", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["ok"] and [each["replacement"] for each in said["fixed"]] == ["overview"]


@pytest.mark.parametrize("case", cases("broken"), ids=name_of)
def test_no_broken_file_gets_worse(case: Path) -> None:
    """Of each architecture of the corpus: fixing leaves fewer errors or nothing changed, and a second time nothing more to do."""

    def recheck(texts: Mapping[Path, str]) -> list[Diagnostic]:
        with holding(texts):
            return load(case).diagnostics

    def count(found: list[Diagnostic]) -> tuple[int, int]:
        return sum(item.severity is Severity.ERROR for item in found), len(found)

    before = recheck({})
    done = fixed(before, recheck)
    assert count(done.diagnostics) < count(before) if done.fixes else (not done.texts and done.diagnostics == before)
    with holding(done.texts):
        again = fixed(done.diagnostics, lambda texts: recheck({**done.texts, **texts}))
    assert again.fixes == ()


def test_fixes_that_only_trade_one_error_for_another_are_not_made(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A correction that leads to as many errors as before is no correction: the file stays as it was, and that is said."""
    text = project.read_text(encoding="utf-8")
    # The name of the column is a slip; as the label it is a text, so that another error takes the place of the first.
    project.write_text(text + "\nfeatures more { from = source.nuclei, feature x = log1p(diagnossis) }\n", encoding="utf-8")
    before = project.read_bytes()
    assert guarded(group, ["check", str(project), "--fix"]) == 1
    assert project.read_bytes() == before
    assert "nothing fixed" in capsys.readouterr().err


def test_overlapping_fixes_are_made_one_at_a_time() -> None:
    """Of two edits of one text the first is made; the next round decides about the other."""
    source = Source("a.mlarch", "one two", Path("a.mlarch"))
    spans = (Span(source, 0, 3), Span(source, 2, 7), Span(source, 0, 3), Span(source, 4, 7))
    found = [Diagnostic("MLA204", "", span, fixes=(Fix("", span, "x"),)) for span in spans]
    assert [fix.span for fix in applicable(found)] == [spans[0], spans[3]]


@pytest.mark.parametrize(
    ("word", "known"),
    [
        ("log10", ["log1p"]),
        ("sin", ["min"]),
        ("card", ["cart"]),
        ("speed_x", ["speed_y"]),
        ("typical", ["atypical"]),
        ("min_area", ["max_area"]),
        ("clicks_3", ["clicks_4"]),
        ("visti", ["visit", "vistia"]),
        ("completely", ["different"]),
    ],
)
def test_what_may_mean_something_else_is_no_slip(word: str, known: list[str]) -> None:
    """A guess that could change what the file says is shown, and never applied by itself."""
    source = Source("a.mlarch", word, Path("a.mlarch"))
    assert correction(word, known, Span(source, 0, len(word))) == ()


def test_a_name_is_written_as_the_language_wants_it() -> None:
    """A name with a space stands in backticks, inside backticks or quotes it stands as it is, and one that stands twice is not touched."""
    for text, word, by, expected in (
        ("log1p(mean_raduis)", "mean_raduis", "mean radius", "log1p(`mean radius`)"),
        ("log1p(`mean raduis`)", "mean raduis", "mean radius", "log1p(`mean radius`)"),
        ('x == "very godo"', "very godo", "very good", 'x == "very good"'),
        ("raduis + raduis", "raduis", "radius", None),
        ("raduisx", "raduis", "radius", None),
    ):
        source = Source("a.mlarch", text, Path("a.mlarch"))
        fixes = replacing(word, by, Span(source, 0, len(text)))
        made = [text[: fix.span.start] + fix.replacement + text[fix.span.end :] for fix in fixes]
        assert made == ([] if expected is None else [expected])


def test_everything_that_the_language_has_is_left_alone() -> None:
    """The file that uses every key has nothing to fix."""
    assert list(applicable(load(EVERYTHING).diagnostics)) == []
