"""What can be done about a finding: the fixes that it carries."""

from __future__ import annotations

from collections.abc import Sequence

from lsprotocol import types as lsp

from ..language.diagnostics import Diagnostic, Fix
from .checking import as_diagnostic
from .places import range_of
from .texts import Texts


def actions(found: Sequence[Diagnostic], wanted: lsp.Range, texts: Texts) -> list[lsp.CodeAction]:
    """Return the fixes of the findings in a range."""
    return [
        _action(item, fix, texts) for item in found if item.span is not None and _meet(range_of(item.span), wanted) for fix in item.fixes
    ]


def _action(item: Diagnostic, fix: Fix, texts: Texts) -> lsp.CodeAction:
    path = fix.span.source.path
    assert path is not None
    return lsp.CodeAction(
        title=fix.title,
        kind=lsp.CodeActionKind.QuickFix,
        diagnostics=[as_diagnostic(item, texts)],
        is_preferred=len(item.fixes) == 1,
        edit=lsp.WorkspaceEdit({texts.uri_of(path.resolve()): [lsp.TextEdit(range_of(fix.span), fix.replacement)]}),
    )


def _meet(one: lsp.Range, other: lsp.Range) -> bool:
    return _key(one.start) <= _key(other.end) and _key(other.start) <= _key(one.end)


def _key(position: lsp.Position) -> tuple[int, int]:
    return position.line, position.character
