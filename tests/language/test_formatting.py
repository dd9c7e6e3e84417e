"""The formatter on files written by hand: the corpus in `dsl/corpus/formatted/`, the examples, and what must never come out of it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from mlarch.language import tree
from mlarch.language.diagnostics import Findings
from mlarch.language.formatting import Changed, format_source
from mlarch.language.formatting.proof import prove, same
from mlarch.language.formatting.tokens import collected
from mlarch.language.parsing.parser import parse
from mlarch.language.resources import dsl_path
from mlarch.language.source import Source

from .corpus import formatted_file, right_files

ROOT = Path(__file__).parent.parent.parent
GOLDEN = sorted(dsl_path("corpus/formatted").glob("*.mlarch"))
EXAMPLES = sorted(path for path in (ROOT / "examples").rglob("*.mlarch") if path.is_file())
EVERYTHING = [path for path in sorted([*dsl_path("corpus").rglob("*.mlarch"), *EXAMPLES]) if path.is_file()]


def formatted(text: str) -> str:
    """Format a text that has no syntax error."""
    findings = Findings()
    found = format_source(Source("test.mlarch", text), findings)
    assert found is not None, findings.items
    return found


def read(path: Path) -> str:
    """The text of a file as it is, line ends included."""
    return path.read_bytes().decode("utf-8-sig")


@pytest.mark.parametrize("case", GOLDEN, ids=lambda case: case.stem)
def test_a_file_of_the_corpus_becomes_what_stands_beside_it(case: Path) -> None:
    """The style is that of the `.expected` files: each is what the formatter makes of its neighbour, and of itself."""
    expected = read(case.with_suffix(".expected"))
    assert formatted(read(case)) == expected
    assert formatted(expected) == expected


@pytest.mark.parametrize("path", right_files(), ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_right_file_becomes_its_formatted_form(path: Path) -> None:
    """Each right file of the corpus is formatted to what stands beside it, or is in the canonical style itself."""
    assert formatted(read(path)) == read(formatted_file(path))


@pytest.mark.parametrize("case", EXAMPLES, ids=lambda case: case.stem)
def test_the_examples_are_in_the_canonical_style(case: Path) -> None:
    """What a newcomer reads first looks as the formatter leaves it."""
    assert formatted(read(case)) == read(case)


@pytest.mark.parametrize("case", EVERYTHING, ids=lambda case: f"{case.parent.name}-{case.stem}")
def test_formatting_twice_changes_nothing_more(case: Path) -> None:
    """Whatever parses is formatted once and for all; what does not parse is refused with the parser's own findings."""
    source, findings, parsed = Source(case.name, read(case)), Findings(), Findings()
    once = format_source(source, findings)
    parse(source, parsed)
    assert findings.items == parsed.items
    assert once is None if parsed.failed else once is not None and formatted(once) == once


def test_line_ends_of_windows_become_line_feeds() -> None:
    """A carriage return before a line feed is layout, in comments as well; one inside a text is a syntax error anyway."""
    assert formatted("# note\r\na=1 # x\r\n\r\n\r\nb=[\r\n1]\r\n") == f"# note\na = 1{' ' * 53}# x\n\nb = [\n  1,\n]\n"


def test_a_file_of_nothing_but_separators_is_empty() -> None:
    """Commas that separate nothing go, and no line is left."""
    assert formatted(",\n\n,\n") == ""


def test_a_doc_comment_is_that_of_the_first_statement_on_its_line() -> None:
    """What stands inside a block on one line, or behind a comma, has no share in the comment above."""
    found = parse(Source("test.mlarch", "## The comment.\nsource a { volume = 1GB }, b = 1\n"), Findings())
    block, attribute = found.body
    assert isinstance(block, tree.Block)
    assert (block.doc, attribute.doc, block.body[0].doc) == ("The comment.", None, None)


@pytest.mark.parametrize(
    "text",
    [
        "a = " + "f(" * 49 + "1" + ")" * 49,
        "a = " + "[" * 99 + "1" + "]" * 99,
        "a = " + "(" * 40 + "x" + " # c\n + 1)" * 40,
        "a = " + " + ".join(["x"] * 100),
        "a {\n" * 29 + "b = 1\n" + "}\n" * 29,
    ],
    ids=["calls", "lists", "groups", "chain", "blocks"],
)
def test_what_nests_deeply_is_formatted(text: str) -> None:
    """What the parser takes, the formatter takes: neither the depth of brackets nor that of blocks ends it."""
    assert formatted(formatted(text)) == formatted(text)


def test_a_file_with_a_syntax_error_is_refused() -> None:
    """Nothing is formatted that was not understood: the finding says why."""
    findings = Findings()
    assert format_source(Source("test.mlarch", "a = 1\nb = \nc = 2\n"), findings) is None
    assert [item.code for item in findings.items] == ["MLA101"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("# one\na = [1, (2)] # two\n", None),
        ("# one\na = [1, (2),]\n# two\n", None),
        ("# one\na = [1, (2)]\n", "comment"),
        ("# two\na = [1, (2)] # one\n", "comment"),
        ("# one\na = [1, (2)] # two.\n", "comment"),
        ("# one\na = [1, 2] # two\n", "word"),
        ("# one\na = [1, (3)] # two\n", "word"),
        ("# one\na [1, (2)] # two\n", "syntax"),
        ("## one\na = [1, (2)] # two\n", "comment"),
    ],
)
def test_the_proof_sees_every_change(text: str, why: str | None) -> None:
    """A comment that is lost, changed or out of order, another word, and broken syntax are told from a new layout."""
    before = collected(Source("test.mlarch", "# one\na = [1, (2)] # two\n"), Findings())
    assert before is not None
    if why is None:
        prove(before, Source("formatted", text))
    else:
        with pytest.raises(Changed, match=why):
            prove(before, Source("formatted", text))


def test_the_proof_sees_a_doc_comment_that_found_another_statement() -> None:
    """The same words and comments in the same order are not the same file where a doc comment changed hands."""
    before = collected(Source("test.mlarch", "## one\n\na = 1\n"), Findings())
    assert before is not None
    with pytest.raises(Changed, match="says"):
        prove(before, Source("formatted", "## one\na = 1\n"))


def test_trees_are_compared_without_their_places() -> None:
    """Equal files elsewhere are the same tree; another value, kind of node, or number of statements is not."""

    def body(text: str) -> tuple[tree.Statement, ...]:
        return parse(Source("test.mlarch", text), Findings()).body

    assert same(body("a = f(1, x=2)"), body("\n\na  =  f( 1, x = 2 )"))
    for other in ("a = f(1, x=3)", "a = f(1, y=2)", "a = f(1)", "a : f(1)", "a = f(1, x=2)\nb = 1", "a = f(-1, x=2)", ""):
        assert not same(body("a = f(1, x=2)"), body(other))


def test_the_formatter_needs_no_vocabulary() -> None:
    """Formatting needs a parse and nothing else: neither the vocabulary nor the YAML front end is loaded."""
    import subprocess

    code = (
        "import sys; from mlarch.language.formatting import format_source; from mlarch.language.source import Source;"
        "from mlarch.language.diagnostics import Findings; format_source(Source('x', 'a=1'), Findings());"
        "print([name for name in sys.modules if name.startswith('mlarch.architecture') or name in ('yaml', 'hydra', 'msgspec')])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
