"""From rows to text: neighbours' operators stand below one another, and so do comments at the ends of lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from .printing import WIDTH, Row

#: Where a comment at the end of a line begins, counted from 0: a margin of notes that does not move when code changes.
MARGIN = 58


def aligned(rows: Sequence[Row]) -> str:
    """Return the text of a file."""
    code = [_text(row, 0) for row in rows]
    for run in _runs_of_forms(rows):
        width = max(_head(rows[index]) for index in run)
        if not any(_pushed_out(rows[index], width) for index in run):
            for index in run:
                code[index] = _text(rows[index], width - _head(rows[index]))
    for run in _runs_of_notes(rows):
        column = max(MARGIN, *(len(code[index]) + 2 for index in run))
        for index in run:
            code[index] = f"{code[index]:{column}}{rows[index].comment}"
    return "".join(("\n" if row.blank else "") + line + "\n" for row, line in zip(rows, code, strict=True))


def _text(row: Row, padding: int) -> str:
    if row.is_comment:
        return " " * row.indent + (row.comment or "")
    return " " * row.indent + row.head + (" " * (padding + 1) if row.head and row.rest else "") + row.rest


def _head(row: Row) -> int:
    """How wide the head is; of an operator with two characters, the first one counts as its head, so that all end below one another."""
    return len(row.head) + (len(row.rest.partition(" ")[0]) - 1 if row.form.startswith("condition") else 0)


def _pushed_out(row: Row, width: int) -> bool:
    """Tell whether alignment would make a row too long that is not so by itself."""
    return row.column <= WIDTH < row.column + width - _head(row)


def _runs_of_forms(rows: Sequence[Row]) -> Iterator[list[int]]:
    """Yield the rows to align with one another. A comment above a row does not part it from its neighbours; a blank line does."""
    run: list[int] = []
    for index, row in enumerate(rows):
        if run and (row.blank or (not row.is_comment and not _alike(row, rows[run[-1]]))):
            yield run
            run = []
        if row.form:
            run.append(index)
    if run:
        yield run


def _alike(row: Row, other: Row) -> bool:
    """Tell whether two neighbours are aligned: those of one form are, and an attribute with a condition that has no label."""
    forms = sorted((row.form, other.form))
    alike = forms[0] == forms[1] or (forms[0] == "attribute 1" and forms[1].startswith("condition 1"))
    return row.indent == other.indent and alike


def _runs_of_notes(rows: Sequence[Row]) -> Iterable[list[int]]:
    """Return the rows with comments at their ends, neighbours together."""
    noted = [index for index, row in enumerate(rows) if row.comment is not None and not row.is_comment]
    runs = [noted[:1]] if noted else []
    for before, index in pairwise(noted):
        if index == before + 1 and not rows[index].blank:
            runs[-1].append(index)
        else:
            runs.append([index])
    return runs
