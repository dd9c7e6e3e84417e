"""The generated pages of the reference are what the code says today."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import mlarch
from mlarch.architecture.blocks import KINDS, NAMELESS
from mlarch.architecture.families import FAMILIES, family_named
from mlarch.architecture.functions import FUNCTIONS
from mlarch.architecture.nodes import abouts
from mlarch.architecture.quantities import CURRENCIES, DURATIONS, RATIOS, SIZES
from mlarch.architecture.vocabulary import Status
from mlarch.language import tree
from mlarch.language.diagnostics import Findings
from mlarch.language.parsing.parser import parse
from mlarch.language.source import Source
from mlarch.targets.document.examples import FORMS, form_example
from mlarch.targets.document.reference import PAGES
from mlarch.targets.document.support import BEYOND_KEYS

ROOT = Path(__file__).parent.parent.parent

FILE = """\
language = "1.0"
system s {{ problem = classification, metric roc_auc {{ baseline = 0.5 }} }}
source t {{ connector = csv("t.csv"), timestamp = at, entity = who
  schema {{ who : string
    at : timestamp
    x : float
    y : bool }} }}
source other {{ connector = csv("o.csv")
  schema {{ z : float }} }}
features f {{ from = source.t
  feature g = {feature} }}
features h {{ from = source.other
  feature z = z }}
model m {{ family = logistic_regression, features = [{features}], label = t.y }}
evaluation e {{ model = model.m
  require {gate} }}
"""

#: A file for each thing that is planned beside the keys, by its name in the table; the first is carried out whole.
SNIPPETS = {
    "nothing": {},
    "gate functions": {"gate": "worst(recall, by=who) >= 0.5"},
}


@pytest.mark.parametrize("name", PAGES)
def test_the_committed_page_is_the_generated_one(name: str) -> None:
    """A change of the vocabulary, a family, a metric or a code reaches its page: generate them again when this fails."""
    assert (ROOT / "docs" / "reference" / name).read_text(encoding="utf-8") == PAGES[name]()


def test_the_support_page_is_written_by_its_module(tmp_path: Path) -> None:
    """`python -m mlarch.targets.document.support` writes the page into docs/reference of the folder where it is called."""
    subprocess.run([sys.executable, "-m", "mlarch.targets.document.support"], cwd=tmp_path, check=True)
    assert (tmp_path / "docs" / "reference" / "support.md").read_text(encoding="utf-8") == PAGES["support.md"]()


def test_the_language_page_has_every_form_key_call_and_example() -> None:
    """Each kind has its section with each key, its default, and an example of that kind; each form of a statement has an example."""
    page = PAGES["language.md"]()
    sections = {part.split("\n", 1)[0]: part for part in page.split("\n\n## ")[1:]}
    for kind, cls in (KINDS | NAMELESS).items():
        section = sections[f"Block `{kind}`" if kind in NAMELESS else f"Block `{kind} <name>`"]
        for key in abouts(cls):
            (row,) = [line for line in section.splitlines() if line.startswith(f"| `{key}` |")]
            assert row.count(" | ") >= 4
        example = section.split("```mlarch\n")[1].split("\n```")[0]
        findings = Findings()
        (block,) = parse(Source("example", example), findings).body
        assert isinstance(block, tree.Block) and block.kind.text == kind and not findings.items
    for form in FORMS:
        assert f"| {form.replace('_', ' ')} |" in sections["Statements"]
    assert all(f"`{unit}`" in sections["Units"] for unit in (*DURATIONS, *SIZES, *RATIOS, *CURRENCIES))
    assert all(f"| `{name}(" in sections["Calls that are values"] for name in ("csv", "cron", "secret", "autoscale", "windows"))
    assert all(f"| `{function.signature}` |" in sections["Functions and operators of expressions"] for function in FUNCTIONS.values())
    assert "| `threshold` | a number or a ratio | `0.5` |" in page and "| `label` | an expression | — |" in page


def test_the_examples_of_forms_are_of_their_form() -> None:
    """What stands beside a form of the grammar is parsed as that form."""
    for form, (node, labelled) in FORMS.items():
        findings = Findings()
        (found,) = parse(Source("example", form_example(form)), findings).body
        assert not findings.items and type(found) is node and bool(getattr(found, "label", None)) == labelled


def test_the_support_page_has_every_key_and_function_with_its_status() -> None:
    """No key of any block and no named function is missing, and planned ones are called so."""
    sections = {part.split("\n", 1)[0].strip("`"): part for part in PAGES["support.md"]().split("\n## ")[1:]}
    for kind, cls in KINDS.items():
        for key, (_, _, about) in abouts(cls).items():
            (row,) = [line for line in sections[kind].splitlines() if line.startswith(f"| `{key}` |")]
            assert ("| planned |" in row) == (about.status is Status.PLANNED)
            assert all(f"`{member}`" in row for member in about.planned)
    functions = sections["Functions of the feature language"]
    assert all(
        f"| `{function.signature}` |" in functions
        for name, function in FUNCTIONS.items()
        if name.isidentifier() and name not in ("and", "or", "not", "neg")
    )


@pytest.mark.parametrize("planned", SNIPPETS)
def test_what_is_said_to_be_planned_is_refused(planned: str, tmp_path: Path) -> None:
    """Each construct that the page lists beside the keys is valid and not carried out; without any of them the file compiles."""
    file = tmp_path / "t.mlarch"
    file.write_text(FILE.format(**{"feature": "x", "features": "features.f", "gate": "roc_auc >= 0.5", **SNIPPETS[planned]}))
    project = mlarch.load(file)
    assert project.ok
    assert ("MLA801" in {found.code for found in project.refusals}) == (planned in BEYOND_KEYS)


def test_every_planned_construct_is_tried() -> None:
    """The snippets above are those of the page."""
    assert {*SNIPPETS} - {"nothing"} == {*BEYOND_KEYS}


def test_the_family_page_has_every_hyperparameter() -> None:
    """Each family has its section, and each of its hyperparameters a row with the default."""
    sections = {part.split("\n", 1)[0].strip("`"): part for part in PAGES["families.md"]().split("\n## ")[1:]}
    assert set(sections) == set(FAMILIES)
    for name in FAMILIES:
        for setting, default in family_named(name).settings({}).items():
            assert f"| `{setting}` | `{'null' if default is None else repr(default)}` |" in sections[name]
