"""Reading overrides: Hydra's own parser says whether the text is one and of what kind; the value is kept as written, with its place."""

from __future__ import annotations

import re
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from .. import data, tree
from ..data import Data, Entry, Mapping
from ..diagnostics import Findings
from ..source import Source, Span
from .errors import refuse_malformed, refuse_sweep


class Action(StrEnum):
    """What an override does: `key=`, `+key=`, `++key=`, `~key`, `key=extend_list(…)`."""

    CHANGE = "change"
    ADD = "add"
    FORCE_ADD = "force_add"
    DEL = "del"
    EXTEND_LIST = "extend_list"


@dataclass(frozen=True)
class Override:
    """One override of the command line; `parsed` is Hydra's own object of it."""

    source: Source
    action: Action
    path: tuple[tree.Scalar, ...]
    value: Data | None
    parsed: Any

    @property
    def span(self) -> Span:
        """The whole override."""
        return Span(self.source, 0, len(self.source.text))


def parse_overrides(texts: Sequence[str], findings: Findings) -> list[Override]:
    """Read overrides in Hydra's grammar; what is none, and a sweep, goes to the findings."""
    if not texts:
        return []
    from hydra.core.override_parser.overrides_parser import OverridesParser
    from hydra.errors import HydraException

    parser = OverridesParser.create()
    found = []
    for number, text in enumerate(texts, 1):
        source = Source(f"<override:{number}>", text)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # Hydra's words on its own future
                parsed = parser.parse_override(text)
            found.append(_Reading(source, parsed).override())
        except _Sweep:
            refuse_sweep(source, findings)
        except (HydraException, ValueError, RecursionError) as problem:
            refuse_malformed(source, problem, findings)
    return found


class _Sweep(Exception):
    """The override has several values."""


class _Reading:
    """Hydra's parse of one override beside its text."""

    def __init__(self, source: Source, parsed: Any) -> None:
        self.source = source
        self.parsed = parsed

    def override(self) -> Override:
        text = self.source.text
        start = len(text) - len(text.lstrip("+~"))
        end = _find(text, "=", start)
        path = self._path(start, len(text) if end is None else end)
        action = Action(self.parsed.type.name.lower())
        value = None if end is None else self._value(self.parsed._value, end + 1, len(text))
        if action is Action.DEL and self.parsed._value is None:
            value = None
        return Override(self.source, action, path, value, self.parsed)

    def _path(self, start: int, end: int) -> tuple[tree.Scalar, ...]:
        """The names between the dots (or, as `a[b]`, in brackets) of the key."""
        parts = re.finditer(r"(?:\\.|[^.\[\]@\\])+", self.source.text[start:end].partition("@")[0])
        return tuple(self._scalar(re.sub(r"\\(.)", r"\1", each[0]), False, start + each.start(), start + each.end()) for each in parts)

    def _scalar(self, value: str, quoted: bool, start: int, end: int) -> tree.Scalar:
        at = start + 1 if quoted else start
        same = self.source.text.startswith(value, at)
        return tree.Scalar(value, quoted, tuple(range(at, at + len(value) + 1)) if same else (), Span(self.source, start, end))

    def _value(self, parsed: Any, start: int, end: int) -> Data:
        """The value that Hydra read as `parsed`, where it stands in the text."""
        from hydra.core.override_parser.types import Glob, ListExtensionOverrideValue, QuotedString, Sweep

        if isinstance(parsed, (Sweep, Glob)):
            raise _Sweep
        raw = self.source.text[start:end]
        start, end = start + len(raw) - len(raw.lstrip()), end - (len(raw) - len(raw.rstrip()))
        raw, span = self.source.text[start:end], Span(self.source, start, end)
        if isinstance(parsed, ListExtensionOverrideValue):
            parsed = parsed.values
        if isinstance(parsed, (list, dict)):
            # What a function such as `sort([2,1])` gave has no places of its own.
            places = self._split(start + 1, end - 1) if raw[:1] in ("[", "{") else []
            return self._several(parsed, places if len(places) == len(parsed) else [(start, end)] * len(parsed), span)
        if isinstance(parsed, QuotedString):
            return self._scalar(parsed.text, True, start, end)
        if isinstance(parsed, str):
            return self._scalar(parsed, not parsed, start, end)  # nothing after the `=` is Hydra's empty text
        if isinstance(parsed, bool) or parsed is None:
            return tree.Scalar("null" if parsed is None else str(parsed).lower(), False, (), span)
        # A number as written; one that a cast such as `int(3.0)` gave, as it came out.
        return self._scalar(str(parsed) if raw.endswith(")") else raw, False, start, end)

    def _several(self, parsed: Any, places: list[tuple[int, int]], span: Span) -> Data:
        if isinstance(parsed, list):
            return data.Sequence(tuple(self._value(value, *place) for value, place in zip(parsed, places, strict=True)), span)
        entries = {}
        for (key, value), (first, last) in zip(parsed.items(), places, strict=True):
            colon = _find(self.source.text, ":", first, last)
            middle = first if colon is None else colon + 1
            name = tree.Scalar(str(key), False, (), Span(self.source, first, max(middle - 1, first + 1)))
            entries[name.text] = Entry(name, self._value(value, middle, last))
        return Mapping(entries, span)

    def _split(self, start: int, end: int) -> list[tuple[int, int]]:
        """The places between the commas of a list or a dictionary."""
        places = []
        while (comma := _find(self.source.text, ",", start, end)) is not None:
            places.append((start, comma))
            start = comma + 1
        return [*places, (start, end)]


def _find(text: str, wanted: str, start: int, end: int | None = None) -> int | None:
    """Return where a character stands outside quotes, brackets and escapes."""
    depth, quote, at = 0, "", start
    while at < (len(text) if end is None else end):
        char = text[at]
        if char == "\\":
            at += 1
        elif quote:
            quote = "" if char == quote else quote
        elif char == wanted and depth == 0:
            return at
        elif char in "'\"":
            quote = char
        elif char in "([{":
            depth += 1
        elif char in ")]}":
            depth -= 1
        at += 1
    return None
