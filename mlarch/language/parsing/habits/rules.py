"""The form of a rule: how a habit is recognised, what is said of it, and how the parser goes on."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ...diagnostics import Findings, Fix

#: How many characters before a token are looked at.
_NEAR = 400
#: A token that the text should have had: its kind and text.
Meant = tuple[str, str]


@dataclass(frozen=True)
class Habit:
    """A recognised habit: what is said of which part of the text, and how to go on.

    `drop` tokens are taken back, the tokens `meant` taken instead; then the token that did not fit is tried again, or the text goes on
    at `until`. Without `meant` the statement is given up. Offsets are those of the text.
    """

    code: str
    message: str
    caption: str
    help: str | None
    marked: tuple[int, int]
    changed: tuple[int, int]
    written: str | None
    meant: tuple[Meant, ...] | None
    drop: int
    again: bool
    until: int

    def report(self, place: object, findings: Findings) -> None:
        """Add the finding; `place` makes a span of two offsets."""
        assert callable(place)
        span = place(*self.marked)
        fixes: tuple[Fix, ...] = ()
        if self.written is not None:
            fixes = (Fix(self._title(self.written), place(*self.changed), self.written),)
        findings.error(self.code, self.message, span, self.caption, help=self.help, fixes=fixes)

    def _title(self, written: str) -> str:
        shown = written.strip()
        if not shown:
            return "write a space" if written == " " and self.changed[1] - self.changed[0] == 1 else "remove it"
        return "write it so" if "`" in shown or "\n" in shown else f"write `{shown}`"


@dataclass(frozen=True)
class Rule:
    """Recognises one habit by the kind of the token that does not fit, the text from there on (`at`) and that before it on its line.

    The groups of both patterns fill the braces of the texts. The group `here` widens what is underlined and rewritten to the left, `mark`
    narrows what is underlined (to the token, where it is empty); `write` is the rewriting. `needs` are kinds of tokens that would fit.
    """

    kinds: tuple[str, ...]
    at: str
    message: str
    caption: str
    before: str = ""
    write: str | None = None
    help: str | None = None
    meant: tuple[Meant, ...] | None = None
    drop: int = 0
    again: bool = False
    needs: tuple[str, ...] = ()
    code: str = "MLA100"

    def match(self, text: str, start: int, end: int, expected: set[str]) -> Habit | None:
        """Return the habit when the text around the token from `start` to `end` shows it."""
        if self.needs and not expected.issuperset(self.needs):
            return None
        at = re.compile(self.at).match(text, start)
        if at is None:
            return None
        line = text.rfind("\n", max(0, start - _NEAR), start) + 1 or max(0, start - _NEAR)
        before = re.compile(self.before, re.MULTILINE).search(text, line, start) if self.before else None
        if self.before and before is None:
            return None
        said = {**at.groupdict(default=""), **(before.groupdict(default="") if before else {})}
        changed = _here(before, at, start, again=self.again)
        marked = next((_marked(match, start, end) for match in (at, before) if match and "mark" in match.re.groupindex), changed)
        return Habit(
            self.code,
            _filled(self.message, said),
            _filled(self.caption, said),
            None if self.help is None else _filled(self.help, said),
            _seen(marked, text),
            changed,
            None if self.write is None else _filled(self.write, said),
            None if self.meant is None else tuple((kind, _filled(word, said)) for kind, word in self.meant),
            self.drop,
            self.again,
            at.end(),
        )


def _here(before: re.Match[str] | None, at: re.Match[str], start: int, *, again: bool) -> tuple[int, int]:
    """What is rewritten: from the group `here` of the text before, to the end of that of the text after, or of all that it matches."""
    first, last = start, at.end()
    if "here" in at.re.groupindex:
        first, last = at.span("here")
    if before is not None and "here" in before.re.groupindex:
        first = before.start("here")
        last = before.end("here") if again and at.end() == start else last
    return first, last


def _marked(match: re.Match[str], start: int, end: int) -> tuple[int, int]:
    """What is underlined: the group `mark`, or the token where that is empty."""
    return match.span("mark") if match["mark"] else (start, end)


def _filled(text: str, said: dict[str, str]) -> str:
    """Put the groups in their places; a brace of the language itself stands twice."""
    return text.format(**said)


def _seen(span: tuple[int, int], text: str) -> tuple[int, int]:
    """What is underlined has a character, and no space around it."""
    start, end = span
    while end - start > 1 and text[start].isspace():
        start += 1
    while end - start > 1 and text[end - 1].isspace():
        end -= 1
    return start, max(end, min(start + 1, len(text)))
