"""Did you mean: the nearest known name, or none if nothing is near."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known name most like `word`, case aside, or None.

    A slip of the fingers (a letter missing, too many, wrong, or two of them swapped) is the nearest, then the only name that begins so,
    then what shares most of its letters.
    """
    by_lower = {name.lower(): name for name in known}
    low = word.lower()
    slips = [(_slips(low, name), abs(len(low) - len(name)), name) for name in by_lower if abs(len(low) - len(name)) <= 2]
    best = min(slips, default=None)
    if best is not None and best[0] <= min(2, len(low) // 3):
        return by_lower[best[2]]
    begun = [name for name in by_lower if len(low) >= 3 and name.startswith(low)]
    if len(begun) == 1:
        return by_lower[begun[0]]
    matches = get_close_matches(low, by_lower, n=1, cutoff=0.6)
    return by_lower[matches[0]] if matches else None


def _slips(one: str, other: str) -> int:
    """Return how many slips lead from one word to the other (optimal string alignment distance)."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, char in enumerate(one, 1):
        last, before, row = before, row, [i]
        for j, there in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (char != there))
            if i > 1 and j > 1 and char == other[j - 2] and one[i - 2] == there:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
    return row[-1]


def names(known: Iterable[str], limit: int = 8) -> str:
    """Return a readable list of what exists: `a`, `b`, `c`, … (12 in all)."""
    every = sorted(known)
    shown = ", ".join(f"`{name}`" for name in every[:limit])
    return shown if len(every) <= limit else f"{shown}, … ({len(every)} in all)"
