"""The JSON Schema of the YAML form: fresh, valid, right about every file that is right, and of use where one is wrong."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from mlarch.architecture.blocks import KINDS, NAMELESS
from mlarch.architecture.misplaced import places
from mlarch.architecture.nodes import abouts
from mlarch.architecture.shapes import VOCABULARY_SHAPES
from mlarch.language.converting import converted
from mlarch.language.converting import read as outline
from mlarch.language.diagnostics import Findings
from mlarch.language.resources import dsl_path
from mlarch.language.source import Source
from mlarch.targets.json_schema.writing import FILE, text

from .reading import read

ROOT = Path(__file__).parent.parent.parent
SCHEMA = json.loads(dsl_path(str(FILE)).read_text(encoding="utf-8"))
WHOLE = [ROOT / "tests" / "language" / "everything.yaml", *(ROOT / "examples").glob("*/*.yaml")]
ARCHITECTURES = [path for path in WHOLE if path.name != "dagster.yaml"]
GROUPS = sorted((ROOT / "conf").rglob("*.yaml"))
TEXTS = [
    *sorted((ROOT / "dsl" / "corpus" / "good").rglob("*.mlarch")),
    *sorted((ROOT / "examples").glob("*/?*.mlarch")),
    ROOT / "tests" / "documents" / "everything.mlarch",
]


def wrong(data: Any, part: str = "") -> list[str]:
    """Return what the schema has against data, or against a file that is merged at a place."""
    schema = {**SCHEMA, **({"properties": {}, "additionalProperties": {"$ref": f"#/$defs/{part}"}} if part else {})}
    return [f"{'.'.join(map(str, each.absolute_path))}: {each.message[:200]}" for each in Draft202012Validator(schema).iter_errors(data)]


def test_the_committed_schema_is_the_generated_one() -> None:
    """A change of the vocabulary reaches the schema: `python -m mlarch.targets.document.reference` writes it anew when this fails."""
    assert dsl_path(str(FILE)).read_text(encoding="utf-8") == text()


def test_the_schema_is_one() -> None:
    """It is valid by the draft that it names, and every reference in it leads somewhere."""
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == Draft202012Validator.META_SCHEMA["$id"]
    assert {each["$ref"].removeprefix("#/$defs/") for each in inner(SCHEMA) if "$ref" in each} == SCHEMA["$defs"].keys()


def inner(node: Any) -> Iterator[dict[str, Any]]:
    """Yield every mapping in a schema."""
    if isinstance(node, dict):
        yield node
        for each in node.values():
            yield from inner(each)
    elif isinstance(node, list):
        for each in node:
            yield from inner(each)


def test_every_key_of_the_vocabulary_is_described() -> None:
    """Whatever a block may say has its sentence in the schema, which an editor shows."""
    for place, cls in [*places(), *NAMELESS.items()]:
        found = SCHEMA["$defs"][place]
        keys = (found["anyOf"][0] if "anyOf" in found else found)["properties"]
        assert {key: each["description"].startswith(abouts(cls)[key][2].doc) for key, each in keys.items()} == {
            key: True for key, (_, _, about) in abouts(cls).items() if not about.bare
        }
    assert all(SCHEMA["properties"][kind]["description"] for kind in KINDS)


@pytest.mark.parametrize("path", ARCHITECTURES, ids=lambda path: path.name)
def test_a_right_file_is_right(path: Path) -> None:
    """The examples and the file with every key have nothing against them."""
    assert wrong(read(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.stem)
def test_a_right_text_is_right_as_yaml(path: Path) -> None:
    """What `mlarch convert` makes of a right file has nothing against it."""
    findings = Findings()
    source = Source(path.name, path.read_text(encoding="utf-8-sig").replace("\r\n", "\n"), path)
    outlined = outline(source, False, VOCABULARY_SHAPES, findings)
    assert outlined is not None, findings.items
    assert wrong(read(converted(outlined, True, VOCABULARY_SHAPES))) == []


@pytest.mark.parametrize("path", GROUPS, ids=lambda path: path.stem)
def test_a_config_group_is_right_at_its_place(path: Path) -> None:
    """A group that comes with mlarch is what it is merged into: hardware by name, or the promises of a deployment."""
    data = read(path.read_text(encoding="utf-8"))
    assert wrong(*((data, "hardware") if path.parent.name == "hardware" else ({"slo": data}, "deployment.slo"))) == []


#: Where, what is written there instead, and what is said against it.
MISTAKES: dict[str, tuple[str, Any, str]] = {
    "unknown kind": ("modle", {}, "'modle' was unexpected"),
    "unknown key": ("model.buyer.thresold", 0.3, "'thresold' was unexpected"),
    "unknown inner key": ("deployment.api.slo.p90", "< 5ms", "'p90' was unexpected"),
    "unknown hyperparameter": ("model.buyer.hyperparameters.num_leafs", 3, "'num_leafs' was unexpected"),
    "unknown metric": ("system.everything.metric.rocauc", {}, "'rocauc' was unexpected"),
    "member misspelt": ("system.everything.problem", "clasification", "is not one of"),
    "family misspelt": ("model.buyer.family", "lightgmb", "is not one of"),
    "boolean as yes": ("governance.rules.audit", "yes", "does not match"),
    "text for a number": ("hardware.small.cpu", "two", "does not match"),
    "fraction for a whole number": ("hardware.small.cpu", 2.5, "is not of type 'integer', 'string'"),
    "size without a unit": ("hardware.small.memory", 6, "is not of type 'string'"),
    "size in minutes": ("hardware.small.memory", "6min", "does not match"),
    "ambiguous unit": ("alert.drift.for", "5m", "is not valid under any"),
    "bound without a comparison": ("deployment.api.slo.p99", "100ms", "does not match"),
    "bound the wrong way": ("deployment.api.slo.p99", "> 100ms", "does not match"),
    "reference to another kind": ("deployment.api.model", "source.visits", "does not match"),
    "reference without a kind": ("deployment.api.model", "buyer", "does not match"),
    "unknown call": ("source.visits.connector", 'cvs("a.csv")', "does not match"),
    "call as a mapping": ("source.visits.connector", {"csv": "a.csv"}, "is not of type 'string'"),
    "unknown type of a column": ("source.visits.schema.visitor", "str", "does not match"),
    "type of a column as a list": ("source.visits.schema.page", ["home", "cart"], "is not of type 'string'"),
    "block instead of a name": ("hardware.cpu", 3, "is not of type 'object'"),
    "value instead of a block": ("training.weekly.split", "time", "is not of type 'object'"),
    "hyperparameter out of range": ("model.buyer.hyperparameters.learning_rate", 7, "greater than the maximum"),
    "number in quotes as a hyperparameter": ("model.buyer.hyperparameters.num_leaves", "seven", "does not match"),
    "later language": ("language", "2.0", "is not one of"),
    "empty": ("model.buyer.family", None, "is not one of"),
    "no key that must be said": ("deployment.third", {"port": 8200}, "'model' is a required property"),
    "no columns": ("source.pages.schema", {}, "should be non-empty"),
    "renaming without an end": ("moved", [{"from": "source.a"}], "is not valid under any"),
}


@pytest.mark.parametrize("what", MISTAKES)
def test_a_mistake_is_refused_at_its_place(what: str) -> None:
    """A typical mistake is marked where it stands, and nothing else is."""
    place, value, said = MISTAKES[what]
    data = read(WHOLE[0].read_text(encoding="utf-8"))
    *parents, last = place.split(".")
    node = data
    for each in parents:
        node = node[each]
    node[last] = value
    found = wrong(data)
    assert len(found) == 1 and said in found[0]
    assert found[0].partition(":")[0] in (place, ".".join(parents))


#: What Hydra and parameters make possible, as changes of the file with every key.
ALLOWED: dict[str, dict[str, Any]] = {
    "defaults": {"defaults": ["base", "_self_", {"slo@deployment.api.slo": "interactive"}, {"hardware": ["a", "b"]}, {"optional x": None}]},
    "parameters": {"param": {"data": 'string = "data"', "cores": "int in 1..8 = 2", "limit": "duration = 5ms"}},
    "a parameter for a number": {"hardware": {"small": {"cpu": "${param.cores}", "memory": "param.memory"}}},
    "a parameter in a text": {"source": {"pages": {"connector": 'csv("${param.data}/a.csv")', "schema": {"a": "float"}}}},
    "imports": {"import": ["hardware.mlarch"]},
    "an overlay that says a part": {"overlay": {"production": {"deployment": {"api": {"port": 9000}}}}},
    "several renamings": {"moved": [{"from": "source.a", "to": "source.b"}, {"from": "model.a", "to": "model.b"}]},
    "one condition alone": {"evaluation": {"judge": {"require": "roc_auc >= 0.7"}}},
    "conditions by what they compare": {
        "source": {"pages": {"connector": 'csv("a.csv")', "schema": {"a": "float"}, "expect": {"rows": ">= 1"}}}
    },
    "a quoted number": {"hardware": {"small": {"cpu": "2"}}},
    "a text that YAML reads as a number": {"model": {"buyer": {"version": 2.1}}},
}


@pytest.mark.parametrize("what", ALLOWED)
def test_what_hydra_composes_is_allowed(what: str) -> None:
    """Defaults lists, parameters, imports, overlays and both ways to write a list are right."""
    assert wrong({"language": "1.0", **copy.deepcopy(ALLOWED[what])}) == []


def test_what_a_config_group_says_need_not_be_said() -> None:
    """In a file with a `defaults` list, a block may lack what the list brings."""
    part = {"language": "1.0", "deployment": {"api": {"port": 8000}}}
    assert len(wrong(part)) == 1 and wrong({**part, "defaults": ["base"]}) == []


def test_the_documented_address_is_that_of_the_schema() -> None:
    """The line that a person copies into a file leads to the schema by its own address."""
    page = (ROOT / "docs" / "howto" / "yaml.md").read_text(encoding="utf-8")
    assert page.count(SCHEMA["$id"]) == 2 and f"# yaml-language-server: $schema={SCHEMA['$id']}\n" in page
    assert SCHEMA["$id"].endswith(f"dsl/{FILE.as_posix()}")
