"""The formatter: one canonical style for architecture files.

Tokens with the comments between them (`tokens`) become the layout's own tree (`reading`, `nodes`), which is printed as lines (`printing`,
`spacing`) that are then aligned (`aligning`). Nothing is reordered, and every word stays as it is written: only the space between words
changes, and the commas that separate statements or end a broken list. `proof` compares the result with what was there.
"""

from __future__ import annotations

from ..diagnostics import Findings
from ..source import Source
from .aligning import aligned
from .printing import printed
from .proof import Changed, prove
from .reading import read
from .tokens import Collected, collected

__all__ = ["Changed", "Collected", "format_source", "formatted"]


def format_source(source: Source, findings: Findings) -> str | None:
    """Return a file's text in the canonical style, or None where it has syntax errors, which are then among the findings.

    Lines end in a line feed, and the file has no byte order mark. Raises Changed when the result would not say the same with the same
    comments: that is a mistake of the formatter, and its caller writes nothing.
    """
    found = formatted(source, findings)
    return None if found is None else found.document.span.source.text


def formatted(source: Source, findings: Findings) -> Collected | None:
    """Return a file in the canonical style as it is read again, which the proof has done, or None where it has syntax errors.

    Raises Changed as `format_source` does.
    """
    before = collected(source, findings)
    if before is None:
        return None
    text = aligned(printed(read(before.tokens)))
    return before if text == source.text else prove(before, Source(source.name, text, source.path))
