"""The second front end: YAML says the same as text, and gives the same architecture."""

from __future__ import annotations

import json
import re
import shutil
import string
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

import mlarch
from mlarch.architecture.lock import read_lock
from mlarch.language.yaml import text as yaml_text

from .writing import architecture_of, as_yaml, errors_of, quoted

ROOT = Path(__file__).parent.parent.parent
EXAMPLE = ROOT / "examples" / "cancer"
EVERYTHING = ROOT / "tests" / "documents" / "everything.mlarch"
CORPUS = ROOT / "dsl" / "corpus" / "good"
TWIN = Path(__file__).parent / "everything.yaml"

#: A small architecture, to which tests add lines.
SMALL = """\
language: "1.0"
system: {s: {problem: classification, metric: {roc_auc: {baseline: 0.5}}}}
source: {rows: {connector: csv("rows.csv"), schema: {x: float, y: bool}}}
features: {seen: {from: source.rows, feature: {x: log1p(x)}}}
model: {m: {family: logistic_regression, features: [features.seen], label: rows.y == true}}
"""


def write(folder: Path, text: str, name: str = "small.yaml") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


# --- the same architecture -------------------------------------------------------------------------------------------


def test_the_example_is_the_same_in_both_front_ends() -> None:
    """cancer.yaml and cancer.mlarch give equal architectures, doc comments included."""
    assert architecture_of(EXAMPLE / "cancer.yaml") == architecture_of(EXAMPLE / "cancer.mlarch")


def test_every_key_of_the_vocabulary_is_the_same_in_both_front_ends() -> None:
    """The file that sets every key gives the architecture of its YAML twin, in values and in order."""
    text, twin = architecture_of(EVERYTHING), architecture_of(TWIN)
    assert twin == text
    assert list(twin.source["visits"].schema.columns) == list(text.source["visits"].schema.columns)


@pytest.mark.parametrize("path", [EVERYTHING, EXAMPLE / "cancer.mlarch", *sorted(CORPUS.glob("*.mlarch"))], ids=lambda path: path.stem)
def test_a_text_written_as_yaml_says_the_same(path: Path, tmp_path: Path) -> None:
    """Any text can be said in YAML: what a plain YAML writer makes of its statements gives the same architecture."""
    shutil.copytree(CORPUS, tmp_path, dirs_exist_ok=True)
    text = re.sub(r"^\s*##.*$", "", path.read_text(encoding="utf-8-sig"), flags=re.M)
    projects = [mlarch.load(write(tmp_path, said, name)) for said, name in ((text, "twin.mlarch"), (as_yaml(text), "twin.yaml"))]
    assert projects[0].architecture is not None
    assert projects[1].architecture == projects[0].architecture


def test_both_front_ends_give_the_same_build(tmp_path: Path) -> None:
    """Compiled, the two differ in their positions and in nothing that runs."""
    shutil.copytree(EXAMPLE, tmp_path / "cancer", ignore=shutil.ignore_patterns("build", ".mlarch"))
    text, twin = (mlarch.load(tmp_path / "cancer" / f"cancer.{suffix}").compile(tmp_path / suffix) for suffix in ("mlarch", "yaml"))
    locks = [read_lock(build.folder / "architecture.lock.json") for build in (text, twin)]
    assert locks[0].architecture == locks[1].architecture
    assert locks[0].hash == locks[1].hash
    assert locks[0].file.positions != locks[1].file.positions
    served = [yaml.safe_load((build.folder / "serve.yaml").read_text(encoding="utf-8")) for build in (text, twin)]
    assert served[0] == served[1]


def test_a_build_knows_no_place_of_mlarchs_own_files(tmp_path: Path) -> None:
    """A group that comes with mlarch has no path in the lock file, so that the build is the same wherever mlarch is installed."""
    shutil.copytree(EXAMPLE, tmp_path / "cancer", ignore=shutil.ignore_patterns("build", ".mlarch"))
    lock = mlarch.load(tmp_path / "cancer" / "cancer.yaml").compile().lock
    assert [(file.name, file.path) for file in lock.file.files] == [
        ("cancer.yaml", "../../cancer.yaml"),
        ("mlarch/conf/slo/interactive.yaml", None),
    ]
    assert lock.place("deployment.api.slo.p99") == ((tmp_path / "cancer" / "cancer.yaml").resolve(), 42)


_TEXTS = st.text(
    st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp", "Co", "Cn")) | st.sampled_from("\n\t:#'\"[]{}&*!|>%@`\\"), max_size=30
).filter(lambda text: "${" not in text and "\ufeff" not in text)
_NAMES = st.text(string.ascii_letters, min_size=1, max_size=8).filter(lambda name: name not in ("in", "not", "and", "or", "over", "y"))
_SPACED = st.sampled_from(["mean radius", "x-y", "1st", "on", "NO", "a: b", "null"])
_NUMBERS = st.sampled_from(["1", "0.5", "1e-3", "1_000", "12.50", "-2", "-0.25", "true", "false", "null", "NO", "off", "word"])


@given(
    overview=_TEXTS,
    owners=st.lists(_TEXTS, min_size=1, max_size=3),
    categories=st.lists(_TEXTS, max_size=3, unique=True),
    column=_NAMES | _SPACED,
    setting=_NUMBERS,
)
@settings(max_examples=150, deadline=None)
def test_whatever_a_text_holds_yaml_can_hold(
    tmp_path_factory: pytest.TempPathFactory, overview: str, owners: list[str], categories: list[str], column: str, setting: str
) -> None:
    """Texts of any characters, odd column names and settings of every kind come out of YAML as they come out of text."""
    said = f"""language = "1.0"
system s {{ problem = classification, overview = {quoted(overview)}, owners = [{", ".join(map(quoted, owners))}] }}
source rows {{
  connector = csv({quoted(overview)})
  schema {{
    `{column}` : category({", ".join(map(quoted, categories))})
    y : bool
  }}
}}
model m {{ label = rows.y == true, hyperparameters {{ `{column}` = {setting} }} }}
"""
    said = said.replace("category()", "category")
    folder = tmp_path_factory.mktemp("twins")
    text, twin = mlarch.load(write(folder, said, "a.mlarch")), mlarch.load(write(folder, as_yaml(said), "a.yaml"))
    assert text.architecture is not None and text.architecture.system.overview == overview
    assert twin.architecture == text.architecture


# --- scalars ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("written", ["NO", "yes", "1e-3", "12:30:00", "0x10", "010", "1_000", "2024-01-31", "1.10", "+5", "=", "-.inf"])
def test_a_scalar_stays_as_it_is_written(written: str, tmp_path: Path) -> None:
    """What YAML would make a boolean, a number or a time of is a text where the vocabulary wants a text, character for character."""
    path = write(tmp_path, SMALL.replace("problem:", f"overview: {written}, problem:"))
    assert architecture_of(path).system.overview == written


@pytest.mark.parametrize(
    ("written", "meant"),
    [("1e-3", 0.001), ("3", 3), ("0.5", 0.5), ("true", True), ("NO", "NO"), ("null", None), ('"3"', "3"), ("'true'", "true")],
)
def test_a_setting_is_read_like_one_in_text(written: str, meant: object, tmp_path: Path) -> None:
    """A free setting is a number, true, false, null or a name as the language reads it; in quotes it is a text."""
    project = mlarch.load(write(tmp_path, SMALL.replace("family:", f"hyperparameters: {{C: {written}}}, family:")))
    assert project.architecture is not None
    found = project.architecture.model["m"].hyperparameters.values["C"]
    assert (found, type(found)) == (meant, type(meant))


def test_keys_that_yaml_would_read_are_names(tmp_path: Path) -> None:
    """`on`, `NO`, `1` and `null` are names of columns like any other."""
    path = write(tmp_path, SMALL.replace("{x: float,", "{on: float, NO: float, 1: float, null: float, x: float,"))
    assert [column.name for column in architecture_of(path).source["rows"].schema.columns] == ["on", "NO", "1", "null", "x", "y"]


def test_texts_of_several_lines_are_folded_as_yaml_says(tmp_path: Path) -> None:
    """Block scalars are YAML's: `|` keeps its lines, `>` folds them, and an expression may go over several."""
    text = SMALL.replace("{s: {problem: classification, ", "{s: {problem: classification, overview: 'first\n\n  second', ")
    assert architecture_of(write(tmp_path, text)).system.overview == "first\nsecond"
    text = SMALL.replace("label: rows.y == true}}", 'label: "rows.y ==\n  true"}}')
    assert architecture_of(write(tmp_path, text)) == architecture_of(write(tmp_path, SMALL, "other.yaml"))


def test_both_parsers_of_pyyaml_read_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where PyYAML has no compiled parser, its other one gives the same architecture and the same places."""
    compiled = mlarch.load(TWIN)
    monkeypatch.setattr(yaml_text, "_LOADER", yaml.SafeLoader)
    plain = mlarch.load(TWIN)
    assert plain.architecture == compiled.architecture
    places = [{path: span.place for path, span in project.positions.paths.items()} for project in (compiled, plain)]
    assert places[0] == places[1]


# --- the rest of the language ----------------------------------------------------------------------------------------


DOCUMENTED = """\
language: "1.0"
## Of the kind, not of a block.
system:
  s: {problem: classification, metric: {roc_auc: {baseline: 0.5}}}
source:
  ## First.
  ## Second.
  rows:
    connector: csv("rows.csv")
    schema:
      ## A column.
      x: float
      y: bool
features:
  # An ordinary comment.
  seen:
    from: source.rows
    feature:
      ## A feature.
      x: |
        log1p(x)
        ## inside
      z: x + 1
model:
  m: {family: logistic_regression, features: [features.seen], label: rows.y == true}
"""


def test_doc_comments_are_those_above_a_key(tmp_path: Path) -> None:
    """`##` lines above a key are its doc; a single `#`, a comment above the kind and what looks like one inside a text are none."""
    made = architecture_of(write(tmp_path, DOCUMENTED))
    assert (made.system.doc, made.source["rows"].doc, made.features["seen"].doc) == (None, "First.\nSecond.", None)
    assert [column.doc for column in made.source["rows"].schema.columns] == ["A column.", None]
    assert [feature.doc for feature in made.features["seen"].feature.values()] == ["A feature.", None]


def test_parameters_are_put_in_place(tmp_path: Path) -> None:
    """`param:` declares, `param.x` and `${param.x}` use, and the command line gives the value."""
    text = SMALL.replace('csv("rows.csv")', '"csv(\\"${param.folder}/rows.csv\\")"')
    text = text.replace("{family:", "{threshold: param.cut, hyperparameters: {C: '${param.c}'}, family:")
    text += "param:\n  folder: 'string = \"data\"'\n  cut: ratio = 30%\n  c: float\n"
    path = write(tmp_path, text)
    made = architecture_of(path, "param.c=1e-2", "param.cut=40%")
    assert getattr(made.source["rows"].connector, "path", None) == "data/rows.csv"
    assert (made.model["m"].threshold.text, made.model["m"].hyperparameters.values) == ("40%", {"C": 0.01})
    assert [code for code, _, _ in errors_of(path)][:1] == ["MLA007"]


def test_overlays_are_merged_when_they_are_named(tmp_path: Path) -> None:
    """`overlay:` holds the same blocks again, and changes nothing unless it is asked for."""
    path = write(tmp_path, SMALL + "overlay: {strict: {model: {m: {threshold: 0.9}}}}\n")
    assert architecture_of(path) == architecture_of(write(tmp_path, SMALL, "plain.yaml"))
    project = mlarch.load(path, overlays=["strict"])
    assert project.architecture is not None and project.architecture.model["m"].threshold.text == "0.9"


def test_two_conditions_of_an_overlay_on_one_thing_stay_two(tmp_path: Path) -> None:
    """An overlay's `rows >= 7` takes the place of the file's, and its `rows <= 9` stands beside it."""
    text = SMALL.replace("y: bool}}", "y: bool}, expect: [rows >= 1]}")
    text += "overlay: {strict: {source: {rows: {expect: [rows >= 7, rows <= 9]}}}}\n"
    project = mlarch.load(write(tmp_path, text), overlays=["strict"])
    assert project.architecture is not None
    expect = project.architecture.source["rows"].expect
    assert expect is not None
    assert [getattr(each.expression, "function", "") for each in expect.conditions] == [">=", "<="]


def test_each_front_end_imports_the_other(tmp_path: Path) -> None:
    """`import` takes files of both kinds from both kinds, relative to the file that names them, and follows no circle."""
    write(tmp_path, "hardware small { cpu = 3 }\n", "shared/hardware.mlarch")
    write(tmp_path, "import: hardware.mlarch\nhardware: {large: {cpu: 30}}\n", "shared/more.yaml")
    path = write(tmp_path, SMALL + "import: [shared/more.yaml]\n")
    assert {name: each.cpu for name, each in architecture_of(path).hardware.items()} == {"large": 30, "small": 3}
    text = write(tmp_path, 'language = "1.0"\nimport "shared/more.yaml"\nsystem s { problem = regression }\n', "text.mlarch")
    project = mlarch.load(text)
    assert project.architecture is not None and sorted(project.architecture.hardware) == ["large", "small"]
    write(tmp_path, "import: [../small.yaml]\n", "shared/more.yaml")
    assert [code for code, _, _ in errors_of(path)] == ["MLA005"]


# --- the command line ------------------------------------------------------------------------------------------------


def run(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "from mlarch.cli import main; main()", *arguments], cwd=folder, capture_output=True, text=True
    )


def test_check_takes_yaml(tmp_path: Path) -> None:
    """`mlarch check small.yaml --json` says that all is well, and with a mistake where it is."""
    write(tmp_path, SMALL)
    done = run("check", "small.yaml", "--json", folder=tmp_path)
    assert (done.returncode, json.loads(done.stdout)) == (0, {"ok": True, "diagnostics": []})
    write(tmp_path, SMALL.replace("family:", "familly:"))
    done = run("check", "small.yaml", "--json", folder=tmp_path)
    found = json.loads(done.stdout)["diagnostics"][0]
    assert done.returncode == 1
    assert (found["code"], found["place"]["file"], found["place"]["line"], found["place"]["column"]) == ("MLA204", "small.yaml", 5, 13)


def test_a_folder_with_both_has_one_text(tmp_path: Path) -> None:
    """Without FILE the only `.mlarch` file is meant, whether or not a YAML file lies beside it."""
    shutil.copytree(EXAMPLE, tmp_path / "cancer", ignore=shutil.ignore_patterns("build", ".mlarch"))
    done = run("check", folder=tmp_path / "cancer")
    assert (done.returncode, done.stdout) == (0, "cancer.mlarch: no findings in 5 blocks\n")
