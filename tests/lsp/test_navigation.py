"""From a name to its declaration, to its uses, and to another name everywhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlarch import api

from .client import Client, applied, session, within
from .conftest import EXAMPLE

MAIN = """\
language = "1.0"

import "sources.mlarch"

param goal : float = 0.5
param who : string = "me"

system cancer {
  overview = "By ${param.who}, for ${param.who}."
  problem  = classification
  metric roc_auc { baseline = param.goal }
}

features shape {
  from = source.nuclei
  feature size  = standardize(mean_area)
  feature twice = shape.size * 2 + nuclei.mean_area
}

model classifier {
  family   = logistic_regression
  features = [features.shape]
  label    = nuclei.diagnosis == "malignant"
}

deployment api { model = model.classifier }

overlay prod {
  model classifier { threshold = 0.4 }
}
"""
SOURCES = """\
source nuclei {
  connector = csv("data.csv")
  timestamp = taken_at
  schema {
    mean_area : float in 0..4000
    taken_at  : timestamp
    diagnosis : category("benign", "malignant")
  }
  expect { mean(mean_area) in 1..4000 }
}
"""


@pytest.fixture
def pair(client: Client) -> tuple[str, str]:
    """Two files, of which the first imports the second; both are open."""
    for name, text in (("main.mlarch", MAIN), ("sources.mlarch", SOURCES)):
        (client.folder / name).write_text(text, encoding="utf-8")
    return client.open("main.mlarch", MAIN), client.open("sources.mlarch", SOURCES)


#: A place in the first file, and what is declared in which file.
DECLARED = {
    "[features.sha|pe]": ("main", "features |shape"),
    "model = model.class|ifier": ("main", "model |classifier {\n  family"),
    "shape.si|ze * 2": ("main", "feature |size"),
    "nuclei.mean_a|rea": ("sources", "|mean_area :"),
    "source.nuc|lei": ("sources", "source |nuclei"),
    "standardize(mean_ar|ea)": ("sources", "|mean_area :"),
    "= param.go|al": ("main", "param |goal"),
    "By ${param.w|ho}": ("main", "param |who"),
}


@pytest.mark.parametrize("place", DECLARED)
def test_a_name_leads_to_its_declaration(client: Client, pair: tuple[str, str], place: str) -> None:
    """Blocks, features, columns and parameters are found where they are declared, in another file too."""
    file, declared = DECLARED[place]
    found = client.request("textDocument/definition", client.at(pair[0], place))
    target = pair[0] if file == "main" else pair[1]
    assert found["uri"] == target
    assert found["range"]["start"] == client.at(target, declared)["position"]


def test_an_import_leads_to_its_file(client: Client, pair: tuple[str, str]) -> None:
    """The text of an import is a way to the file."""
    assert client.request("textDocument/definition", client.at(pair[0], 'import "sour|ces'))["uri"] == pair[1]


def test_uses_are_found_in_all_files(client: Client, pair: tuple[str, str]) -> None:
    """A column is found in its schema, in expectations, features and the label, from either file."""
    wanted = {(pair[1], 4), (pair[1], 8), (pair[0], 15), (pair[0], 16)}
    for place in (client.at(pair[1], "mean_ar|ea :"), client.at(pair[0], "nuclei.mean_ar|ea")):
        found = client.request("textDocument/references", {**place, "context": {"includeDeclaration": True}})
        assert {(each["uri"], each["range"]["start"]["line"]) for each in found} == wanted
        fewer = client.request("textDocument/references", {**place, "context": {"includeDeclaration": False}})
        assert len(fewer) == len(found) - 1


RENAMED = {
    "block": ("model |classifier {", "judge"),
    "block of the other file": ("source.nuc|lei", "cells"),
    "feature": ("feature si|ze", "extent"),
    "column": ("nuclei.mean_ar|ea", "mean area"),
    "parameter in a text": ("param w|ho", "author"),
    "parameter": ("param.go|al", "floor"),
    "key word": ("feature si|ze", "over"),
}


@pytest.mark.parametrize("what", RENAMED)
def test_a_renamed_file_checks_clean(client: Client, pair: tuple[str, str], tmp_path: Path, what: str) -> None:
    """A new name is written in every use, in both files, so that the architecture is as right as it was and the old name is gone."""
    place, new = RENAMED[what]
    asked = client.at(pair[0], place)
    old = within(client.texts[pair[0]], client.request("textDocument/prepareRename", asked))
    changes = client.request("textDocument/rename", {**asked, "newName": new})["changes"]
    texts = {**client.texts, **client.apply(changes)}
    for name, uri in (("main.mlarch", pair[0]), ("sources.mlarch", pair[1])):
        (tmp_path / name).write_text(texts[uri], encoding="utf-8")
    (tmp_path / "before").mkdir()
    (tmp_path / "before" / "main.mlarch").write_text(MAIN, encoding="utf-8")
    (tmp_path / "before" / "sources.mlarch").write_text(SOURCES, encoding="utf-8")
    before, after = api.load(tmp_path / "before" / "main.mlarch"), api.load(tmp_path / "main.mlarch")
    assert [item.code for item in before.diagnostics] == [item.code for item in after.diagnostics]
    assert before.ok
    assert after.ok
    assert not [uri for uri in pair for word in texts[uri].replace("`", " ").split() if word == old]
    assert client.request("textDocument/prepareRename", asked) is not None


REFUSED = {
    "no name": ("model |classifier {", "a.b", "no name"),
    "nothing": ("model |classifier {", "  ", "no name"),
    "quotes": ("model |classifier {", 'x"', "no name"),
    "taken": ("feature si|ze", "twice", "exists already"),
    "taken column": ("nuclei.mean_ar|ea", "taken_at", "exists already"),
    "ambiguous": ("source.nuc|lei", "shape", "exists already"),
    "meaning something": ("nuclei.mean_ar|ea", "true", "with this name, "),
    "parameter": ("param w|ho", "two words", "no name of a parameter"),
    "key": ("  famil|y   =", "kind", "no name here"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_bad_name_is_refused(client: Client, pair: tuple[str, str], what: str) -> None:
    """What is no name, what is taken and what cannot be renamed is refused with the reason."""
    place, new, reason = REFUSED[what]
    answer = client.ask("textDocument/rename", {**client.at(pair[0], place), "newName": new})
    assert reason in answer["error"]["message"]


def test_an_overlay_is_renamed_along(client: Client, pair: tuple[str, str]) -> None:
    """An overlay says the same block again, so that its name changes there too."""
    asked = {**client.at(pair[0], "model = model.class|ifier"), "newName": "judge"}
    changes = client.request("textDocument/rename", asked)["changes"]
    assert applied(client.texts[pair[0]], changes[pair[0]]).count("model judge {") == 2


def test_what_only_an_overlay_declares_is_found(client: Client, pair: tuple[str, str]) -> None:
    """A block that stands in an overlay alone is declared there."""
    added = "\noverlay large {\n  hardware many { cpu = 8 }\n  training t { model = model.classifier, hardware = hardware.many }\n}\n"
    client.edit(pair[0], MAIN + added)
    found = client.request("textDocument/definition", client.at(pair[0], "= hardware.ma|ny"))
    assert found["range"]["start"] == client.at(pair[0], "hardware |many {")["position"]


def test_a_renaming_is_renamed_along(client: Client, pair: tuple[str, str]) -> None:
    """What a `moved` block calls the block now is a use of its name; what it was called before is not."""
    client.edit(pair[0], MAIN + "\nmoved { from = model.judge_of_old, to = model.classifier }\n")
    asked = {**client.at(pair[0], "model = model.class|ifier"), "newName": "judge"}
    changes = client.request("textDocument/rename", asked)["changes"]
    assert "moved { from = model.judge_of_old, to = model.judge }" in applied(client.texts[pair[0]], changes[pair[0]])


def test_names_of_two_architectures_are_kept_apart(tmp_path: Path) -> None:
    """A block of the same name in another architecture beside it is another block."""
    folder = tmp_path.resolve()
    for name in ("one.mlarch", "two.mlarch"):
        (folder / name).write_text(EXAMPLE.read_text(encoding="utf-8"), encoding="utf-8")
    with session(folder) as client:
        one, _ = client.open("one.mlarch"), client.open("two.mlarch")
        changes = client.request("textDocument/rename", {**client.at(one, "model.class|ifier"), "newName": "judge"})["changes"]
    assert list(changes) == [one]
