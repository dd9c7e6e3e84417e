"""Diagnostics for people (text, with colour only on a terminal) and for machines (JSON)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .diagnostics import Diagnostic, Label, Severity
from .source import Span

_COLOURS = {Severity.ERROR: "31;1", Severity.WARNING: "33;1", Severity.NOTE: "36;1"}
_WIDTH = 160


def render_text(diagnostics: Iterable[Diagnostic], *, color: bool = False) -> str:
    """Return the findings as compilers print them, a blank line between two."""
    return "\n\n".join(_Renderer(color).diagnostic(item) for item in diagnostics)


def summary(diagnostics: Iterable[Diagnostic]) -> str:
    """Return `2 errors, 1 warning`, or an empty text."""
    counts = dict.fromkeys(Severity, 0)
    for item in diagnostics:
        counts[item.severity] += 1
    return ", ".join(f"{count} {severity.value}{'s' * (count != 1)}" for severity, count in counts.items() if count)


class _Renderer:
    def __init__(self, color: bool) -> None:
        self.color = color

    def paint(self, text: str, code: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.color else text

    def diagnostic(self, item: Diagnostic) -> str:
        paint = _COLOURS[item.severity]
        lines = [self.paint(f"{item.severity.value}[{item.code}]", paint) + self.paint(f": {item.message}", "1")]
        width = 1
        if item.span is not None:
            width = len(str(item.span.source.position(item.span.start)[0]))
            lines += self._excerpt(item.span, item.caption, width, paint, "-->")
        for label in item.labels:
            lines += self._label(label, width)
        margin = " " * width + " "
        for note in item.notes:
            lines.append(f"{margin}= note: {note}")
        helps = [*item.helps, *(fix.title for fix in item.fixes)]
        for help in helps:
            lines.append(f"{margin}= help: {help}")
        lines.append(f"{margin}= mlarch explain {item.code}")
        return "\n".join(lines)

    def _label(self, label: Label, width: int) -> list[str]:
        return self._excerpt(label.span, label.text, width, "36;1", "-->")

    def _excerpt(self, span: Span, caption: str, width: int, paint: str, arrow: str) -> list[str]:
        number, column = span.source.position(span.start)
        line = span.source.line(number)
        length = max(1, min(span.end, span.start + len(line) - column + 1) - span.start)
        shown, shift = _window(line, column - 1)
        bar = self.paint(" " * width + " |", "34;1")
        pad = "".join("\t" if char == "\t" else " " for char in shown[: column - 1 - shift])
        caret = self.paint(("^" * min(length, max(1, _WIDTH - len(pad)))) + (f" {caption}" if caption else ""), paint)
        return [
            self.paint(" " * width + arrow, "34;1") + f" {span.place}",
            bar,
            self.paint(f"{number:>{width}} |", "34;1") + f" {shown}",
            f"{bar} {pad}{caret}",
        ]


def _window(line: str, column: int) -> tuple[str, int]:
    """Cut a very long line around the place that matters."""
    if len(line) <= _WIDTH:
        return line, 0
    start = max(0, min(column - _WIDTH // 2, len(line) - _WIDTH))
    return line[start : start + _WIDTH], start


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
            "fixes": [{"title": fix.title, "place": _place(fix.span), "replacement": fix.replacement} for fix in item.fixes],
        }
        for item in diagnostics
    ]


def _place(span: Span | None) -> dict[str, Any] | None:
    if span is None:
        return None
    line, column = span.source.position(span.start)
    end_line, end_column = span.source.position(span.end)
    return {"file": span.source.name, "line": line, "column": column, "end_line": end_line, "end_column": end_column}
