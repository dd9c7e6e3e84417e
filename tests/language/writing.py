"""What tests of the front ends share: an architecture without errors, the errors of another, and a text as YAML."""

from __future__ import annotations

import json
from pathlib import Path

from mlarch.api import load
from mlarch.architecture.architecture import Architecture
from mlarch.architecture.shapes import VOCABULARY_SHAPES
from mlarch.language.converting import converted, read
from mlarch.language.diagnostics import Findings, Severity
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
    """The YAML that says what a `.mlarch` text says."""
    findings = Findings()
    outlined = read(Source("text", text), False, VOCABULARY_SHAPES, findings)
    assert outlined is not None, findings.items
    return converted(outlined, True, VOCABULARY_SHAPES)


def quoted(text: str) -> str:
    """A text of the language, in its quotes."""
    return json.dumps(text, ensure_ascii=False)
