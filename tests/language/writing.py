"""A small writer of YAML for the tests: the statements of a `.mlarch` text as the front end for YAML wants them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

from mlarch.api import load
from mlarch.architecture.architecture import Architecture
from mlarch.architecture.nodes import abouts
from mlarch.architecture.shapes import VOCABULARY_SHAPES, block_at
from mlarch.language import tree
from mlarch.language.diagnostics import Findings, Severity
from mlarch.language.parser import parse
from mlarch.language.source import Source


def architecture_of(path: Path, *overrides: str) -> Architecture:
    """The architecture of a file without errors."""
    project = load(path, overrides)
    assert [found for found in project.diagnostics if found.severity is Severity.ERROR] == []
    assert project.architecture is not None
    return project.architecture


def errors_of(path: Path, *overrides: str) -> list[tuple[str, str, str]]:
    """Code, place (file name, line and column) and message of each error."""
    found = [item for item in load(path, overrides).diagnostics if item.severity is Severity.ERROR]
    return [(item.code, _place(item.span.place) if item.span else "", item.message) for item in found]


def _place(place: str) -> str:
    return place.rpartition("/")[2]


def as_yaml(text: str) -> str:
    """The YAML that says what a `.mlarch` text says, doc comments aside."""
    body = parse(Source("text", text), Findings()).body
    return yaml.safe_dump(_mapping(body, ()), sort_keys=False, allow_unicode=True, width=60)


def _mapping(body: Iterable[tree.Statement], path: tuple[str, ...]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for each in body:
        match each:
            case tree.Block(tree.Word("moved"), None):
                made.setdefault("moved", []).append(_mapping(each.body, ("moved",)))
            case tree.Block(kind, None):
                made[kind.text] = _body(each, (*path, kind.text))
            case tree.Block(kind, tree.Word() as name):
                inner = () if kind.text == "overlay" else (*path, kind.text)
                made.setdefault(kind.text, {})[name.text] = _mapping(each.body, inner)
            case tree.Attribute(None, name, value):
                made[name.text] = _value(value, path, name.text)
            case tree.Attribute(tree.Word() as label, name, value):
                made.setdefault(label.text, {})[name.text] = _text(value)
            case tree.Constraint(None, tree.Binary() as term):
                made[_text(term.left)] = _text(term)[len(_text(term.left)) :].strip()
            case tree.Constraint(tree.Word() as label, term):
                made.setdefault(label.text, []).append(_text(term))
            case tree.TypedName(None, name):
                made[name.text] = _type(each)
            case tree.TypedName(tree.Word() as label, name):
                made.setdefault(label.text, {})[name.text] = _type(each)
            case tree.LabelledString(label, text):
                made.setdefault(label.text, []).append(text.value)
    return made


def _body(block: tree.Block, path: tuple[str, ...]) -> Any:
    """A block of nothing but conditions is a list of them; they may be about the same thing."""
    if VOCABULARY_SHAPES.bare(path) == "conditions" and all(isinstance(each, tree.Constraint) for each in block.body):
        return [_text(each.term) for each in block.body if isinstance(each, tree.Constraint)]
    return _mapping(block.body, path)


def _value(value: tree.Expression, path: tuple[str, ...], key: str) -> Any:
    if isinstance(value, tree.Items):
        return [_value(item, path, key) for item in value.items]
    if isinstance(value, tree.String):
        return value.value
    cls = block_at(path)
    is_setting = cls is not None and key not in abouts(cls)
    return _Plain(_text(value)) if is_setting else _text(value)


def _type(node: tree.TypedName) -> str:
    return node.span.source.text[node.name.span.end : node.span.end].strip(" :")


def _text(node: tree.Expression) -> str:
    """The text of an expression; parentheses around its first or last part are no part of its span, and are added."""
    whole, start, end = node.span.source.text, node.span.start, node.span.end
    while (text := re.sub(r'"([^"\\]|\\.)*"', "", whole[start:end])).count("(") > text.count(")"):
        end = whole.index(")", end) + 1
    while (text := re.sub(r'"([^"\\]|\\.)*"', "", whole[start:end])).count(")") > text.count("("):
        start = whole.rindex("(", 0, start)
    return whole[start:end]


class _Plain(str):
    """A text that is written without quotes: a number, a name."""


def _represent(dumper: yaml.SafeDumper, text: _Plain) -> yaml.ScalarNode:
    return dumper.represent_scalar(dumper.resolve(yaml.ScalarNode, str(text), (True, False)), str(text))


yaml.SafeDumper.add_representer(_Plain, _represent)


def quoted(text: str) -> str:
    """A text of the language, in its quotes."""
    return json.dumps(text, ensure_ascii=False)
