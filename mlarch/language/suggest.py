"""Did you mean: the nearest known name, or none if nothing is near."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known name most like `word`, case aside, or None."""
    by_lower = {name.lower(): name for name in known}
    matches = get_close_matches(word.lower(), by_lower, n=1, cutoff=0.6)
    return by_lower[matches[0]] if matches else None


def names(known: Iterable[str], limit: int = 8) -> str:
    """Return a readable list of what exists: `a`, `b`, `c`, … (12 in all)."""
    every = sorted(known)
    shown = ", ".join(f"`{name}`" for name in every[:limit])
    return shown if len(every) <= limit else f"{shown}, … ({len(every)} in all)"
