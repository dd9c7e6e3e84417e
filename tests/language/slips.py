"""Slips of the fingers: a name with one letter dropped, doubled, swapped with the next, or hit beside its key."""

from __future__ import annotations

_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")


def neighbours(letter: str) -> str:
    """Return the keys beside a letter in its row, and nothing for what is no letter."""
    row = next((row for row in _ROWS if letter.lower() in row), "")
    at = row.find(letter.lower())
    return row[max(0, at - 1) : at] + row[at + 1 : at + 2] if row else ""


def slipped(word: str) -> list[str]:
    """Return every different word that one slip makes of a name, in a fixed order; the result is never the word itself."""
    found: dict[str, None] = {}
    for at, letter in enumerate(word):
        before, after = word[:at], word[at + 1 :]
        found[before + after] = None
        found[before + letter * 2 + after] = None
        if after:
            found[before + after[0] + letter + after[1:]] = None
        found.update((before + other + after, None) for other in neighbours(letter))
    return [each for each in found if each != word and each and not each[0].isdigit()]
