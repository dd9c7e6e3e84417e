"""Diagnostics for people: as compilers print them, with colour only on a terminal."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Sequence
from typing import TextIO

from ..diagnostics import Diagnostic, Label, Severity
from ..source import Span

_COLOURS = {Severity.ERROR: "31;1", Severity.WARNING: "33;1", Severity.NOTE: "36;1"}
#: Characters of a line that are shown, where no screen says how many.
_WIDTH = 160


def color_wanted(stream: TextIO) -> bool:
    """Tell whether to colour what goes to a stream: only on a terminal, unless NO_COLOR or FORCE_COLOR say otherwise."""
    if os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or (stream.isatty() and os.environ.get("TERM") != "dumb")


def width_of(stream: TextIO) -> int:
    """Return how many characters of a line of text are shown: what a terminal has room for, beside the line's number."""
    return max(40, shutil.get_terminal_size().columns - 10) if stream.isatty() else _WIDTH


def render_text(diagnostics: Iterable[Diagnostic], *, color: bool = False, width: int = _WIDTH) -> str:
    """Return the findings as compilers print them, a blank line between two; longer lines are cut around what is underlined."""
    return "\n\n".join(_Renderer(color, width).diagnostic(item) for item in diagnostics)


def first_of(diagnostics: Sequence[Diagnostic], count: int) -> list[Diagnostic]:
    """Return so many findings in their order, the errors before all else where there are more."""
    errors = [item for item in diagnostics if item.severity is Severity.ERROR]
    others = [item for item in diagnostics if item.severity is not Severity.ERROR]
    kept = {id(item) for item in [*errors, *others][:count]}
    return [item for item in diagnostics if id(item) in kept]


def summary(diagnostics: Iterable[Diagnostic]) -> str:
    """Return `2 errors, 1 warning`, or an empty text."""
    counts = dict.fromkeys(Severity, 0)
    for item in diagnostics:
        counts[item.severity] += 1
    return ", ".join(f"{count} {severity.value}{'s' * (count != 1)}" for severity, count in counts.items() if count)


class _Renderer:
    def __init__(self, color: bool, width: int) -> None:
        self.color = color
        self.width = width

    def paint(self, text: str, code: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.color else text

    def diagnostic(self, item: Diagnostic) -> str:
        paint = _COLOURS[item.severity]
        lines = [self.paint(f"{item.severity.value}[{item.code}]", paint) + self.paint(f": {item.message}", "1")]
        places = [span for span in (item.span, *(label.span for label in item.labels)) if span is not None]
        width = max((len(str(_line(span))) for span in places), default=1)
        if item.span is not None:
            lines += self._excerpt(item.span, item.caption, width, paint)
        for label in item.labels:
            lines += self._label(label, item.span, width)
        margin = " " * width + " "
        for note in item.notes:
            lines.append(f"{margin}= note: {note}")
        for help in item.helps:
            lines.append(f"{margin}= help: {help}")
        for fix in item.fixes:
            lines.append(f"{margin}= fix: {fix.title}")
        lines.append(f"{margin}= mlarch explain {item.code}")
        return "\n".join(lines)

    def _label(self, label: Label, beside: Span | None, width: int) -> list[str]:
        """A second place: under the same line where it is on it, else with its own."""
        same = beside is not None and beside.source is label.span.source and _line(beside) == _line(label.span)
        if same and len(label.span.source.line(_line(label.span))) <= self.width:
            return [self._underlined(label.span, label.text, width, "36;1", "-")]
        return self._excerpt(label.span, label.text, width, "36;1")

    def _excerpt(self, span: Span, caption: str, width: int, paint: str) -> list[str]:
        number, column = span.source.position(span.start)
        shown, _ = _window(span.source.line(number), column - 1, self.width)
        return [
            self.paint(" " * width + "-->", "34;1") + f" {span.place}",
            self._bar(width),
            self.paint(f"{number:>{width}} |", "34;1") + f" {shown}".rstrip(),
            self._underlined(span, caption, width, paint, "^"),
        ]

    def _underlined(self, span: Span, caption: str, width: int, paint: str, sign: str) -> str:
        number, column = span.source.position(span.start)
        line = span.source.line(number)
        shown, shift = _window(line, column - 1, self.width)
        length = max(1, min(span.end, span.start + len(line) - column + 1) - span.start)
        pad = "".join("\t" if char == "\t" else " " for char in shown[: column - 1 - shift])
        carets = sign * min(length, max(1, self.width - len(pad)))
        return f"{self._bar(width)} {pad}{self.paint(f'{carets} {caption}'.rstrip(), paint)}"

    def _bar(self, width: int) -> str:
        return self.paint(" " * width + " |", "34;1")


def _line(span: Span) -> int:
    return span.source.position(span.start)[0]


def _window(line: str, column: int, width: int) -> tuple[str, int]:
    """Cut a very long line around the place that matters."""
    if len(line) <= width:
        return line, 0
    start = max(0, min(column - width // 2, len(line) - width))
    return line[start : start + width], start
