"""Whatever stands in a text, every request about every place of it is answered."""

from __future__ import annotations

import random
from typing import Any

from .client import Client, position
from .test_incremental import TEXTS, TYPED

AT_A_PLACE = ("completion", "hover", "definition", "prepareRename")
OF_A_FILE = ("documentSymbol", "semanticTokens/full", "formatting")


def test_no_request_fails(client: Client) -> None:
    """In broken texts, at random places, no request ends in an error, and what is packed and ranged stays within the text."""
    choose = random.Random(7)
    uri = client.open("any.mlarch", "")
    for _ in range(60):
        text = choose.choice(TEXTS).read_text(encoding="utf-8")
        for _ in range(choose.randrange(1, 6)):
            at = choose.randrange(len(text) + 1)
            text = text[:at] + choose.choice(TYPED) + text[at + choose.randrange(20) :]
        client.edit(uri, text)
        for name in AT_A_PLACE:
            spot = position(text, choose.randrange(len(text) + 1))
            answer = client.ask(f"textDocument/{name}", {"textDocument": {"uri": uri}, "position": spot})
            assert "error" not in answer, (name, spot, text, answer)
        for name in OF_A_FILE:
            asked: dict[str, Any] = {"textDocument": {"uri": uri}, "options": {"tabSize": 2, "insertSpaces": True}}
            answer = client.ask(f"textDocument/{name}", asked)
            assert "error" not in answer, (name, text, answer)
        lines = text.count("\n")
        assert all(each["range"]["end"]["line"] <= lines for each in client.fresh(uri))
