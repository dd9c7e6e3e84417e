"""What a check has to say: one object, from which every output (text, JSON, editors) is rendered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from .source import Covered, Span


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Label:
    """A second place that explains the first."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Fix:
    """An edit that a machine may apply: replace the text of `span` by `replacement`."""

    title: str
    span: Span
    replacement: str


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding: what is wrong, where, and what to do about it.

    `code` is one of `mlarch.language.codes.CODES`; `caption` stands beside the caret.
    """

    code: str
    message: str
    span: Span | None
    caption: str = ""
    severity: Severity = Severity.ERROR
    labels: tuple[Label, ...] = ()
    notes: tuple[str, ...] = ()
    helps: tuple[str, ...] = ()
    fixes: tuple[Fix, ...] = ()


#: So many findings are looked through one by one before all are put in order again.
_FEW = 32


def _errors(items: Iterable[Diagnostic]) -> Iterator[Span]:
    return (item.span for item in items if item.severity is Severity.ERROR and item.span is not None)


@dataclass
class Findings:
    """The diagnostics of one run, in the order in which they are found."""

    items: list[Diagnostic] = field(default_factory=list)
    _wrong: tuple[list[Diagnostic], int, Covered] | None = field(default=None, repr=False, compare=False)

    def wrong(self, part: Span) -> bool:
        """Tell whether an error overlaps a part of a text."""
        known = self._wrong
        if known is None or known[0] is not self.items or not 0 <= len(self.items) - known[1] <= _FEW:
            known = self._wrong = (self.items, len(self.items), Covered(_errors(self.items)))
        return known[2].overlaps(part) or any(
            each.source is part.source and each.start < part.end and part.start < each.end for each in _errors(self.items[known[1] :])
        )

    def error(
        self,
        code: str,
        message: str,
        span: Span | None,
        caption: str = "",
        *,
        help: str | None = None,
        note: str | None = None,
        labels: tuple[Label, ...] = (),
        fixes: tuple[Fix, ...] = (),
        severity: Severity = Severity.ERROR,
    ) -> None:
        """Record one finding."""
        self.items.append(
            Diagnostic(
                code,
                message,
                span,
                caption,
                severity,
                labels,
                (note,) if note else (),
                (help,) if help else (),
                fixes,
            )
        )

    def warning(self, code: str, message: str, span: Span | None, caption: str = "", *, help: str | None = None) -> None:
        """Record a finding that does not make the file wrong."""
        self.error(code, message, span, caption, help=help, severity=Severity.WARNING)

    @property
    def failed(self) -> bool:
        return any(item.severity is Severity.ERROR for item in self.items)

    def sorted(self) -> list[Diagnostic]:
        """In the order of the text, findings without a place first."""

        def key(item: Diagnostic) -> tuple[str, int]:
            return ("", -1) if item.span is None else (item.span.source.name, item.span.start)

        return sorted(self.items, key=key)

    def __iter__(self) -> Iterator[Diagnostic]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)
