"""Plain data with positions: what a YAML file or the value of an override holds, before the vocabulary gives it a meaning."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from . import tree
from .source import Span


@dataclass(frozen=True, slots=True)
class Sequence:
    """`[a, b]`, or a line with a dash for each item."""

    items: tuple[Data, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Entry:
    """A key with its value, and the doc comment above it."""

    key: tree.Scalar
    value: Data
    doc: str | None = None

    @property
    def word(self) -> tree.Word:
        return tree.Word(self.key.text, self.key.span)

    @property
    def span(self) -> Span:
        return self.key.span.to(self.value.span) if self.key.span.source is self.value.span.source else self.key.span


@dataclass(frozen=True, slots=True)
class Mapping:
    """`{key: value}`, or a line for each key; entries by the text of their key, in the order of the text."""

    entries: dict[str, Entry]
    span: Span

    def without(self, key: str) -> Mapping:
        """Return the mapping without a key."""
        return replace(self, entries={name: entry for name, entry in self.entries.items() if name != key})


Data = tree.Scalar | Sequence | Mapping


def merge(below: Mapping, above: Mapping) -> Mapping:
    """Return `below` with `above` over it: mappings merge, everything else is the last writer's, position included.

    A key that stands in no file, since it comes from a package such as `slo@deployment.api.slo`, has no offsets and no say in positions.
    """
    entries = dict(below.entries)
    for name, entry in above.entries.items():
        under = entries.get(name)
        if under is not None and isinstance(under.value, Mapping) and isinstance(entry.value, Mapping):
            key = entry.key if entry.key.offsets else under.key
            entries[name] = Entry(key, merge(under.value, entry.value), entry.doc or under.doc)
        else:
            entries[name] = replace(entry, doc=entry.doc or (under.doc if under else None))
    return Mapping(entries, below.span)


def nest(keys: Iterable[tree.Scalar], value: Data) -> Data:
    """Return `{a: {b: value}}` for the keys a, b."""
    for key in reversed(tuple(keys)):
        value = Mapping({key.text: Entry(key, value)}, key.span)
    return value


def describe(data: Data) -> str:
    """Say in words what was found."""
    if isinstance(data, tree.Scalar):
        return f"`{data.text}`" if data.text else "nothing"
    return "a list" if isinstance(data, Sequence) else "a mapping"
