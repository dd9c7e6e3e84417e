"""What a word means is said when a person points at it."""

from __future__ import annotations

import pytest

from .client import Client

SAID = {
    "kind": ("featur|es shape {", ("Named expressions over the columns",)),
    "key": ("  famil|y   =", ("The kind of estimator", "carried out")),
    "unit and default": ("p9|9 < 100ms", ("duration", "`ms`")),
    "member": ("problem  = classif|ication", ("What kind of answer the system gives", "classification")),
    "variant": ("connector = cs|v(", ("Comma-separated values", "separator")),
    "function": ("log1|p(mean_area)", ("log1p(number) -> number", "Natural logarithm of 1 + x")),
    "metric": ("metric roc_a|uc", ("Area under the ROC curve",)),
    "family": ("= logistic_regr|ession", ("logistic_regression", "scikit-learn")),
    "column": ("log1p(mean_ar|ea)", ("mean_area : float in 0..4000", "source.nuclei")),
    "feature": ("feature roundn|ess", ("Area against the area of a circle", "features.shape")),
    "reference": ("[features.sha|pe]", ("features shape", "Over `source.nuclei`")),
    "column type": ("sample_id      : i|d", ("type of a column",)),
}


@pytest.mark.parametrize("word", SAID)
def test_a_word_is_explained(client: Client, cancer: str, word: str) -> None:
    """Each kind of word is explained in the words of the vocabulary or of its own doc comment."""
    place, told = SAID[word]
    found = client.explained(cancer, place)
    for each in told:
        assert each.lower() in found.lower(), found


def test_planned_is_said(client: Client, cancer: str) -> None:
    """A key that is not carried out yet says so."""
    client.edit(cancer, client.texts[cancer].replace("  family   =", "  framework = sklearn\n  family   ="))
    assert "planned" in client.explained(cancer, "  frame|work = sklearn")


def test_a_finding_is_explained(client: Client, cancer: str) -> None:
    """Where something is wrong, the explanation of its code comes first."""
    client.edit(cancer, client.texts[cancer].replace("[features.shape]", "[features.shpe]"))
    found = client.explained(cancer, "[features.sh|pe]")
    assert found.startswith("**MLA203**")


def test_a_hyperparameter_is_explained(client: Client, cancer: str) -> None:
    """A setting says what its family says of it: meaning, default and range."""
    client.edit(cancer, client.texts[cancer].replace("  family   =", "  hyperparameters { C = 0.5 }\n  family   ="))
    assert "Default: `1.0`" in client.explained(cancer, "{ |C = 0.5")


def test_nothing_is_said_of_nothing(client: Client, cancer: str) -> None:
    """An empty line and a comment have no meaning."""
    assert client.explained(cancer, "The small|est") == ""
