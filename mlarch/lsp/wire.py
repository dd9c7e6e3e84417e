"""The protocol's library with what it leaves to us: a request that cannot be read is answered too."""

from __future__ import annotations

from typing import Any

from lsprotocol import types as lsp
from lsprotocol.converters import get_converter
from pygls.exceptions import JsonRpcException
from pygls.lsp.server import LanguageServer
from pygls.protocol import LanguageServerProtocol

from .. import __version__


class Protocol(LanguageServerProtocol):
    """Refuses what it cannot read, so that the editor does not wait for an answer."""

    def structure_message(self, data: dict[str, Any]) -> Any:
        """Return a message by its type. Raises JsonRpcException when it has none."""
        try:
            return super().structure_message(data)
        except JsonRpcException as problem:
            if "id" in data and "method" in data:
                self._send_response(data["id"], error=problem.to_response_error())
            raise


class Wire(LanguageServer):
    """Speaks the protocol. What goes wrong in between is on standard error, and not in a window over the editor."""

    def __init__(self) -> None:
        super().__init__(
            "mlarch",
            __version__,
            text_document_sync_kind=lsp.TextDocumentSyncKind.Full,
            protocol_cls=Protocol,
            converter_factory=get_converter,
        )

    def report_server_error(self, error: Exception, source: object) -> None:
        """The library has logged it."""
