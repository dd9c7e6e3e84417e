"""A language server takes the introduction of an editor and answers with what it can do."""

from __future__ import annotations

import json

from lsprotocol import types
from pygls.lsp.server import LanguageServer


class Kept:
    """What the server writes, kept."""

    def __init__(self) -> None:
        self.data = b""

    def write(self, data: bytes) -> None:
        """Take a message."""
        self.data += data

    def close(self) -> None:
        """There is nothing to close."""


server = LanguageServer("probe", "1")


@server.feature(types.TEXT_DOCUMENT_HOVER)
def hover(params: types.HoverParams) -> None:
    """Answer nothing: that it can be asked is what is looked at."""


kept = Kept()
server.protocol.set_writer(kept)
asked = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"processId": None, "rootUri": None, "capabilities": {}}}
server.protocol.handle_message(json.loads(json.dumps(asked), object_hook=server.protocol.structure_message))
answer = json.loads(kept.data.partition(b"\r\n\r\n")[2])
assert answer["result"]["capabilities"]["hoverProvider"], answer
