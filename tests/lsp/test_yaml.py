"""The YAML form in an editor: the same findings, offers, explanations and renames as in text."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

import mlarch

from .client import Client, Json, applied, position, session, within

EXAMPLE = Path(__file__).parents[2] / "examples" / "cancer" / "cancer.yaml"
TEXT = EXAMPLE.read_text(encoding="utf-8")
COLUMNS = {"mean_area", "diagnosis"}
END = "deployment:\n  api:\n    model: model.classifier\n"


@pytest.fixture(scope="module")
def editor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """An editor in a copy of the example's folder."""
    folder = tmp_path_factory.mktemp("yaml").resolve()
    (folder / "cancer.yaml").write_text(TEXT, encoding="utf-8")
    (folder / "data").mkdir()
    shutil.copy(EXAMPLE.parent / "data" / "breast_cancer.csv", folder / "data")
    with session(folder) as opened:
        opened.open("cancer.yaml")
        yield opened


def written(editor: Client, old: str, new: str) -> Json:
    """Replace a part of the example, and return the place of `|` in what is written instead."""
    (uri,) = editor.texts
    before, _, after = new.partition("|")
    start = TEXT.index(old)
    editor.edit(uri, TEXT[:start] + before + after + TEXT[start + len(old) :])
    return {"textDocument": {"uri": uri}, "position": position(editor.texts[uri], start + len(before))}


#: What is replaced by what, with the cursor at `|`; what is offered there, and what is not.
PLACES: dict[str, tuple[str, str, set[str], set[str]]] = {
    "kinds": ("deployment:", "|\n\ndeployment:", {"source", "training", "param"}, COLUMNS),
    "a kind begun": ("deployment:", "hard|\n\ndeployment:", {"hardware"}, {"model.classifier"}),
    "keys": ("    family: logistic_regression", "    |", {"family", "search"}, {"label", "features", "p99"}),
    "a key begun": ("    family: logistic_regression", "    fam|", {"family"}, {"label"}),
    "members": ("problem: classification", "problem: |", {"classification", "regression"}, {"roc_auc"}),
    "a family": ("family: logistic_regression", "family: log|", {"logistic_regression", "lightgbm"}, COLUMNS),
    "a call": ('csv("data/breast_cancer.csv")', "|", {"csv", "parquet"}, COLUMNS),
    "a data file": ('csv("data/breast_cancer.csv")', 'csv("|")', {"data/breast_cancer.csv"}, COLUMNS),
    "a type": ("mean_radius: float in 0..60", "mean_radius: fl|", {"float", "int"}, COLUMNS),
    "a reference": ("from: source.nuclei", "from: |", {"source.nuclei"}, {"model.classifier"}),
    "a reference by name": ("from: source.nuclei", "from: source.|", {"nuclei"}, {"classifier"}),
    "a reference in a list": ("[features.shape]", "[features.|]", {"shape"}, {"classifier"}),
    "an expression": ("standardize(mean_texture)", "standardize(mean_|)", {*COLUMNS, "log1p"}, {"champion"}),
    "a label": ('nuclei.diagnosis == "malignant"', "nuclei.|", COLUMNS, {"roundness"}),
    "keys in braces": ('{target: ">= 0.95", baseline: 0.80}', "{|}", {"target", "baseline"}, {"problem"}),
    "a second key in braces": (END, f"{END}    slo: {{p50: < 3ms, p|}}\n", {"p95", "p99"}, {"mode"}),
    "a unit in a bound": (END, f'{END}    slo: {{p99: "< 50|"}}\n', {"ms", "s"}, {"GB"}),
    "inner keys": (END, f"{END}    slo:\n      p|\n", {"p50", "throughput"}, {"mode"}),
    "hyperparameters": (
        "    family: logistic_regression",
        "    family: logistic_regression\n    hyperparameters:\n      |",
        {"C"},
        {"num_leaves", "family"},
    ),
    "a gate in a list": (END, f"{END}\nevaluation:\n  gate:\n    require:\n      - roc|\n", {"roc_auc", "champion"}, COLUMNS),
    "an expectation in a list": ("    schema:", "    expect:\n      - mean(mean_|)\n    schema:", COLUMNS, {"champion"}),
    "a renaming": (END, f"{END}\nmoved: {{from: model.old, to: model.|}}\n", {"classifier"}, {"nuclei"}),
    "several renamings": (END, f"{END}\nmoved:\n  - {{from: model.old, to: model.|}}\n", {"classifier"}, {"nuclei"}),
    "an overlay": (END, f"{END}\noverlay:\n  big:\n    deployment:\n      api:\n        repl|\n", {"replicas"}, {"model.classifier"}),
    "a type of a parameter": (END, f"{END}\nparam:\n  data: str|\n", {"string"}, {"timestamp"}),
    "a metric": ("      roc_auc: {target", "      |\n      roc_auc: {target", {"recall", "f1"}, {"target", "problem"}),
    "a name": ("  classifier:", "  cl|:", set(), {"family", "source"}),
    "a comment": ("# conf/slo", "# mod|", set(), {"model"}),
}


@pytest.mark.parametrize("place", PLACES)
def test_what_fits_is_offered_in_yaml(editor: Client, place: str) -> None:
    """At each place everything that fits is offered, and nothing of another kind, also where the file is no YAML for the moment."""
    old, new, wanted, unwanted = PLACES[place]
    asked = written(editor, old, new)
    found = {each["label"] for each in editor.request("textDocument/completion", asked)["items"]}
    assert wanted <= found, wanted - found
    assert not unwanted & found


#: A place, an offer, and the line that it makes.
MADE = {
    "keys": ("family", "    family: "),
    "kinds": ("source", "source:\n  ${1:name}:\n    $0"),
    "inner keys": ("p99", '      p99: "< $0"'),
    "a second key in braces": ("p99", '    slo: {p50: < 3ms, p99: "< $0"}'),
    "hyperparameters": ("C", "      C: "),
    "a call": ("csv", '    connector: csv("$1")$0'),
    "a reference by name": ("nuclei", "    from: source.nuclei"),
    "a unit in a bound": ("ms", '    slo: {p99: "< 50ms"}'),
}


@pytest.mark.parametrize("place", MADE)
def test_an_offer_is_written_as_yaml(editor: Client, place: str) -> None:
    """What is taken stands as YAML has it: a colon behind a key, a bound in quotes, the rest of the line untouched."""
    label, line = MADE[place]
    asked = written(editor, *PLACES[place][:2])
    (uri,) = editor.texts
    (edit,) = (each["textEdit"] for each in editor.request("textDocument/completion", asked)["items"] if each["label"] == label)
    assert line in applied(editor.texts[uri], [edit])


EXPLAINED = {
    "deploy|ment:": "One place where a model answers",
    "    fam|ily:": "The kind of estimator",
    "logistic_reg|ression": "For classification",
    'cs|v("data': "Comma-separated values",
    "stand|ardize(mean_tex": "Computed: fitted",
    "source.nuc|lei": "source nuclei",
    "standardize(mean_tex|ture)": "float in 0..80",
    "  round|ness:": "Area against the area of a circle",
    "problem: class|ification": "What kind of answer",
    "      roc_|auc": "ROC",
    "{tar|get:": "What the system aims at",
}


@pytest.mark.parametrize("place", EXPLAINED)
def test_what_stands_there_is_explained_in_yaml(editor: Client, place: str) -> None:
    """Kinds, keys, members, families, calls, functions and declared names say what they are."""
    (uri,) = editor.texts
    editor.edit(uri, TEXT)
    assert EXPLAINED[place] in editor.explained(uri, place)


def test_findings_and_fixes_are_those_of_the_check(editor: Client) -> None:
    """A misspelt key is marked in its place, and its fix mends the line."""
    (uri,) = editor.texts
    written(editor, "family: logistic", "famly: logistic|")
    (found,) = [each for each in editor.fresh(uri) if each["severity"] == 1]
    assert within(editor.texts[uri], found["range"]).startswith("famly")
    asked = {"textDocument": {"uri": uri}, "range": found["range"], "context": {"diagnostics": []}}
    (action,) = editor.request("textDocument/codeAction", asked)
    assert editor.apply(action["edit"]["changes"])[uri] == TEXT


def test_yaml_of_other_tools_is_left_alone(editor: Client) -> None:
    """A YAML file that does not say the language is none of ours: no finding, no offer."""
    uri = editor.uri("cancer.yaml")
    other = editor.open("dagster.yaml", "telemetry:\n  enabled: false\nmod\n")
    assert editor.fresh(other) == []
    assert editor.names(other, "mod|") == []
    editor.close(other)
    assert list(editor.texts) == [uri]


def test_a_name_leads_to_its_declaration_in_yaml(editor: Client) -> None:
    """A reference, a column in an expression and a feature are found where they are declared."""
    (uri,) = editor.texts
    editor.edit(uri, TEXT)
    for place, declared in (("source.nuc|lei", "  |nuclei:"), ("log1p(mean_|area)", "      |mean_area:"), ("features.sha|pe", "  |shape:")):
        found = editor.request("textDocument/definition", editor.at(uri, place))
        assert found["range"]["start"] == editor.at(uri, declared)["position"]


RENAMED = {"block": ("model.class|ifier", "judge"), "column": ("log1p(mean_|area)", "extent"), "feature": ("  round|ness:", "circle")}


@pytest.mark.parametrize("what", RENAMED)
def test_a_renamed_yaml_checks_clean(editor: Client, tmp_path: Path, what: str) -> None:
    """A new name is written in every use, and the architecture is as right as it was."""
    (uri,) = editor.texts
    editor.edit(uri, TEXT)
    place, new = RENAMED[what]
    old = within(TEXT, editor.request("textDocument/prepareRename", editor.at(uri, place)))
    changes = editor.request("textDocument/rename", {**editor.at(uri, place), "newName": new})["changes"]
    text = editor.apply(changes)[uri]
    (tmp_path / "cancer.yaml").write_text(text, encoding="utf-8")
    assert f"{old}:" not in text and f"{new}:" in text
    assert [item.message for item in mlarch.load(tmp_path / "cancer.yaml").diagnostics] == []


def test_a_parameter_is_renamed_in_yaml(editor: Client) -> None:
    """A parameter is named by all of a value, in a part of a text, and by its path."""
    (uri,) = editor.texts
    new = TEXT.replace(
        "deployment:", 'param:\n  data: string = "data"\n  cores: int = 2\n\nhardware:\n  h: {cpu: "${param.cores}"}\n\ndeployment:'
    )
    new = new.replace('csv("data/', 'csv("${param.data}/')
    editor.edit(uri, new)
    for place, name in (("  da|ta: string", "folder"), ("  cor|es: int", "cpus")):
        changes = editor.request("textDocument/rename", {**editor.at(uri, place), "newName": name})["changes"]
        editor.edit(uri, editor.apply(changes)[uri])
    assert '"${param.folder}/breast' in editor.texts[uri] and '{cpu: "${param.cpus}"}' in editor.texts[uri]
    assert [each for each in editor.fresh(uri) if each["severity"] == 1] == []


def test_symbols_of_yaml(editor: Client) -> None:
    """The outline has the blocks by name, each with what it declares."""
    (uri,) = editor.texts
    editor.edit(uri, TEXT)
    found = editor.request("textDocument/documentSymbol", {"textDocument": {"uri": uri}})
    assert {"cancer", "nuclei", "shape", "classifier", "api"} <= {each["name"] for each in found}
    (shape,) = [each for each in found if each["name"] == "shape"]
    assert "roundness" in {each["name"] for each in shape["children"]}


def test_a_config_group_is_checked_where_it_is_taken(tmp_path: Path) -> None:
    """A mistake in a config group that is open is marked there while it is typed, by the architecture that takes it."""
    folder = tmp_path.resolve()
    (folder / "conf" / "slo").mkdir(parents=True)
    (folder / "conf" / "slo" / "mine.yaml").write_text('p99: "< 100ms"\n', encoding="utf-8")
    (folder / "cancer.yaml").write_text(TEXT.replace("interactive", "mine"), encoding="utf-8")
    with session(folder) as opened:
        assert opened.fresh(opened.open("cancer.yaml")) == []
        group = opened.open("conf/slo/mine.yaml")
        assert opened.fresh(group) == []
        opened.edit(group, 'p9: "< 100ms"\n')
        assert opened.codes(group) == ["MLA204"]
        opened.edit(group, 'p99: "< 100ms"\n')
        assert opened.fresh(group) == []
