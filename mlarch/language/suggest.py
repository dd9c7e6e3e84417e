"""Did you mean: the nearest known name, or none if nothing is near."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches
from itertools import zip_longest

from .diagnostics import Fix
from .source import Span

_DIGIT = re.compile(r"\d")
_PART = re.compile(r"[_.\s]+")
_PLAIN = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*")


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


def correction(word: str, known: Iterable[str], span: Span | None) -> tuple[Fix, ...]:
    """Return the fix that writes the known name in place of a misspelt one, which stands once in `span`, or nothing.

    A machine may apply it, so that it is stricter than a guess: `log10` is no slip for `log1p`, nor `speed_x` for `speed_y`.
    """
    meant = [name for name in dict.fromkeys(known) if _same_but_for_a_slip(word, name)]
    return replacing(word, meant[0], span) if len(meant) == 1 else ()


def _same_but_for_a_slip(word: str, name: str) -> bool:
    """Tell whether only case and underscores differ, or a letter in one of the parts, whose numbers and first letters are the same."""
    if word.lower().replace("_", "") == name.lower().replace("_", ""):
        return True
    parts = list(zip_longest(_PART.split(word.lower()), _PART.split(name.lower()), fillvalue=""))
    different = [(one, other) for one, other in parts if one != other]
    return len(different) == 1 and _is_slip(*different[0])


def _is_slip(one: str, other: str) -> bool:
    """Tell whether two letters are swapped, or one is missing, too many or (in a long word) another."""
    if one[:1] != other[:1] or _DIGIT.findall(one) != _DIGIT.findall(other):
        return False
    short, long = sorted((one, other), key=len)
    if len(long) == len(short) + 1:
        return len(long) >= 4 and any(long[:at] + long[at + 1 :] == short for at in range(len(long)))
    if len(long) != len(short):
        return False
    wrong = [at for at in range(len(long)) if long[at] != short[at]]
    if len(wrong) == 2 and wrong[1] == wrong[0] + 1:
        return long[wrong[0]] == short[wrong[1]] and long[wrong[1]] == short[wrong[0]]
    return len(wrong) == 1 and len(long) >= 6


def replacing(word: str, by: str, span: Span | None) -> tuple[Fix, ...]:
    """Return the fix that writes one name in place of another, which stands once in `span`, or nothing."""
    places = [] if span is None else list(re.finditer(rf"(?<!\w){re.escape(word)}(?!\w)", span.text))
    if span is None or len(places) != 1:
        return ()
    at = Span(span.source, span.start + places[0].start(), span.start + places[0].end())
    around = span.source.text[max(0, at.start - 1) : at.start] + span.source.text[at.end : at.end + 1]
    written = by
    if not _PLAIN.fullmatch(by):
        if not set(by).isdisjoint("`\"'\\$\n"):
            return ()
        if around not in ("``", '""', "''"):
            written = f"`{by}`"
    return (Fix(f"write `{by}`", at, written),)


def replacing_text(old: str, new: str, span: Span) -> tuple[Fix, ...]:
    """Return the fix that writes one text in place of another, which stands once in `span` as it is, or nothing."""
    if span.text.count(old) != 1:
        return ()
    start = span.start + span.text.index(old)
    return (Fix(f"write `{new}`", Span(span.source, start, start + len(old)), new),)


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
