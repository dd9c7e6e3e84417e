"""YAML text to data with positions: PyYAML's parser gives the events, and nothing that it would make of them is used.

So a scalar stays as it is written (`NO`, `1e-3`, `12:30:00`), no object is ever constructed, and what the front end does not take (aliases,
tags, merge keys, several documents) is said where it stands.
"""

from __future__ import annotations

import re
from typing import Any

import yaml

from .. import tree
from ..data import Data, Entry, Mapping, Sequence
from ..diagnostics import Findings, Label
from ..parsing.parser import doc_comments
from ..source import Source, Span

CODE = "MLA010"
_DEPTH = 64
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class _Stop(Exception):
    """What follows cannot be read; the reason is among the findings."""


def read_mapping(source: Source, findings: Findings) -> Mapping | None:
    """Read one YAML file whose content is a mapping; None when it holds anything else, which is then among the findings."""
    odd = _UNPRINTABLE.search(source.text)
    if odd is not None:
        span = Span(source, odd.start(), odd.end())
        findings.error(CODE, f"the character U+{ord(odd[0]):04X} stands in no YAML file", span, "not a text character", help="remove it")
        return None
    before = len(findings)
    try:
        said = _Text(source, findings).mapping()
        return said if len(findings) == before else None
    except yaml.MarkedYAMLError as problem:
        _malformed(problem, source, findings)
    except _Stop:
        pass
    return None


class _Text:
    """One pass over the events of one text."""

    def __init__(self, source: Source, findings: Findings) -> None:
        self.source = source
        self.findings = findings
        self.docs = doc_comments(source.text)
        self.covered = 0  # the last line of the last scalar of several lines: what looks like a comment in it is none
        self.events = yaml.parse(source.text, Loader=_LOADER)

    def mapping(self) -> Mapping | None:
        """Read the one document of the file."""
        next(self.events)  # the stream
        start = next(self.events)
        if isinstance(start, yaml.StreamEndEvent):
            self.error(Span(self.source, 0, 1), "the file holds only comments", "nothing said", 'the first key is `language: "1.0"`')
            return None
        data = self.data(next(self.events), 0)
        next(self.events)  # the document's end
        following = next(self.events)
        if not isinstance(following, yaml.StreamEndEvent):
            self.error(self.span(following), "a file holds one document", "a second one", "put it into a file of its own")
            return None
        if isinstance(data, Mapping):
            return data
        self.error(data.span, "an architecture is a mapping of keys", "not a mapping", 'the first key is `language: "1.0"`')
        return None

    def error(self, span: Span, message: str, caption: str, help: str, *labels: Label) -> None:
        self.findings.error(CODE, message, span, caption, help=help, labels=labels)

    def span(self, event: Any) -> Span:
        return Span(self.source, event.start_mark.index, max(event.end_mark.index, event.start_mark.index + 1))

    def whole(self, start: Any, end: Any) -> Span:
        """The span of a list or a mapping: without braces, it ends where the next word begins."""
        return Span(self.source, start.start_mark.index, max(end.end_mark.index, start.start_mark.index + 1))

    # --- one node --------------------------------------------------------------------------------------------------

    def data(self, event: Any, depth: int) -> Data:
        """Read the node that begins with an event."""
        self._refuse(event, depth)
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(event, depth + 1)
        if isinstance(event, yaml.SequenceStartEvent):
            items: list[Data] = []
            while not isinstance(following := next(self.events), yaml.SequenceEndEvent):
                items.append(self.data(following, depth + 1))
            return Sequence(tuple(items), self.whole(event, following))
        return self._scalar(event)

    def _refuse(self, event: Any, depth: int) -> None:
        """Report what YAML has and an architecture has not."""
        if depth > _DEPTH:
            self.error(self.span(event), f"the file is nested more than {_DEPTH} deep", "too deep", "no block of the language is")
            raise _Stop
        groups = "write it out; what several files share goes into a config group"
        if isinstance(event, yaml.AliasEvent):
            self.error(self.span(event), f"an architecture has no aliases: `*{event.anchor}`", "an alias", groups)
        elif event.anchor is not None:
            self.error(self.span(event), f"an architecture has no anchors: `&{event.anchor}`", "an anchor", groups)
        if getattr(event, "tag", None) is not None:
            tag = event.tag.replace("tag:yaml.org,2002:", "!!")
            help = "remove it: the vocabulary says how a value is read; a text that begins with `!` stands in quotes"
            self.error(self.span(event), f"an architecture has no tags: `{tag}`", "a tag", help)

    def _scalar(self, event: Any) -> tree.Scalar:
        span = self.span(event)
        if isinstance(event, yaml.AliasEvent):
            return tree.Scalar("", False, (), span)
        text = self.source.text
        if "\n" in text[span.start : event.end_mark.index]:
            self.covered = self.source.position(event.end_mark.index - 1)[0]
        style = event.style or ""  # empty in one of PyYAML's parsers and None in the other: a plain scalar
        return tree.Scalar(event.value, bool(style), offsets(text, span, event.value, style), span)

    def _mapping(self, event: Any, depth: int) -> Mapping:
        entries: dict[str, Entry] = {}
        while not isinstance(following := next(self.events), yaml.MappingEndEvent):
            doc = self._doc(following)
            key, value = self.data(following, depth), self.data(next(self.events), depth)
            if not isinstance(key, tree.Scalar) or not key.text:
                self.error(key.span, "a key is a name", "not a name", "write `name: value`")
            elif key.text == "<<" and not key.quoted:
                help = "name the file of the shared keys in the `defaults:` list"
                self.error(key.span, "an architecture has no merge keys: `<<`", "a merge key", help)
            elif key.text in entries:
                first = Label(entries[key.text].key.span, "first here")
                self.error(key.span, f"the key `{key.text}` stands twice", "again", "keep one of the two", first)
            else:
                entries[key.text] = Entry(key, value, doc)
        return Mapping(entries, self.whole(event, following))

    def _doc(self, event: Any) -> str | None:
        """Return the doc comment above a key that is the first thing on its line."""
        line, column = self.source.position(event.start_mark.index)
        first = not self.source.line(line)[: column - 1].strip(" -")
        return self.docs.get(line) if first and line - 1 > self.covered else None


def offsets(text: str, span: Span, value: str, style: str) -> tuple[int, ...]:
    """Return where each character of a scalar's value stands in the text, and where it ends; empty when that cannot be told."""
    at = span.start
    if style in ("'", '"'):
        at += 1
    elif style in ("|", ">"):
        at = text.find("\n", at) + 1
    if text.startswith(value, at):
        return tuple(range(at, at + len(value) + 1))
    found: list[int] = []
    for char in value:
        while at < span.end and text[at] != char:
            if text[at] not in " \t\r\n\\'":  # indentation and escapes lie between; anything else is another character
                return ()
            at += 1
        if at >= span.end:
            return ()
        found.append(at)
        at += 1
    return (*found, at)


def _malformed(problem: yaml.MarkedYAMLError, source: Source, findings: Findings) -> None:
    """Say what PyYAML stumbled over, and what usually is the reason."""
    mark = problem.problem_mark or problem.context_mark
    index = min(mark.index, len(source.text)) if mark else 0
    if index == len(source.text):  # the end of the file: its last character can be shown
        index = max(0, len(source.text.rstrip()) - 1)
    span = Span(source, index, index + 1)
    line = source.line(source.position(index)[0])
    said = problem.problem or problem.context or "it cannot be read"
    if "\t" in line[: len(line) - len(line.lstrip())] or source.text[index] == "\t":
        findings.error(CODE, "a tab stands where YAML wants spaces", span, "a tab", help="indent with spaces")
        return
    if re.search(r":[ ]+>", line):
        help = 'a bound stands in quotes: `throughput: ">= 1000req/s"`'
    elif source.text[index] in "`@%&*!|>":
        help = f'what begins with {source.text[index]} stands in quotes: `"…"`'
    elif re.search(r":[ ]+[^\"'#]*:[ ]", line):
        help = "a text with `: ` in it stands in quotes"
    else:
        help = "look at the brackets, quotes and indentation here and on the line above"
    findings.error(CODE, f"the YAML is malformed: {said}", span, "here", help=help, note=problem.context)
