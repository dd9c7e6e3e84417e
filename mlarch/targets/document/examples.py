"""Examples for the reference, taken from the good files of the conformance corpus, which the tests check."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from ...architecture.blocks import NAMELESS
from ...language import tree
from ...language.diagnostics import Findings
from ...language.formatting import format_source
from ...language.parsing.parser import parse
from ...language.resources import dsl_path
from ...language.source import Source

#: The rules of the grammar that are statements, and the node and the label that each gives.
FORMS: dict[str, tuple[type, bool]] = {
    "block": (tree.Block, False),
    "attribute": (tree.Attribute, False),
    "labelled": (tree.Attribute, True),
    "labelled_string": (tree.LabelledString, True),
    "typed": (tree.TypedName, False),
    "labelled_typed": (tree.TypedName, True),
    "constraint": (tree.Constraint, False),
    "labelled_constraint": (tree.Constraint, True),
}


def grammar_of() -> dict[str, str]:
    """Return the right side of each rule that is a statement, from the grammar itself."""
    text = dsl_path("grammar.lark").read_text(encoding="utf-8")
    rules = {found[1]: " ".join(found[2].split()) for found in re.finditer(r"^\??(\w+): ([^\n]*(?:\n +\|[^\n]*)*)", text, re.MULTILINE)}
    signs = dict(re.findall(r'^([A-Z]+)(?:\.\d+)?: ("[^"\n]+")$', text, re.MULTILINE))
    rules = {name: " ".join(signs.get(word, word) for word in rule.split(" ")) for name, rule in rules.items()}
    assert rules["statement"].split(" | ") == list(FORMS)
    return rules


def form_example(rule: str) -> str:
    """Return a short statement of a form: the longest that is below 60 characters, and of these the first."""
    node, labelled = FORMS[rule]
    found = (each for each in _statements() if type(each) is node and bool(getattr(each, "label", None)) == labelled)
    texts = [text for each in found if "\n" not in (text := _text(each))]
    return max((text for text in texts if len(text) < 60 and _is_canonical(text)), key=len)


def block_example(kind: str) -> str:
    """Return the block of a kind that says the most, with its doc comment."""
    blocks = (each for each in _statements() if isinstance(each, tree.Block) and each.kind.text == kind)
    texts = [_documented(each) for each in blocks if each.name is not None or kind in NAMELESS]
    if not texts:
        raise LookupError(f"no file in dsl/corpus/good has a block `{kind}`: add one, it is the example of the reference")
    return max(texts, key=len)


def _is_canonical(text: str) -> bool:
    return format_source(Source("example", text), Findings()) == f"{text}\n"


def _documented(statement: tree.Statement) -> str:
    lines = statement.doc.split("\n") if statement.doc is not None else []
    return "\n".join([*(f"## {line}".rstrip() for line in lines), _text(statement)])


def _text(statement: tree.Statement) -> str:
    """The text of a statement with the brackets that close it."""
    span = statement.span
    text = span.text
    while text.count("(") > text.count(")"):
        text = span.source.text[span.start : span.source.text.index(")", span.start + len(text)) + 1]
    return text if "\n" in text else re.sub(" {2,}", " ", text)  # no neighbours to be aligned with


@cache
def _statements() -> tuple[tree.Statement, ...]:
    """All statements of the good files, blocks at the top of a file with what is in them."""
    found: list[tree.Statement] = []
    for path in sorted((dsl_path("corpus") / "good").rglob("*.mlarch")):
        text = path.read_text(encoding="utf-8-sig").replace("\r\n", "\n")
        found += _walk(parse(Source(path.name, text), Findings()).body)
    return tuple(found)


def _walk(body: tuple[tree.Statement, ...]) -> Iterator[tree.Statement]:
    for statement in body:
        yield statement
        if isinstance(statement, tree.Block) and statement.kind.text != "overlay":
            yield from _walk(statement.body)
