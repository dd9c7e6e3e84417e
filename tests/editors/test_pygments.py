"""The Pygments lexer agrees with the parser, and takes any text."""

from __future__ import annotations

import importlib
import subprocess
import sys
import tomllib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pygments.lexer import Lexer
from pygments.token import Comment, Error, Keyword, Literal, Name, Number, Operator, String, _TokenType

from mlarch.language.pygments_lexer import MlarchLexer

from .spans import ROOT, differences, texts

TEXTS = texts()
CLASSES = (
    (Comment, "comment"),
    (String, "string"),
    (Number, "number"),
    (Literal.Date, "number"),
    (Keyword.Pseudo, "number"),
    (Operator.Word, "word"),
    (Name.Function, "call"),
    (Name.Tag, "block"),
    (Name, "name"),
    (Keyword, "name"),
)


def lexer() -> MlarchLexer:
    return MlarchLexer(ensurenl=False, stripnl=False)


def class_of(kind: _TokenType) -> str:
    return next((name for parent, name in CLASSES if kind in parent), "")


def seen(text: str) -> list[str]:
    """The class of each character, as the lexer tells it."""
    return [class_of(kind) for kind, value in lexer().get_tokens(text) for _ in value]


@pytest.mark.parametrize("name", TEXTS)
def test_the_lexer_sees_what_the_parser_sees(name: str) -> None:
    """Comments, texts, numbers, words, calls and the kinds of blocks are those of the parser, character by character."""
    assert differences(TEXTS[name], seen(TEXTS[name])) == []


@pytest.mark.parametrize("name", TEXTS)
def test_no_token_is_an_error(name: str) -> None:
    """In a file without a syntax error no token is an error, and all of them together are the file."""
    tokens = list(lexer().get_tokens(TEXTS[name]))
    assert "".join(value for _, value in tokens) == TEXTS[name]
    assert [value for kind, value in tokens if kind in Error] == []


@given(st.text(alphabet=st.sampled_from('abc_1.%-="`#{}[]()$\\ \n\t,:?<>é;inotver'), max_size=60))
@settings(max_examples=300, deadline=2000)
def test_any_text_is_coloured(text: str) -> None:
    """An unfinished file is no reason to stop: the tokens of any text are that text."""
    assert "".join(value for _, value in lexer().get_tokens(text)) == text


def test_what_is_unknown_is_an_error() -> None:
    """A character without a meaning is shown as such, and the lexer carries on after it."""
    kinds = {value: kind for kind, value in lexer().get_tokens("a = 1; b = 2\n")}
    assert kinds[";"] in Error and kinds["b"] in Name.Attribute


def test_pygments_finds_the_lexer() -> None:
    """The entry point in pyproject.toml names the class, so that an installed mlarch is known to Sphinx and the like."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    module, _, name = project["entry-points"]["pygments.lexers"]["mlarch"].partition(":")
    found = getattr(importlib.import_module(module), name)
    assert issubclass(found, Lexer) and found.aliases == ["mlarch"] and found.filenames == ["*.mlarch"]


def test_checking_loads_no_lexer() -> None:
    """`check` colours nothing: neither the lexer nor Pygments is loaded."""
    code = (
        "import sys; from mlarch.cli import main\ntry: main()\nexcept SystemExit as ended: assert not ended.code\n"
        "print([name for name in ('pygments', 'mlarch.language.pygments_lexer') if name in sys.modules])"
    )
    file = str(ROOT / "examples" / "cancer" / "cancer.mlarch")
    done = subprocess.run([sys.executable, "-c", code, "check", file], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
