"""What is wrong in the texts as they stand: the same findings as `mlarch check`, each with the file that it is in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from lsprotocol import types as lsp

from .. import api
from ..language import tree
from ..language.codes import CODES
from ..language.diagnostics import Diagnostic, Findings, Severity
from ..language.files import display, holding
from ..language.pieces import statements
from ..language.reuse import Memory, remembering
from ..language.source import Source
from .index import Index
from .places import location_of, range_of
from .texts import Texts
from .yaml_form import in_yaml, is_architecture, yaml_statements

_SEVERITIES = {
    Severity.ERROR: lsp.DiagnosticSeverity.Error,
    Severity.WARNING: lsp.DiagnosticSeverity.Warning,
    Severity.NOTE: lsp.DiagnosticSeverity.Information,
}
#: Where the explanations of codes stand.
EXPLAINED = "https://github.com/mlarch/mlarch/blob/main/docs/reference/codes.md"


@dataclass(frozen=True)
class Checked:
    """An architecture as it stands: its files, and what is found in each."""

    root: Path
    findings: Mapping[Path, list[Diagnostic]]
    failed: bool


class Checker:
    """Checks architectures and parses files; what has not changed is not done again."""

    def __init__(self, texts: Texts) -> None:
        self.texts = texts
        self._parsed: dict[Path, tuple[str, tuple[tree.Statement, ...]]] = {}
        self._indexed: tuple[tuple[tuple[tree.Statement, ...], ...], Index] | None = None
        # One for each architecture that is checked, one for each file that is parsed.
        self._memories: dict[tuple[str, Path], Memory] = {}

    def check(self, root: Path, instead: Mapping[Path, str] | None = None) -> Checked:
        """Check an architecture, with some texts `instead` of those that are open."""
        with remembering(self._memory("checked", root)), holding({**self.texts.held(), **(instead or {})}):
            project = api.load(root)
        found: dict[Path, list[Diagnostic]] = {path: [] for path in self.texts.files_of(root) if path in self.texts.open}
        for item in project.diagnostics:
            path = item.span.source.path.resolve() if item.span is not None and item.span.source.path is not None else root
            if item not in found.setdefault(path, []):
                found[path].append(item)
        return Checked(root, found, not project.ok)

    def statements(self, path: Path) -> tuple[tree.Statement, ...]:
        """Return what can be read of a file."""
        text = self.texts.text(path)
        if text is None:
            return ()
        if in_yaml(path):
            return self._yaml(path, text)
        known = self._parsed.get(path)
        if known is None or known[0] != text:
            with remembering(self._memory("parsed", path)):
                known = self._parsed[path] = (text, statements(Source(display(path), text, path), Findings()))
        return known[1]

    def _yaml(self, path: Path, text: str) -> tuple[tree.Statement, ...]:
        """YAML is read whole or not at all: in the middle of a word, what was there before is better than nothing."""
        known = self._parsed.get(path)
        if not is_architecture(text):
            return ()
        if known is None or known[0] != text:
            made = yaml_statements(Source(display(path), text, path))
            known = self._parsed[path] = (text, made if made is not None else known[1] if known is not None else ())
        return known[1]

    def forget(self, path: Path) -> None:
        """Keep nothing more of a file that is closed."""
        self._parsed.pop(path, None)
        for use in ("checked", "parsed"):
            self._memories.pop((use, path), None)

    def _memory(self, use: str, path: Path) -> Memory:
        return self._memories.setdefault((use, path), Memory())

    def index(self, path: Path) -> Index:
        """Return what the names mean in the architectures that a file is part of."""
        files = dict.fromkeys(each for root in self.texts.roots_of(path) for each in self.texts.files_of(root))
        bodies = tuple(self.statements(each) for each in (path, *(each for each in files if each != path)))
        known = self._indexed
        if known is None or len(known[0]) != len(bodies) or any(one is not other for one, other in zip(known[0], bodies, strict=True)):
            known = self._indexed = (bodies, Index(bodies))
        return known[1]


def imported(path: Path, node: tree.LabelledString) -> Path | None:
    """Return the file that an import names."""
    try:
        return (path.parent / node.value.value).resolve()
    except (OSError, RuntimeError, ValueError):
        return None


def as_diagnostic(item: Diagnostic, texts: Texts) -> lsp.Diagnostic:
    """Return a finding as the protocol says it: the caption and helps go into the message, labels become related places."""
    lines = [item.message + (f" ({item.caption})" if item.caption else ""), *item.notes, *(f"help: {each}" for each in item.helps)]
    return lsp.Diagnostic(
        range=range_of(item.span) if item.span is not None else lsp.Range(lsp.Position(0, 0), lsp.Position(0, 0)),
        message="\n".join(lines),
        severity=_SEVERITIES[item.severity],
        code=item.code,
        code_description=lsp.CodeDescription(f"{EXPLAINED}#{item.code.lower()}") if item.code in CODES else None,
        source="mlarch",
        related_information=[
            lsp.DiagnosticRelatedInformation(location_of(label.span, texts.uri_of(label.span.source.path.resolve())), label.text)
            for label in item.labels
            if label.span.source.path is not None
        ]
        or None,
    )
