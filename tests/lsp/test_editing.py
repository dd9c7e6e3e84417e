"""What changes or colours a whole file: formatting, fixes, symbols and tokens."""

from __future__ import annotations

from typing import Any

from .client import Client, applied, position, within


def test_formatting_gives_the_canonical_style(client: Client, cancer: str) -> None:
    """A file that is out of shape is formatted as `mlarch fmt` would, one in shape is left alone, and a broken one too."""
    right = client.texts[cancer]
    asked = {"textDocument": {"uri": cancer}, "options": {"tabSize": 2, "insertSpaces": True}}
    assert client.request("textDocument/formatting", asked) == []
    client.edit(cancer, right.replace("  ", "      ").replace(" = ", "="))
    edits = client.request("textDocument/formatting", asked)
    assert applied(client.texts[cancer], edits) == right
    client.edit(cancer, right + "model {")
    assert client.request("textDocument/formatting", asked) == []


def test_symbols_are_the_blocks(client: Client, cancer: str) -> None:
    """The outline lists blocks with their columns and features, each range within its parent's."""
    found = client.request("textDocument/documentSymbol", {"textDocument": {"uri": cancer}})
    assert [(each["detail"], each["name"]) for each in found] == [
        ("system", "cancer"),
        ("source", "nuclei"),
        ("features", "shape"),
        ("model", "classifier"),
        ("deployment", "api"),
    ]
    assert [each["name"] for each in found[2]["children"]] == ["roundness", "log_area", "texture", "concavity"]
    for each in found:
        assert within(client.texts[cancer], each["selectionRange"]) == each["name"]
        assert within(client.texts[cancer], each["range"]).startswith(each["detail"])


def test_a_fix_is_offered_and_mends_the_file(client: Client, cancer: str) -> None:
    """A misspelt name has an action that, applied, leaves nothing wrong."""
    right = client.texts[cancer]
    client.edit(cancer, right.replace("logistic_regression", "logistic_regresion"))
    found = client.fresh(cancer)[0]
    asked = {"textDocument": {"uri": cancer}, "range": found["range"], "context": {"diagnostics": [found]}}
    offered = client.request("textDocument/codeAction", asked)
    assert [each["title"] for each in offered] == ["write `logistic_regression`"]
    assert offered[0]["kind"] == "quickfix"
    assert offered[0]["isPreferred"]
    client.edit(cancer, client.apply(offered[0]["edit"]["changes"])[cancer])
    assert client.texts[cancer] == right
    assert client.fresh(cancer) == []


def test_no_fix_is_offered_elsewhere(client: Client, cancer: str) -> None:
    """Where nothing is wrong, there is nothing to mend."""
    here = position(client.texts[cancer], 0)
    asked: dict[str, Any] = {"textDocument": {"uri": cancer}, "range": {"start": here, "end": here}, "context": {"diagnostics": []}}
    assert client.request("textDocument/codeAction", asked) == []


def test_tokens_are_the_words_of_the_text(client: Client, cancer: str) -> None:
    """The packed tokens are in order, do not overlap, stay on their lines, and say what each word is, behind emoji too."""
    client.edit(cancer, client.texts[cancer].replace('csv("data/', 'csv("🚀🚀').replace("  slo {", "  slo { # 🚀\n "))
    legend = ("keyword", "class", "property", "variable", "parameter", "function", "type", "number", "string", "comment", "namespace")
    text = client.texts[cancer]
    data = client.request("textDocument/semanticTokens/full", {"textDocument": {"uri": cancer}})["data"]
    assert len(data) % 5 == 0
    words: list[tuple[str, str]] = []
    line = column = end = 0
    for lines, columns, length, kind, modifiers in zip(*(iter(data),) * 5, strict=True):
        assert lines > 0 or column + columns >= end
        line, column = line + lines, columns if lines else column + columns
        end = column + length
        assert modifiers == 0
        assert length > 0
        spot = {"start": {"line": line, "character": column}, "end": {"line": line, "character": end}}
        words.append((within(text, spot), legend[kind]))
    for wanted in (
        ("system", "keyword"),
        ("nuclei", "class"),
        ("family", "property"),
        ("standardize", "function"),
        ("float", "type"),
        ("mean_area", "variable"),
        ("3.14159", "number"),
        ('"🚀🚀breast_cancer.csv"', "string"),
        ("# 🚀", "comment"),
    ):
        assert wanted in words, wanted
    assert not [word for word, _ in words if "\n" in word]
