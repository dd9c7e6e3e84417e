"""The language comes first: a reader, and a later version of mlarch, must know it before the rest means anything."""

from __future__ import annotations

from collections.abc import Sequence

from . import tree
from .diagnostics import Findings, Fix, Label
from .pieces import in_file
from .source import Source, Span

CODE = "MLA214"


def language_comes_first(source: Source, body: Sequence[tree.Statement], findings: Findings) -> None:
    """Report a `language` line with other statements before it; the fix moves it up."""
    late = next((each for each in body[1:] if is_language(each)), None)
    if late is None or is_language(body[0]):
        return
    labels = (Label(body[0].head if isinstance(body[0], tree.Block) else body[0].span, "stands before it"),)
    told = "`language` is the first line of a file: what stands before it is of no known language"
    start, end = in_file(late.span)
    fixes = _moved_up(source, in_file(body[0].span)[0], start, end)
    findings.error(CODE, told, Span(source, start, end), "not first", labels=labels, fixes=fixes)


def is_language(statement: tree.Statement) -> bool:
    """Tell whether a statement says the language's version."""
    return isinstance(statement, tree.Attribute) and statement.label is None and statement.name.text == "language"


def _moved_up(source: Source, first: int, start: int, end: int) -> tuple[Fix, ...]:
    """The fix that writes the line before the first statement and its comments; nothing where the line holds something else too."""
    text = source.text
    above, line_end = text.rfind("\n", 0, start) + 1, text.find("\n", end) % (len(text) + 1)
    rest = text[end:line_end].strip()
    if text[above:start].strip() or (rest and not rest.startswith("#")):
        return ()
    top = text.rfind("\n", 0, first) + 1
    while top and text.startswith("#", before := text.rfind("\n", 0, top - 1) + 1):
        top = before
    line, after = text[above:line_end].rstrip(), min(line_end + 1, len(text))
    return (Fix("move it to the top", Span(source, top, after), f"{line}\n\n{text[top:above]}"),)
