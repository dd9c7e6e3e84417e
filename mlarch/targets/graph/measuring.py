"""Texts in pictures: how wide they are without a font, and without what a picture cannot hold.

The widths are those of DejaVu Sans, wider than what most screens take, so that no label is cut off.
"""

from __future__ import annotations

import unicodedata

_NARROW = frozenset("ijlI.,:;'|!()[]{} `")
_WIDE = frozenset("mwMW@%&—…→")


def width_of(text: str, size: float) -> float:
    """Return the width of a text in pixels at a font size in pixels; never less than what is drawn."""
    return size * sum(map(_em, text))


def _em(char: str) -> float:
    if char in _NARROW:
        return 0.39
    if char in _WIDE:
        return 1.0
    if unicodedata.east_asian_width(char) in "WF":
        return 1.05
    if unicodedata.combining(char):
        return 0.0
    return 0.73 if char.isupper() else 0.64


def shortened(text: str, limit: int) -> str:
    """Return a text of at most so many characters: of a longer one the beginning and the end."""
    if len(text) <= limit:
        return text
    return f"{text[: limit - limit // 3 - 1]}…{text[-(limit // 3) :]}"


def printable(text: str) -> str:
    """Return a text without control characters, which XML forbids; line breaks stay."""
    return "".join(char if char.isprintable() or char == "\n" else " " for char in text)
