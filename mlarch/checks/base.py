"""What a semantic pass is and what it sees."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Protocol

from ..architecture.architecture import Architecture
from ..architecture.expressions import Expression
from ..architecture.positions import Positions
from ..language.diagnostics import Findings, Severity
from ..language.reuse import told_once
from ..language.source import Span, SpanIndex
from ..language.suggest import correction


@dataclass(frozen=True)
class Context:
    """A bound architecture, where its parts stand, and the findings to add to; `lost` where an error may have taken whole blocks away."""

    architecture: Architecture
    positions: Positions
    findings: Findings
    lost: bool = False

    def error(
        self,
        code: str,
        message: str,
        at: str,
        caption: str = "",
        *,
        help: str | None = None,
        severity: Severity = Severity.ERROR,
        misspelt: str = "",
        known: Iterable[str] = (),
        whole: bool = False,
    ) -> None:
        """Report something wrong with what stands at a path; `misspelt` is the word in it that is none of those `known`.

        The value of a key is underlined, unless the `whole` of it is wrong, its key too.
        """
        span = self._part(at, misspelt) if severity is Severity.ERROR and not whole else self.positions.at(at)
        self.findings.error(code, message, span, caption, help=help, severity=severity, fixes=correction(misspelt, known, span))

    def _part(self, at: str, misspelt: str) -> Span | None:
        """The value at a path; in it the misspelt word, or all of the path where that is not in the value."""
        value = self.positions.value(at)
        if value is None or not misspelt:
            return value
        places = list(re.finditer(rf"(?<!\w){re.escape(misspelt)}(?!\w)", value.text))
        if len(places) != 1:
            return self.positions.at(at)
        return Span(value.source, value.start + places[0].start(), value.start + places[0].end())

    def warn(self, code: str, message: str, at: str, caption: str = "", *, help: str | None = None) -> None:
        """Report something doubtful about the part at a path."""
        self.error(code, message, at, caption, help=help, severity=Severity.WARNING)

    def once(self, what: str, parts: tuple[object, ...], run: Callable[[Context], None]) -> None:
        """Run a part of a pass that depends on nothing but `parts`, or tell again what it found; what is told already is not told twice."""
        found = Findings()
        told_once(what, parts, found, lambda own: run(replace(self, findings=own)))
        told = {(item.code, item.span) for item in self.findings} if found.items else set()
        self.findings.items += [item for item in found if (item.code, item.span) not in told]

    def apart(self, what: str, parts: Iterable[tuple[str, tuple[object, ...], Callable[[Context], None]]]) -> None:
        """Run the parts of a pass that each look at one block, and at what is said of that block already, or tell again what they found.

        Each has the path of its block, all else that it depends on, and what to run.
        """
        told = self._told()
        for at, known, run in parts:
            if at in told:
                run(self)
            else:
                told_once(what, known, self.findings, lambda own, run=run: run(replace(self, findings=own)))  # type: ignore[misc]

    def _told(self) -> set[str]:
        """The blocks of which something is said already, and those of which that cannot be told by their place."""
        places = SpanIndex(self.positions.blocks.values()) if self.findings.items else None
        names = {(id(span.source), span.start): at for at, span in self.positions.blocks.items()} if places else {}
        told = set(self.positions.strewn)
        for item in self.findings:
            block = places.last_before(item.span) if places and item.span is not None else None
            if block is not None:
                told.add(names[id(block.source), block.start])
        return told

    def overlaid(self, span: Span | None, at: str) -> bool:
        """Tell whether a text stands outside of the block that holds a path: an overlay says it."""
        block = self.positions.blocks.get(".".join(at.split(".")[:2]))
        if span is None or block is None:
            return False
        return span.source is not block.source or not block.start <= span.start < block.end

    def wrong(self, at: str) -> bool:
        """Tell whether there is an error in the part at a path, so that what follows from it need not be said."""
        span = self.positions.at(at)
        return span is not None and self.findings.wrong(span)

    def add(self, found: Findings) -> None:
        """Take over what was found about parts that are not wrong already."""
        self.findings.items += [item for item in found if item.span is None or not self.findings.wrong(item.span)]

    def where(self, expression: Expression, at: str) -> Span | None:
        """Return where an expression stands, or else the part that holds it."""
        return self.positions.of(expression) or self.positions.at(at)


class Pass(Protocol):
    """One semantic pass: it has a name, says what it finds wrong, and changes nothing."""

    @property
    def name(self) -> str:
        """What it is called."""
        ...

    @property
    def of_the_whole(self) -> bool:
        """Tell whether it looks for what is absent, so that it says nothing of an architecture that has lost a part to an error."""
        ...

    def run(self, context: Context) -> None:
        """Add findings to the context."""
        ...
