"""Whatever stands in a text, every request about every place of it is answered."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from .client import Client, position
from .test_incremental import TEXTS, TYPED

AT_A_PLACE = ("completion", "hover", "definition", "prepareRename", "signatureHelp")
OF_A_FILE = ("documentSymbol", "semanticTokens/full", "formatting")


YAML = [Path(__file__).parents[1] / "language" / "everything.yaml", Path(__file__).parents[2] / "examples" / "cancer" / "cancer.yaml"]


@pytest.mark.parametrize(("name", "texts"), [("any.mlarch", TEXTS), ("any.yaml", YAML)])
def test_no_request_fails(client: Client, name: str, texts: list[Path]) -> None:
    """In broken texts, at random places, no request ends in an error, and what is packed and ranged stays within the text."""
    choose = random.Random(7)
    uri = client.open(name, "")
    for _ in range(60):
        text = choose.choice(texts).read_text(encoding="utf-8")
        for _ in range(choose.randrange(1, 6)):
            at = choose.randrange(len(text) + 1)
            text = text[:at] + choose.choice(TYPED) + text[at + choose.randrange(20) :]
        client.edit(uri, text)
        for asked_for in AT_A_PLACE:
            spot = position(text, choose.randrange(len(text) + 1))
            answer = client.ask(f"textDocument/{asked_for}", {"textDocument": {"uri": uri}, "position": spot})
            assert "error" not in answer, (asked_for, spot, text, answer)
        for asked_for in OF_A_FILE:
            asked: dict[str, Any] = {"textDocument": {"uri": uri}, "options": {"tabSize": 2, "insertSpaces": True}}
            answer = client.ask(f"textDocument/{asked_for}", asked)
            assert "error" not in answer, (asked_for, text, answer)
        lines = text.count("\n")
        assert all(each["range"]["end"]["line"] <= lines for each in client.fresh(uri))
