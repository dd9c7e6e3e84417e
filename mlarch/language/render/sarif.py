"""Diagnostics as SARIF 2.1.0, the OASIS standard that code scanners and editors read."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import quote

from ..codes import CODES
from ..diagnostics import Diagnostic, Fix
from ..source import Span
from .places import in_words, relative

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_HOME = "https://github.com/mlarch/mlarch"


def to_sarif(diagnostics: Iterable[Diagnostic], main: Path, version: str) -> dict[str, Any]:
    """Return one log with one run of mlarch at a version.

    `main` stands in where a finding has no place in a file (an override, a file that is not there): a scanner drops what has none.
    """
    found = list(diagnostics)
    codes = sorted({item.code for item in found})
    driver = {"name": "mlarch", "semanticVersion": version, "informationUri": _HOME, "rules": [_rule(code) for code in codes]}
    run = {
        "tool": {"driver": driver},
        "invocations": [{"executionSuccessful": True}],
        "columnKind": "unicodeCodePoints",
        "results": [_result(item, codes.index(item.code), main) for item in found],
    }
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(name: str) -> dict[str, Any]:
    code = CODES[name]
    examples = [(title, text) for title, text in (("Wrong", code.wrong), ("Right", code.right)) if text is not None]
    plain = [code.explanation, *(f"{title}:\n{text}" for title, text in examples)]
    markdown = [code.explanation, *(f"{title}:\n```\n{text}\n```" for title, text in examples)]
    return {
        "id": name,
        "shortDescription": {"text": code.title},
        "fullDescription": {"text": code.explanation},
        "help": {"text": "\n\n".join(plain), "markdown": "\n\n".join(markdown)},
        "helpUri": f"{_HOME}/blob/main/docs/reference/codes.md",
    }


def _result(item: Diagnostic, rule: int, main: Path) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": item.code,
        "ruleIndex": rule,
        "level": item.severity.value,
        "message": {"text": in_words(item)},
        "locations": [{"physicalLocation": _place(item.span) or {"artifactLocation": _file(main), "region": {"startLine": 1}}}],
    }
    related = [
        {"id": number, "physicalLocation": place, "message": {"text": label.text}}
        for number, label in enumerate(item.labels)
        if (place := _place(label.span)) is not None
    ]
    fixes = [_fix(fix, fix.span.source.path) for fix in item.fixes if fix.span.source.path is not None]
    return result | ({"relatedLocations": related} if related else {}) | ({"fixes": fixes} if fixes else {})


def _fix(fix: Fix, path: Path) -> dict[str, Any]:
    replacement = {"deletedRegion": _region(fix.span), "insertedContent": {"text": fix.replacement}}
    return {"description": {"text": fix.title}, "artifactChanges": [{"artifactLocation": _file(path), "replacements": [replacement]}]}


def _place(span: Span | None) -> dict[str, Any] | None:
    if span is None or span.source.path is None:
        return None
    return {"artifactLocation": _file(span.source.path), "region": _region(span)}


def _file(path: Path) -> dict[str, str]:
    return {"uri": quote(relative(path)), "uriBaseId": "%SRCROOT%"}


def _region(span: Span) -> dict[str, int]:
    line, column = span.source.position(span.start)
    end_line, end_column = span.source.position(span.end)
    return {"startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column}
