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
from .tokens import collected

__all__ = ["Changed", "format_source"]


def format_source(source: Source, findings: Findings) -> str | None:
    """Return a file's text in the canonical style, or None where it has syntax errors, which are then among the findings.

    Lines end in a line feed, and the file has no byte order mark. Raises Changed when the result would not say the same with the same
    comments: that is a mistake of the formatter, and its caller writes nothing.
    """
    before = collected(source, findings)
    if before is None:
        return None
    text = aligned(printed(read(before.tokens)))
    if text != source.text:
        prove(before, text)
    return text
