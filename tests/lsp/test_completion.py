"""What may be written is offered where it may be written, from the one vocabulary."""

from __future__ import annotations

import pytest

from mlarch.architecture.blocks import KINDS
from mlarch.architecture.families import FAMILIES, family_named

from .client import Client, applied, session

#: A line that is put in place of a line of the example, with the cursor at `|`, what is offered there and what is not.
PLACES = {
    "kinds": ("deployment api {", "mod|\n\ndeployment api {", {"model", "source", "import", "param"}, {"family"}),
    "keys": ("  family   = logistic_regression", "  fam|", {"family", "search", "threshold"}, {"model", "features", "label", "log1p"}),
    "inner keys": ("  slo { p99 < 100ms, throughput >= 1000req/s }", "  slo { p|", {"p50", "p99", "throughput"}, {"mode"}),
    "members": ("  problem  = classification", "  problem = cl|", {"classification", "regression"}, {"roc_auc"}),
    "variants": ('  connector = csv("data/breast_cancer.csv")', "  connector = |", {"csv", "parquet", "sql"}, {"mean_area"}),
    "references": ("  model = model.classifier", "  model = |", {"model.classifier"}, {"features.shape"}),
    "reference by name": ("  features = [features.shape]", "  features = [features.|]", {"shape"}, {"classifier"}),
    "families": ("  family   = logistic_regression", "  family = |", set(FAMILIES), {"roc_auc"}),
    "columns and functions": (
        "  feature texture   = standardize(mean_texture)",
        "  feature texture = standardize(mea|)",
        {"mean_texture", "mean_area", "log1p", "standardize"},
        {"champion"},
    ),
    "columns of a source": (
        '  label    = nuclei.diagnosis == "malignant"',
        "  label = nuclei.|",
        {"diagnosis", "mean_area"},
        {"roundness"},
    ),
    "features of a block": (
        "  feature texture   = standardize(mean_texture)",
        "  feature x = shape.|",
        {"roundness", "log_area"},
        {"mean_area"},
    ),
    "column types": ("    sample_id      : id", "    sample_id : |", {"id", "float", "category"}, {"mean_area"}),
    "units of a duration": ("  slo { p99 < 100ms, throughput >= 1000req/s }", "  slo { p99 < 100| }", {"ms", "s", "min"}, {"GiB", "req/s"}),
    "units of a rate": ("  slo { p99 < 100ms, throughput >= 1000req/s }", "  slo { throughput >= 1000r| }", {"req/s"}, {"ms"}),
    "metrics": ("  metric roc_auc { target >= 0.95, baseline = 0.80 }", "  metric r|", {"roc_auc", "recall"}, {"rmse"}),
    "metrics of a gate": (
        "deployment api {",
        "evaluation e {\n  require r|\n}\n\ndeployment api {",
        {"roc_auc", "champion"},
        {"mean_area"},
    ),
    "hyperparameters": (
        "  family   = logistic_regression",
        "  family = logistic_regression\n  hyperparameters {\n    |\n  }",
        set(family_named("logistic_regression").settings({})),
        {"num_leaves", "family"},
    ),
    "parameters": (
        '  overview = "Flags malignant tumours from measurements of cell nuclei."',
        '  overview = "${|"',
        {"param.data"},
        {"classifier"},
    ),
    "renamings": (
        "deployment api {",
        "moved { from = model.old, to = | }\n\ndeployment api {",
        {"model.classifier", "source.nuclei"},
        {"param"},
    ),
    "parameter types": ("deployment api {", "param more : |\n\ndeployment api {", {"string", "int", "duration", "category"}, {"timestamp"}),
    "arguments": ('  connector = csv("data/breast_cancer.csv")', '  connector = csv("x", |)', {"separator"}, {"path", "parquet"}),
}


@pytest.mark.parametrize("place", PLACES)
def test_what_fits_is_offered(client: Client, cancer: str, place: str) -> None:
    """At each kind of place everything that fits is offered, and nothing of another kind."""
    line, written, offered, absent = PLACES[place]
    text = client.texts[cancer].replace('language = "1.0"\n', 'language = "1.0"\n\nparam data : string = "data"\n')
    assert line in text
    client.edit(cancer, text.replace(line, written.replace("|", ""), 1))
    found = set(client.names(cancer, written))
    assert offered <= found, offered - found
    assert not absent & found


def test_nothing_is_offered_in_a_comment(client: Client, cancer: str) -> None:
    """A comment is nobody's business."""
    assert client.names(cancer, "The small|est useful") == []


def test_offers_say_what_they_are(client: Client, cancer: str) -> None:
    """An offered key carries its sentence and the way it is written; taking it leaves a statement that is begun."""
    client.edit(cancer, client.texts[cancer].replace("  family   = logistic_regression", "  fam"))
    items = client.request("textDocument/completion", client.at(cancer, "  fam|\n"))["items"]
    family = next(each for each in items if each["label"] == "family")
    assert family["detail"] == "family = <value>"
    assert "The kind of estimator" in family["documentation"]["value"]
    edit = family["textEdit"]
    assert "\n  family = \n" in applied(client.texts[cancer], [edit])


def test_every_kind_is_offered(client: Client, cancer: str) -> None:
    """The kinds of the vocabulary are all offered at the top of a file, each once."""
    client.edit(cancer, client.texts[cancer] + "\n")
    found = [each for each in client.names(cancer, "1000req/s }\n}\n|") if each in KINDS]
    assert sorted(found) == sorted(KINDS)


def test_an_editor_without_snippets_gets_plain_text(tmp_path_factory: pytest.TempPathFactory) -> None:
    """No placeholder reaches an editor that does not know them."""
    folder = tmp_path_factory.mktemp("plain").resolve()
    with session(folder, snippets=False) as client:
        uri = client.open("new.mlarch", 'language = "1.0"\n\nso')
        items = client.request("textDocument/completion", client.at(uri, "\nso|"))["items"]
    assert items
    assert not any("$" in each["textEdit"]["newText"] for each in items)


def test_a_key_that_is_there_is_not_offered_again(client: Client, cancer: str) -> None:
    """A key can be set once, so that it is offered once; what may stand several times stays."""
    client.edit(cancer, client.texts[cancer].replace("  from = source.nuclei\n", "  from = source.nuclei\n  \n"))
    found = client.names(cancer, "  from = source.nuclei\n  |\n")
    assert "feature" in found
    assert "from" not in found
