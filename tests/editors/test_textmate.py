"""The TextMate grammar: sound in itself, and, in the engine of Visual Studio Code, of one mind with the parser."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from .spans import ROOT, differences, texts

EXTENSION = ROOT / "dsl" / "editors" / "vscode"
GRAMMAR = EXTENSION / "syntaxes" / "mlarch.tmLanguage.json"
ENGINE = ("vscode-textmate@9", "vscode-oniguruma@2")
TEXTS = texts()

#: The class of a scope; the first that a token has, from the innermost outwards, counts.
CLASSES = {
    "comment": "comment",
    "string": "string",
    "constant.numeric": "number",
    "keyword.other.unit": "number",
    "keyword.operator.logical": "word",
    "keyword.operator.window": "word",
    "entity.name.function": "call",
    "storage.type.block": "block",
    "variable": "name",
    "entity.name.type": "name",
    "storage.modifier": "name",
    "support.type": "name",
    "keyword.control": "name",
    "constant.language": "name",
}


def grammar() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(GRAMMAR.read_text(encoding="utf-8"))
    return found


def rules(node: Any) -> Iterator[dict[str, Any]]:
    """Yield every rule of a grammar, however deep."""
    if isinstance(node, dict):
        if {"match", "begin", "include", "patterns"} & node.keys():
            yield node
        for child in node.values():
            yield from rules(child)
    elif isinstance(node, list):
        for child in node:
            yield from rules(child)


def test_every_pattern_is_a_regular_expression() -> None:
    """Each pattern compiles, and matches no empty text but at a place that it looks at: an editor would stand still."""
    for rule in rules(grammar()):
        for key in ("match", "begin", "end"):
            if key in rule:
                compiled = re.compile(rule[key].replace("(?<=^|[ \\t])", ""))
                assert key == "end" or compiled.match("") is None, rule[key]


def test_every_rule_leads_somewhere() -> None:
    """Each include names a rule that is there, each rule is included, and each scope ends with the language's name."""
    found = grammar()
    included = {rule["include"] for rule in rules(found) if "include" in rule}
    assert included == {f"#{name}" for name in found["repository"]}
    scopes = re.findall(r'"name": "([\w.-]+)"', GRAMMAR.read_text(encoding="utf-8"))
    assert {scope for scope in scopes if not scope.endswith(".mlarch")} == {"mlarch"}


def test_the_extension_names_files_that_are_there() -> None:
    """What package.json contributes exists, is JSON, and speaks of `.mlarch` files in the grammar's own scope."""
    package = json.loads((EXTENSION / "package.json").read_text(encoding="utf-8"))
    assert all((EXTENSION / name).is_file() for name in (package["main"], *(each["path"] for each in package["contributes"]["snippets"])))
    (language,), (highlighter,) = package["contributes"]["languages"], package["contributes"]["grammars"]
    assert json.loads((EXTENSION / language["configuration"]).read_text(encoding="utf-8"))["comments"] == {"lineComment": "#"}
    assert (EXTENSION / highlighter["path"]) == GRAMMAR and highlighter["scopeName"] == grammar()["scopeName"]
    assert language["extensions"] == [".mlarch"] and highlighter["language"] == language["id"] == "mlarch"


def npm(*arguments: str, cwd: Path) -> str:
    """Run npm in a folder, or skip the test where there is none or where it reaches no registry."""
    command = shutil.which("npm")
    if command is None or shutil.which("node") is None:
        pytest.skip("node and npm are not installed")
    done = subprocess.run([command, *arguments], cwd=cwd, capture_output=True, text=True, timeout=240)
    if done.returncode and re.search(r"ENOTFOUND|ETIMEDOUT|ECONNREFUSED|EAI_AGAIN|ENOTCACHED", done.stderr):
        pytest.skip("npm reaches no registry")
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """The class of each character of each text, as Visual Studio Code's engine tells it."""
    folder = tmp_path_factory.mktemp("engine")
    (folder / "package.json").write_text("{}")
    npm("install", "--no-audit", "--no-fund", "--prefer-offline", *ENGINE, cwd=folder)
    done = subprocess.run(
        ["node", str(Path(__file__).with_name("scopes.js"))],
        input=json.dumps({"grammar": str(GRAMMAR), "texts": TEXTS}).encode(),
        cwd=folder,
        capture_output=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr.decode()
    return {name: _classes(TEXTS[name], tokens) for name, tokens in json.loads(done.stdout).items()}


def _classes(text: str, tokens: list[tuple[int, int, str]]) -> list[str]:
    units = [index for index, sign in enumerate(text) for _ in range(1 + (ord(sign) > 0xFFFF))]  # JavaScript counts in UTF-16
    found = [""] * len(text)
    for start, length, scopes in tokens:
        known = [kind for scope in reversed(scopes.split()) for prefix, kind in CLASSES.items() if scope.startswith(prefix)]
        outer = "string" if "string.quoted" in scopes else known[0] if known else ""
        for unit in range(start, start + length):
            found[units[unit]] = outer
    return found


@pytest.mark.servers
@pytest.mark.parametrize("name", TEXTS)
def test_the_editor_sees_what_the_parser_sees(name: str, seen: dict[str, list[str]]) -> None:
    """Comments, texts, numbers, words, calls and the kinds of blocks are those of the parser, character by character."""
    assert differences(TEXTS[name], seen[name]) == []


@pytest.mark.servers
def test_the_extension_is_packaged(tmp_path: Path) -> None:
    """`vsce` makes an extension of the folder and of the client's library, without a build step."""
    folder = tmp_path / "vscode"
    shutil.copytree(EXTENSION, folder, ignore=shutil.ignore_patterns("node_modules", "*.vsix"))
    npm("install", "--omit=dev", "--no-audit", "--no-fund", "--prefer-offline", cwd=folder)
    npm("exec", "--yes", "--prefer-offline", "@vscode/vsce@4", "--", "package", "--skip-license", cwd=folder)
    (made,) = folder.glob("*.vsix")
    names = set(zipfile.ZipFile(made).namelist())
    ours = ("package.json", "extension.js", "server.js", "snippets.json", "language-configuration.json", "syntaxes/mlarch.tmLanguage.json")
    assert {f"extension/{name}" for name in (*ours, "node_modules/vscode-languageclient/package.json")} <= names
    assert not [name for name in names if name.endswith((".ts", ".map", ".gitignore"))]
