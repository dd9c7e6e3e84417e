"""Applying the fixes of diagnostics: only to files of the user's, only without overlaps, and only if fewer mistakes are left."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from .diagnostics import Diagnostic, Fix, Severity
from .resources import conf_path

#: A fix may bring others to light, in a block that could not be read before: so many times at most.
ROUNDS = 10
#: What is said of names that the file itself declares: parameters, blocks, columns and features, categories.
_OF_DECLARED = ("MLA007", "MLA203", "MLA301", "MLA305")
_BOM = b"\xef\xbb\xbf"

#: Checks the architecture with other texts in the place of some of its files.
Recheck = Callable[[Mapping[Path, str]], list[Diagnostic]]


@dataclass(frozen=True)
class Fixed:
    """What fixing comes to: the fixes in the order in which they were made, the new texts of files, and what is still found then."""

    fixes: tuple[Fix, ...]
    texts: Mapping[Path, str]
    diagnostics: list[Diagnostic]


def fixed(diagnostics: list[Diagnostic], recheck: Recheck) -> Fixed:
    """Apply fixes, check again, and go on with what that brings to light. Nothing is written.

    Fixes that lead to no fewer errors (or, with as many errors, to no fewer findings) are left out: all together first, then each alone.
    """
    best = start = Fixed((), {}, diagnostics)
    state = start
    for _ in range(ROUNDS):
        fixes = tuple(applicable(state.diagnostics))
        if not fixes:
            break
        state = _with(state, fixes, recheck)
        if _badness(state) < _badness(best):
            best = state
    if best is start:
        for fix in applicable(diagnostics):
            alone = _with(start, (fix,), recheck)
            if _badness(alone) < _badness(best):
                best = alone
    return best


def applicable(diagnostics: Sequence[Diagnostic]) -> Iterator[Fix]:
    """Yield the fixes that can be made together: the only one of its finding, in a file of the user's, none within another.

    Where a name is misspelt the same way in several places, the one that declares it may be the slip: a reader decides.
    """
    taken: list[Fix] = []
    sole = [(item.code, item.fixes[0]) for item in diagnostics if len(item.fixes) == 1]
    places = {(code, fix.span.text, _at(fix)) for code, fix in sole if code in _OF_DECLARED}
    often = Counter((code, text) for code, text, _ in places)
    for code, fix in sole:
        path = fix.span.source.path  # None for standard input and for overrides: there is no file to change
        if path is None or path.resolve().is_relative_to(conf_path().resolve()) or often[code, fix.span.text] > 1:
            continue
        if not any(_touch(fix, other) for other in taken):
            taken.append(fix)
            yield fix


def _touch(one: Fix, other: Fix) -> bool:
    """Tell whether two fixes change the same text, or insert at the same place."""
    first, last = sorted((one.span, other.span), key=lambda span: span.start)
    return _file(one) == _file(other) and (last.start < first.end or last.start == first.start)


def _at(fix: Fix) -> tuple[str, int]:
    return fix.span.source.name, fix.span.start


def _file(fix: Fix) -> Path:
    assert fix.span.source.path is not None
    return fix.span.source.path.resolve()


def _with(state: Fixed, fixes: tuple[Fix, ...], recheck: Recheck) -> Fixed:
    """Return what comes of more fixes; their spans are of the state's own texts."""
    texts = dict(state.texts)
    for fix in sorted(fixes, key=lambda each: each.span.start, reverse=True):
        text = texts.get(_file(fix), fix.span.source.text)
        texts[_file(fix)] = text[: fix.span.start] + fix.replacement + text[fix.span.end :]
    return Fixed((*state.fixes, *fixes), texts, recheck(texts))


def _badness(state: Fixed) -> tuple[int, int]:
    errors = sum(item.severity is Severity.ERROR for item in state.diagnostics)
    return errors, len(state.diagnostics)


def encoded(text: str, before: bytes) -> bytes:
    """Return a text as the bytes of a file, with a byte order mark if the file had one before."""
    return (_BOM if before.startswith(_BOM) else b"") + text.encode()
