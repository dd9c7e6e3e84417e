"""`mlarch convert`: text becomes YAML and YAML text, the same architecture with the same comments."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

import mlarch
from mlarch.architecture.shapes import VOCABULARY_SHAPES
from mlarch.cli import convert
from mlarch.cli.convert import command
from mlarch.language.converting import Changed, converted, read
from mlarch.language.converting.proof import prove
from mlarch.language.diagnostics import Findings
from mlarch.language.source import Source

from .corpus import CORPUS

ROOT = Path(__file__).parent.parent.parent
EVERYTHING = ROOT / "tests" / "documents" / "everything.mlarch"
FILES = [
    *sorted((CORPUS / "good").rglob("*.mlarch")),
    *sorted(path for path in (ROOT / "examples").glob("*/*") if path.suffix == ".mlarch"),
    EVERYTHING,
]

HEAD = """\
language = "1.0"
system s { problem = classification, metric f1 { baseline = 0.1 } }
source rows { connector = csv("rows.csv"), schema { x : float, y : bool } }
features f { from = source.rows, feature x = x }
"""
MODEL = "model m { family = logistic_regression, features = [features.f], label = rows.y == true }\n"


def other(text: str, name: str) -> str:
    """What a text in the form of a file name is in the other form."""
    findings, to_yaml = Findings(), name.endswith(".mlarch")
    outlined = read(Source(name, text, Path(name)), not to_yaml, VOCABULARY_SHAPES, findings)
    assert outlined is not None, findings.items
    return converted(outlined, to_yaml, VOCABULARY_SHAPES)


def run(*arguments: object) -> tuple[int, str]:
    """The exit code and the output of the command."""
    from mlarch.cli.failures import Ended

    done = CliRunner().invoke(command, [str(each) for each in arguments])
    code = done.exception.code if isinstance(done.exception, Ended) else done.exit_code
    assert done.exception is None or isinstance(done.exception, (Ended, SystemExit)), done.exception
    return code, done.output


@pytest.fixture(params=FILES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def copied(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A file in a copy of its folder."""
    folder = tmp_path / "copy"
    shutil.copytree(request.param.parent, folder, ignore=shutil.ignore_patterns("build", ".mlarch", "data", "__pycache__"))
    return folder / str(request.param.name)


def test_there_and_back_is_the_same_architecture(copied: Path) -> None:
    """Text to YAML to text to YAML: one architecture, all comments at each step, and nothing new in the second round."""
    names = ["round1.yaml", "round2.mlarch", "round3.yaml", "round4.mlarch"]
    before, path = mlarch.load(copied), copied
    for name in names:
        code, said = run(path, "-o", copied.with_name(name))
        assert (code, said.split(" ")[0]) == (0, "wrote"), said
        path = copied.with_name(name)
        assert mlarch.load(path).architecture == before.architecture
        assert _comments(path) == _comments(copied)
    texts = [copied.with_name(name).read_text(encoding="utf-8") for name in names]
    assert (texts[0], texts[1]) == (texts[2], texts[3])


def _comments(path: Path) -> list[str]:
    """The comments of a file whose texts hold no `#`."""
    text = re.sub(r'"(\\.|[^"\\\n])*"', '""', path.read_text(encoding="utf-8-sig"))
    return sorted(found.strip() for found in re.findall(r"(?:^|[ \t{])(#.*)", text, re.M))


def test_the_twin_of_everything_is_what_the_converter_writes() -> None:
    """Every key of the vocabulary is written as people write it: converted, the two forms of one file are each other."""
    twin = ROOT / "tests" / "language" / "everything.yaml"
    once = other(twin.read_text(encoding="utf-8"), "twin.yaml")
    assert other(once, "twin.mlarch") == other(other(other(once, "twin.mlarch"), "twin.yaml"), "twin.mlarch")


COMMENTED = """\
# A header.
#
# With a paragraph.

## Not a doc: a blank line follows.

language = "1.0" # at the end

system s { # opened
  problem = classification # why
  # above
  metric f1 { baseline = 0.1 } # the metric
  # dangling in the system
} # after the brace
# between blocks
source rows {
  connector = csv("rows.csv")
  schema {
    ## The doc.
    x : float
    ## No doc.
    # An ordinary one parts it.
    y : bool # trailing in the schema
  }
  expect {
    # first
    rows >= 1 # one
    # last
  }
}
features f {
  from = source.rows
  feature x = max_of(
    x, # inside
    1,
  )
}
# at the end
"""


def test_each_comment_stays_at_its_statement() -> None:
    """Above, at the end of a line, after a brace, below the last statement: each comment is where it was, in YAML's way."""
    assert (
        other(COMMENTED + MODEL, "a.mlarch")
        == """\
# A header.
#
# With a paragraph.

## Not a doc: a blank line follows.

language: "1.0"  # at the end

system:
  s:  # opened
    problem: classification  # why
    metric:
      # above
      f1: {baseline: 0.1}  # the metric
    # dangling in the system
    # after the brace

source:
  # between blocks
  rows:
    connector: csv("rows.csv")
    schema:
      ## The doc.
      x: float
      ## No doc.
      # An ordinary one parts it.
      y: bool  # trailing in the schema
    expect:
      # first
      - rows >= 1  # one
      # last

features:
  f:
    from: source.rows
    feature:
      # inside
      x: max_of(x, 1)

model:
  # at the end
  m: {family: logistic_regression, features: [features.f], label: rows.y == true}
"""
    )


def test_a_comment_before_a_closing_bracket_is_the_statements() -> None:
    """What stands on a line of its own above the last bracket goes above its statement, and not above the next one."""
    features = "feature a = (\n x\n # why\n) * 2\n feature b = 3 * (\n x\n # how\n)\n feature c = x }"
    said = other(HEAD.replace("feature x = x }", features), "a.mlarch")
    assert "      # why\n      a: x * 2\n      # how\n      b: 3 * x\n      c: x\n" in said


def test_a_doc_comment_of_nothing_stays_so() -> None:
    """Two `#` at the end of a block say nothing of the key that follows in YAML: a blank line parts them."""
    text = HEAD + MODEL.replace("label", "hyperparameters {\n  C = 1\n  ## nobody's\n}\n  label")
    assert "      ## nobody's\n\n    label: rows.y == true\n" in other(text, "a.mlarch")


LANGUAGE = 'language: "1.0"'
YAML = """\
language: "1.0"
## Of the kind: nobody's doc.
system:
  s: {problem: classification, metric: {f1: {baseline: 0.1}}}  # flow
source:  # the sources
  rows:
    connector: 'csv("it''s.csv")'
    schema: {x: float, y: bool}
    # dangling
features:
  f:
    from: source.rows
    feature:  # all of them
      x: |  # folded
        log1p(
          x)
model:
  m:
    family: logistic_regression
    features:
      - features.f  # the only one
    label: rows.y == true
# the end
"""


def test_comments_of_yaml_come_into_the_text() -> None:
    """Comments after keys that a text has not, in lists, in texts of several lines and below everything are kept."""
    assert (
        other(YAML, "a.yaml")
        == """\
language = "1.0"

## Of the kind: nobody's doc.

system s { problem = classification, metric f1 { baseline = 0.1 } }  # flow

# the sources
source rows {
  connector = csv("it's.csv")
  schema { x : float, y : bool }
  # dangling
}

features f {
  from = source.rows
  # folded
  # all of them
  feature x = log1p(x)
}

model m {
  family   = logistic_regression
  features = [features.f]                                 # the only one
  label    = rows.y == true
}

# the end
"""
    )


def test_config_groups_are_composed_in_place(tmp_path: Path) -> None:
    """A `defaults:` list is gone, what it took stands in its place, a comment says so, and the architecture is the same."""
    shutil.copytree(ROOT / "examples" / "cancer", tmp_path / "c", ignore=shutil.ignore_patterns("build", ".mlarch", "data"))
    path, out = tmp_path / "c" / "cancer.yaml", tmp_path / "c" / "composed.mlarch"
    assert run(path, "-o", out)[0] == 0
    text = out.read_text(encoding="utf-8")
    assert text.startswith("# Composed of its own keys and of the config groups slo@deployment.api.slo: interactive.\n")
    assert "p99 < 100ms" in text and "# conf/slo/interactive.yaml, which comes with mlarch" in text
    assert mlarch.load(out).architecture == mlarch.load(path).architecture


def test_a_file_with_errors_is_refused_with_its_diagnostics(tmp_path: Path) -> None:
    """What is wrong is said as `check` says it, nothing is written, and the exit code is 1."""
    path, out = tmp_path / "a.mlarch", tmp_path / "a.yaml"
    path.write_text(HEAD + MODEL.replace("family", "familly"))
    code, said = run(path, "-o", out)
    assert code == 1 and "MLA204" in said and "did you mean `family`?" in said and not out.exists()
    path.write_text(HEAD + "model m {\n")
    assert run(path)[0] == 1


def test_another_file_is_not_overwritten(tmp_path: Path) -> None:
    """A result that is there already is fine, and any other content stays."""
    path, out = tmp_path / "a.mlarch", tmp_path / "a.yaml"
    path.write_text(HEAD + MODEL)
    assert run(path, "-o", out) == (0, f"wrote {out}\n")
    assert run(path, "-o", out) == (0, f"{out} is up to date\n")
    out.write_text("mine")
    code, said = run(path, "-o", out)
    assert code == 1 and "MLA011" in said and out.read_text() == "mine"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [(["--to", "mlarch"], "is mlarch already"), (["-o", "b.mlarch"], "its name ends in .yaml or .yml")],
)
def test_wrong_usage_is_said(arguments: list[str], told: str, tmp_path: Path) -> None:
    """To its own form nothing is converted, and a name must say what the file holds."""
    path = tmp_path / "a.mlarch"
    path.write_text(HEAD + MODEL)
    code, said = run(path, *arguments)
    assert code == 2 and told in said


def test_imports_keep_their_place(tmp_path: Path) -> None:
    """An imported file is not converted, each form imports the other, and the result goes beside the original."""
    (tmp_path / "sub").mkdir()
    path, out = tmp_path / "a.mlarch", tmp_path / "a.yaml"
    path.write_text(HEAD.replace("system", 'import "h.mlarch"\nsystem', 1) + MODEL)
    (tmp_path / "h.mlarch").write_text("hardware h { cpu = 2 } # small\n")
    assert run(path, "-o", out)[0] == 0
    assert "import:\n  - h.mlarch\n" in out.read_text() and "cpu" not in out.read_text()
    code, said = run(path, "-o", tmp_path / "sub" / "a.yaml")
    assert code == 2 and "write a.yaml beside it" in said
    assert run(tmp_path / "h.mlarch") == (0, "hardware:\n  h: {cpu: 2}  # small\n")


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("a.mlarch", HEAD + MODEL + "# bell \x07\n", "U+0007"),
        ("a.yaml", 'source: {r: {connector: csv("r.csv"), schema: {"a`b": float}}}\n', "cannot be said as text"),
        ("a.yaml", 'source: {r: {connector: csv("r.csv"), schema: {x: float}, expect: ["-mean(x) < 3"]}}\n', "cannot be said as text"),
        ("a.yaml", 'source: {r: {connector: csv("r.csv"), schema: {x: float}, expect: ["not mean(x) < 3"]}}\n', "begins with a name"),
        ("a.yaml", YAML.replace(f"{LANGUAGE}\n", "") + f"\n{LANGUAGE}\n", "`language` stands first"),
    ],
)
def test_what_the_other_form_cannot_say_is_said(name: str, text: str, told: str, tmp_path: Path) -> None:
    """No YAML has control characters; no text has a backtick in a name, a condition beginning with a sign or `not`, or a late language."""
    path = tmp_path / name
    path.write_text(text)
    code, said = run(path)
    assert code == 1 and "MLA014" in said and told in said


@pytest.mark.parametrize(
    "wrong", [("# the end", "# The end"), ("0.1", "0.2"), ("## Of the kind: nobody's doc.\n\n", "## Of the kind: nobody's doc.\n")]
)
def test_a_wrong_result_is_noticed(wrong: tuple[str, str]) -> None:
    """A comment that is lost, a value that differs and a comment that becomes a doc do not get past the proof."""
    outlined = read(Source("a.yaml", YAML, Path("a.yaml")), True, VOCABULARY_SHAPES, Findings())
    assert outlined is not None
    text = converted(outlined, False, VOCABULARY_SHAPES)
    assert wrong[0] in text
    with pytest.raises(Changed):
        prove(outlined, text.replace(*wrong), False, VOCABULARY_SHAPES, Path("twin.mlarch"))


@pytest.mark.parametrize("change", [("0.1", "0.2"), ("x: float", "x: int"), ("language", "#language")])
def test_a_result_that_is_another_architecture_is_never_written(
    change: tuple[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Were the converter wrong, the command would end with an internal error, and no file would be there."""
    path, out = tmp_path / "a.mlarch", tmp_path / "a.yaml"
    path.write_text(HEAD + MODEL)
    right = convert.converted
    monkeypatch.setattr(convert, "converted", lambda *arguments: right(*arguments).replace(*change))
    done = CliRunner().invoke(command, [str(path), "-o", str(out)])
    assert isinstance(done.exception, Changed) and not out.exists()


def test_an_overlay_is_compared_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What only an overlay says is part of the comparison."""
    path = tmp_path / "a.mlarch"
    path.write_text(HEAD + MODEL + "overlay strict { model m { threshold = 0.9 } }\n")
    assert run(path)[0] == 0
    right = convert.converted
    monkeypatch.setattr(convert, "converted", lambda *arguments: right(*arguments).replace("0.9", "0.8"))
    done = CliRunner().invoke(command, [str(path)])
    assert isinstance(done.exception, Changed) and "overlay strict" in str(done.exception)


def test_a_parameter_without_a_value_is_converted(tmp_path: Path) -> None:
    """A file that waits for a value from the command line is whole: its parameter is written as it is declared."""
    path = tmp_path / "a.mlarch"
    path.write_text(HEAD.replace("system", "param cut : ratio\nsystem", 1) + MODEL.replace(" }", ", threshold = param.cut }"))
    code, said = run(path)
    assert code == 0 and "param:\n  cut: ratio\n" in said and "threshold: param.cut" in said


def test_settings_and_texts_keep_their_kind() -> None:
    """A text that looks like a number, a truth value or nothing is in quotes in YAML; numbers are not."""
    settings = (
        'model m { family = logistic_regression, features = [features.f], label = rows.y == true, hyperparameters { C = 0.5, a = "1" } }\n'
    )
    said = other(HEAD.replace("problem", 'overview = "null", title = "1.10", problem') + settings, "a.mlarch")
    for part in ('overview: "null"', 'title: "1.10"', "C: 0.5", 'a: "1"'):
        assert part in said
