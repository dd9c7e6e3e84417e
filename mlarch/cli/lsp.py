"""`mlarch lsp`."""

from __future__ import annotations

import click

from ..architecture.errors import ArchitectureError
from .failures import reported


@click.command("lsp")
def command() -> None:
    """Answer an editor on standard input and output: the language server.

    It checks open architecture files as you type, completes, explains, renames and formats. Nothing in a file is run, and no data is read.
    Editors start it by themselves: docs/howto/editor.md says how.
    """
    with reported():
        try:
            from ..lsp.server import Server
        except ModuleNotFoundError as missing:
            if (missing.name or "").partition(".")[0] not in ("pygls", "lsprotocol"):
                raise
            told = "the language server needs pygls, which is not installed"
            raise ArchitectureError("MLA602", told, help="pip install 'mlarch[lsp]'") from None
        Server().serve()
