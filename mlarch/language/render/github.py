"""Diagnostics as workflow commands of GitHub Actions, which shows them beside the lines of a pull request."""

from __future__ import annotations

from collections.abc import Iterable

from ..diagnostics import Diagnostic, Severity
from ..source import Span
from .places import in_words, relative

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def to_github(diagnostics: Iterable[Diagnostic]) -> str:
    """Return a line for each finding: `::error file=…,line=…,endLine=…,col=…,endColumn=…,title=MLA203::message`."""
    return "\n".join(_command(item) for item in diagnostics)


def _command(item: Diagnostic) -> str:
    properties = {**_place(item.span), "title": item.code}
    said = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{_COMMANDS[item.severity]} {said}::{_data(in_words(item))}"


def _place(span: Span | None) -> dict[str, str]:
    """Where a finding is shown; columns are for spans on one line, as GitHub wants it."""
    if span is None or span.source.path is None:
        return {}
    line, column = span.source.position(span.start)
    end_line, end_column = span.source.position(span.end)
    place = {"file": relative(span.source.path), "line": f"{line}", "endLine": f"{end_line}"}
    return place | ({"col": f"{column}", "endColumn": f"{end_column}"} if line == end_line else {})


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
