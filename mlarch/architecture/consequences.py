"""What is said of a part of a syntax error follows from it, and is not said."""

from __future__ import annotations

from ..language.diagnostics import Findings
from ..language.pieces import in_file
from ..language.source import Source, Span, SpanIndex


def drop_what_follows(findings: Findings) -> None:
    """Leave out what is said of a part of a syntax error: a value that was read in halves has no meaning of its own."""
    syntax = [item.span for item in findings if item.span is not None and item.code.startswith("MLA1")]
    if syntax:
        files: dict[str, Source] = {}
        wrong = SpanIndex(_in_file(span, files) for span in syntax)
        findings.items = [item for item in findings if item.code[3] not in "23" or not _lies_in(item.span, wrong, files)]


def _lies_in(span: Span | None, wrong: SpanIndex, files: dict[str, Source]) -> bool:
    whole = wrong.last_before(_in_file(span, files)) if span is not None else None
    return whole is not None and span is not None and whole.end >= in_file(span)[1]


def _in_file(span: Span, files: dict[str, Source]) -> Span:
    """Return where a span stands in its file, which may be read in pieces: what is said of all of it stands in none of them."""
    return Span(files.setdefault(span.source.name, span.source), *in_file(span))
