"""Diagnostics as plain data, for programs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..diagnostics import Diagnostic, Fix
from ..source import Span


def to_json(diagnostics: Iterable[Diagnostic]) -> list[dict[str, Any]]:
    """Return the findings as plain data: 1-based lines and columns, end exclusive."""
    return [
        {
            "code": item.code,
            "severity": item.severity.value,
            "message": item.message,
            "caption": item.caption,
            "place": _place(item.span),
            "labels": [{"place": _place(label.span), "text": label.text} for label in item.labels],
            "notes": list(item.notes),
            "helps": list(item.helps),
            "fixes": [fix_to_json(fix) for fix in item.fixes],
        }
        for item in diagnostics
    ]


def fix_to_json(fix: Fix) -> dict[str, Any]:
    """Return an edit as plain data: the text at the place is replaced."""
    return {"title": fix.title, "place": _place(fix.span), "replacement": fix.replacement}


def _place(span: Span | None) -> dict[str, Any] | None:
    if span is None:
        return None
    line, column = span.source.position(span.start)
    end_line, end_column = span.source.position(span.end)
    return {"file": span.source.name, "line": line, "column": column, "end_line": end_line, "end_column": end_column}
