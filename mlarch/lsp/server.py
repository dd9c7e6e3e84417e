"""The server itself: it takes what the editor sends, keeps the texts, and says what is wrong in them when nobody types for a moment."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any

from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException

from ..language.diagnostics import Diagnostic, Findings
from ..language.formatting import format_source
from ..language.source import Source, Span
from .actions import actions
from .checking import Checked, Checker, as_diagnostic
from .colours import KINDS, semantic_tokens
from .completion import complete, complete_yaml
from .hover import hover
from .navigation import Navigation, Refused
from .outline import listed, symbols
from .places import range_of
from .signatures import signature
from .texts import Opened, Texts
from .wire import Wire
from .yaml_form import in_yaml, is_architecture

#: A check that takes no longer than this, in seconds, is made at once; a slower one waits for a pause as long as it takes, at most so long.
AT_ONCE, LONGEST_PAUSE = 0.05, 0.3
_REFUSED = -32803


class Server:
    """One editor's session."""

    def __init__(self) -> None:
        self.texts = Texts()
        self.checker = Checker(self.texts)
        self.protocol = Wire()
        self._checked: dict[Path, Checked] = {}
        self._waiting: dict[Path, asyncio.TimerHandle] = {}
        self._seconds = 0.0
        self._register()

    def serve(self) -> None:
        """Answer on standard input and output until the editor ends."""
        self.protocol.start_io()

    def _register(self) -> None:
        completion = lsp.CompletionOptions(trigger_characters=[".", "=", "{", "$", ":", '"', "/"])
        handlers: dict[str, tuple[Callable[..., object], object]] = {
            lsp.INITIALIZE: (self.initialize, None),
            lsp.TEXT_DOCUMENT_DID_OPEN: (self.opened, None),
            lsp.TEXT_DOCUMENT_DID_CHANGE: (self.changed, None),
            lsp.TEXT_DOCUMENT_DID_SAVE: (self.saved, None),
            lsp.TEXT_DOCUMENT_DID_CLOSE: (self.closed, None),
            lsp.WORKSPACE_DID_CHANGE_WATCHED_FILES: (self.watched, None),
            lsp.TEXT_DOCUMENT_COMPLETION: (self.completion, completion),
            lsp.TEXT_DOCUMENT_HOVER: (self.hover, None),
            lsp.TEXT_DOCUMENT_SIGNATURE_HELP: (self.signature_help, lsp.SignatureHelpOptions(trigger_characters=["(", ","])),
            lsp.TEXT_DOCUMENT_DEFINITION: (self.definition, None),
            lsp.TEXT_DOCUMENT_REFERENCES: (self.references, None),
            lsp.TEXT_DOCUMENT_PREPARE_RENAME: (self.prepare_rename, None),
            lsp.TEXT_DOCUMENT_RENAME: (self.rename, lsp.RenameOptions(prepare_provider=True)),
            lsp.TEXT_DOCUMENT_FORMATTING: (self.formatting, None),
            lsp.TEXT_DOCUMENT_DOCUMENT_SYMBOL: (self.document_symbol, None),
            lsp.WORKSPACE_SYMBOL: (self.workspace_symbol, None),
            lsp.TEXT_DOCUMENT_CODE_ACTION: (self.code_action, lsp.CodeActionOptions([lsp.CodeActionKind.QuickFix])),
            lsp.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL: (self.semantic_tokens, lsp.SemanticTokensLegend(list(KINDS), [])),
        }
        for method, (handler, options) in handlers.items():
            # The library writes attributes on what it registers, which a bound method does not take.
            self.protocol.feature(method, options)(partial(handler))

    # --- the texts ---------------------------------------------------------------------------------------------------

    def initialize(self, params: lsp.InitializeParams) -> None:
        folders = [each.uri for each in params.workspace_folders or ()] or ([params.root_uri] if params.root_uri else [])
        self.texts.folders = [self.texts.path_of(each) for each in folders if each.startswith("file:")]

    def opened(self, params: lsp.DidOpenTextDocumentParams) -> None:
        document = params.text_document
        self._take(document.uri, document.version, document.text)

    def changed(self, params: lsp.DidChangeTextDocumentParams) -> None:
        document = params.text_document
        if self.texts.path_of(document.uri) in self.texts.open and params.content_changes:
            self._take(document.uri, document.version, params.content_changes[-1].text)

    def saved(self, params: lsp.DidSaveTextDocumentParams) -> None:
        self.texts.look_again()
        self._check_soon(self.texts.path_of(params.text_document.uri))

    def closed(self, params: lsp.DidCloseTextDocumentParams) -> None:
        """What is not saved is gone: the architectures that the file is part of are as they are saved."""
        path = self.texts.path_of(params.text_document.uri)
        roots = self.texts.roots_of(path)
        self.texts.open.pop(path, None)
        self.texts.look_again()
        for root in roots:
            if any(each in self.texts.open for each in self.texts.files_of(root)):
                self._check_soon(root)
            else:
                self._forget(root)
                self.checker.forget(root)
        self.checker.forget(path)

    def watched(self, params: lsp.DidChangeWatchedFilesParams) -> None:
        self.texts.look_again()
        for path in list(self.texts.open):
            self._check_soon(path)

    def _take(self, uri: str, version: int | None, text: str) -> None:
        path = self.texts.path_of(uri)
        if path not in self.texts.open:
            self.texts.look_again()
        self.texts.open[path] = Opened(uri, version, text)
        self._check_soon(path)

    # --- what is wrong -----------------------------------------------------------------------------------------------

    def _check_soon(self, path: Path) -> None:
        """Check when no other change comes for as long as a check takes: the last change wins."""
        roots = self.texts.roots_of(path)
        if in_yaml(path):  # it may be a config group of any architecture that is open
            others = (each for each in self.texts.open if in_yaml(each) and each not in roots)
            roots = [*others, *roots]  # its own turn is last, when they have told of it
        for root in roots:
            if root in self._waiting:
                self._waiting[root].cancel()
            pause = 0.0 if self._seconds <= AT_ONCE else min(LONGEST_PAUSE, self._seconds)
            self._waiting[root] = asyncio.get_running_loop().call_later(pause, self._check, root)

    def _check(self, root: Path) -> None:
        self._waiting.pop(root, None)
        if root not in self.texts.roots_of(root):
            self._forget(root)  # it is imported by now
            return
        if in_yaml(root) and not is_architecture(self._text(root)):
            self._forget(root)
            self._publish({root})
            return
        started = perf_counter()
        checked = self.checker.check(root)
        seconds = perf_counter() - started
        if root in self._checked:  # the first reading is of all the file, and says nothing of the next
            self._seconds = seconds
        if seconds > AT_ONCE:
            gc.freeze()  # what was read now mostly stays: looking through it for garbage takes longer than the next check
        before = self._checked.get(root)
        self._checked[root] = checked
        self._publish({*checked.findings, *(before.findings if before else ())})

    def _forget(self, root: Path) -> None:
        before = self._checked.pop(root, None)
        self._publish(set(before.findings) if before else set())

    def _publish(self, paths: set[Path]) -> None:
        for path in sorted(paths):
            opened = self.texts.open.get(path)
            found = [as_diagnostic(item, self.texts) for item in self._found(path)]
            version = opened.version if opened else None
            self.protocol.text_document_publish_diagnostics(lsp.PublishDiagnosticsParams(self.texts.uri_of(path), found, version))

    def _found(self, path: Path) -> list[Diagnostic]:
        """What the checks of all architectures that a file is part of have found in it."""
        every = [item for checked in self._checked.values() for item in checked.findings.get(path, ())]
        return list({(item.code, item.message, item.span and (item.span.start, item.span.end)): item for item in every}.values())

    def _fresh(self, path: Path) -> list[Diagnostic]:
        """The same, of the text as it stands."""
        for root in self.texts.roots_of(path):
            if root in self._waiting:
                self._waiting[root].cancel()
                self._check(root)
        return self._found(path)

    # --- requests ----------------------------------------------------------------------------------------------------

    def completion(self, params: lsp.CompletionParams) -> lsp.CompletionList:
        path = self._path(params)
        answer = complete_yaml if in_yaml(path) else complete
        items = answer(
            self._text(path),
            params.position,
            self.checker.index(path),
            partial(self.texts.named_from, path),
            snippets=self._takes_snippets(),
        )
        return lsp.CompletionList(is_incomplete=False, items=items)

    def hover(self, params: lsp.HoverParams) -> lsp.Hover | None:
        path = self._path(params)
        return hover(path, self._text(path), params.position, self.checker.index(path), self._fresh(path))

    def signature_help(self, params: lsp.SignatureHelpParams) -> lsp.SignatureHelp | None:
        path = self._path(params)
        return None if in_yaml(path) else signature(self._text(path), params.position, self.checker.index(path))

    def definition(self, params: lsp.DefinitionParams) -> lsp.Location | None:
        return self._navigation(params).definition()

    def references(self, params: lsp.ReferenceParams) -> list[lsp.Location]:
        return self._navigation(params).references(declarations=params.context.include_declaration)

    def prepare_rename(self, params: lsp.PrepareRenameParams) -> lsp.Range | None:
        return self._navigation(params).renamed_range()

    def rename(self, params: lsp.RenameParams) -> lsp.WorkspaceEdit:
        try:
            changes = self._navigation(params).rename(params.new_name)
        except Refused as refused:
            raise JsonRpcException(str(refused), _REFUSED) from None
        return lsp.WorkspaceEdit(
            {self.texts.uri_of(path): [lsp.TextEdit(range_of(span), new) for span, new in edits] for path, edits in changes.items()}
        )

    def formatting(self, params: lsp.DocumentFormattingParams) -> list[lsp.TextEdit]:
        path = self._path(params)
        if in_yaml(path):
            return []  # YAML has formatters of its own
        source = Source(path.name, self._text(path), path)
        text = format_source(source, Findings())
        if text is None or text == source.text:
            return []  # what does not parse is not moved; its errors are shown already
        return [lsp.TextEdit(range_of(Span(source, 0, len(source.text))), text)]

    def document_symbol(self, params: lsp.DocumentSymbolParams) -> list[lsp.DocumentSymbol]:
        return symbols(self.checker.statements(self._path(params)))

    def workspace_symbol(self, params: lsp.WorkspaceSymbolParams) -> list[lsp.SymbolInformation]:
        found = [(path, self.checker.statements(path)) for path in self.texts.everywhere()]
        return [each for path, body in found for each in listed(body, self.texts.uri_of(path), params.query)]

    def code_action(self, params: lsp.CodeActionParams) -> list[lsp.CodeAction]:
        return actions(self._fresh(self._path(params)), params.range, self.texts)

    def semantic_tokens(self, params: lsp.SemanticTokensParams) -> lsp.SemanticTokens:
        path = self._path(params)
        if in_yaml(path):
            return lsp.SemanticTokens([])  # the editor's own colours of YAML
        text = self._text(path)
        whole = Span(Source(path.name, text, path), 0, len(text))
        return lsp.SemanticTokens(semantic_tokens(self.checker.statements(path), whole, self.checker.index(path)))

    def _navigation(self, params: Any) -> Navigation:
        return Navigation(self.checker, self._path(params), params.position)

    def _path(self, params: Any) -> Path:
        return self.texts.path_of(params.text_document.uri)

    def _text(self, path: Path) -> str:
        return self.texts.text(path) or ""

    def _takes_snippets(self) -> bool:
        told = self.protocol.client_capabilities.text_document
        item = told.completion.completion_item if told and told.completion else None
        return bool(item and item.snippet_support)
