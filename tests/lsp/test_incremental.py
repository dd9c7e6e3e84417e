"""A file that is read piece by piece, again at each edit, has the findings that it has when it is read whole."""

from __future__ import annotations

import random
from pathlib import Path
from statistics import median
from time import process_time

import pytest

from mlarch import api
from mlarch.language.diagnostics import Diagnostic
from mlarch.language.files import holding
from mlarch.language.pieces import in_file
from mlarch.language.reuse import Memory, remembering

from .latency import architecture, typed

ROOT = Path(__file__).parents[2]
TEXTS = [ROOT / "examples" / "cancer" / "cancer.mlarch", *sorted((ROOT / "dsl" / "corpus" / "good").glob("*.mlarch"))[::6]]
#: What is typed: words that mean something in a file, and signs.
TYPED = (
    "feature x = log1p(",
    "model",
    " = ",
    "}",
    "{",
    '"',
    "(",
    ")",
    ",",
    "\n",
    "# note\n",
    "## doc\n",
    "5%",
    "mean_area",
    "language",
    "[",
    "é🚀",
    ".",
)


def found(path: Path, text: str, memory: Memory | None = None) -> list[tuple[object, ...]]:
    """What is found in a text, with its places in the file."""
    with holding({path: text}):
        if memory is None:
            return _plain(api.load(path).diagnostics)
        with remembering(memory):
            return _plain(api.load(path).diagnostics)


def _plain(items: list[Diagnostic]) -> list[tuple[object, ...]]:
    made = [(item.code, item.message, item.span and in_file(item.span), item.helps, item.severity) for item in items]
    return sorted(made, key=repr)


def balanced(text: str) -> bool:
    """Tell whether every bracket of a text is closed, whatever is in texts and comments."""
    return all(text.count(one) == text.count(other) for one, other in ("{}", "()", "[]"))


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.stem)
def test_pieces_say_what_the_whole_says(path: Path) -> None:
    """After each of many random edits the findings are those of a fresh reading, if brackets are closed, and so when all is undone."""
    choose = random.Random(path.name)
    memory, here = Memory(), path.resolve()
    right = text = path.read_text(encoding="utf-8")
    for step in range(40):
        if step % 8 == 7:
            text = right
        at = choose.randrange(len(text) + 1)
        text = text[:at] + (choose.choice(TYPED) + text[at:] if choose.random() < 0.6 else text[at + choose.randrange(12) :])
        told = found(here, text, memory)
        if balanced(text):
            assert told == found(here, text), text
    assert found(here, right, memory) == found(here, right)


@pytest.mark.parametrize(
    "change",
    [('language = "1.0"', 'la,nguage = "1.0"'), ('csv("d.csv")\n  timestamp', '" csv("d.csv")\ntime,stamp')],
    ids=["the file has no language", "a text that is not closed hides a brace"],
)
def test_pieces_with_odd_errors_say_what_the_whole_says(change: tuple[str, str]) -> None:
    """What is said of all of the file follows from an error in a piece, and a text that is not closed hides no brace from its piece."""
    path = Path("odd.mlarch").resolve()
    text = 'language = "1.0"\n\nsource s {\n  connector = csv("d.csv")\n  timestamp = at\n  schema { at : timestamp }\n}\n'
    broken = text.replace(*change)
    assert broken != text
    assert found(path, broken, Memory()) == found(path, broken) != []


def test_what_an_overlay_says_is_looked_at_with_its_block() -> None:
    """A gate to which an overlay adds another one is judged anew when the overlay changes, also after errors elsewhere."""
    path, memory = Path("overlaid.mlarch").resolve(), Memory()
    text = architecture(100) + "\noverlay strict {\n  evaluation e0 {\n    require roc_auc <= 0.9\n  }\n}\n"
    for bound in ("0.9", "0.5", "1.5", "0.5", "0.9"):
        for other in ("", "\nmodel", ""):
            edited = text.replace("<= 0.9", f"<= {bound}") + other
            assert found(path, edited, memory) == found(path, edited), edited


def test_the_same_text_twice_is_two_places() -> None:
    """A block that is written twice, letter for letter, is found in both places."""
    path, memory = TEXTS[0].resolve(), Memory()
    text = path.read_text(encoding="utf-8")
    block = "alert new {\n  when = = 1\n}\n"
    twice = f"{text}\n{block}\n{block}\n"
    told = found(path, twice, memory)
    assert told == found(path, twice)
    assert len({each[2] for each in told if str(each[0]).startswith("MLA1")}) == 2


def test_an_open_block_is_reported_where_it_opens() -> None:
    """A block that is not closed yet has its error, and the blocks after it keep their own findings only."""
    path, memory = TEXTS[0].resolve(), Memory()
    text = path.read_text(encoding="utf-8")
    broken = text.replace("model classifier {", "alert new {\n  when = x > 1\n\nmodel classifier {")
    opened = broken.index("alert new {") + len("alert new ")
    assert [each[2] for each in found(path, broken, memory) if each[0] == "MLA102"] == [(opened, opened + 1)]
    assert found(path, text, memory) == found(path, text)


def test_an_edit_in_a_long_file_is_quick() -> None:
    """Of 60 letters typed in a file of 5,000 lines, half are checked within 50 ms of computing; the first reading takes 20 times that.

    `python -m tests.lsp.latency` measures what an editor sees.
    """
    path, memory, text = Path("large.mlarch").resolve(), Memory(), architecture(5000)
    found(path, text, memory)
    taken = []
    for each in typed(text, 60):
        started = process_time()
        found(path, each, memory)
        taken.append(process_time() - started)
    assert median(taken) < 0.05


def test_unchanged_parts_are_not_read_again() -> None:
    """The statements of a file that has changed in one place are the same objects everywhere else."""
    from mlarch.language.diagnostics import Findings
    from mlarch.language.pieces import statements
    from mlarch.language.source import Source

    memory, text = Memory(), TEXTS[0].read_text(encoding="utf-8")
    bodies = []
    for each in (text, text.replace("logistic_regression", "random_forest"), "\n\n" + text):
        with remembering(memory):
            bodies.append(statements(Source("x", each, TEXTS[0]), Findings()))
    first, second, third = bodies
    assert [one is other for one, other in zip(first, second, strict=True)].count(False) == 1
    assert all(one is other for one, other in zip(first[1:3], third[1:3], strict=True))
    assert in_file(third[1].span)[0] == ("\n\n" + text).index("system cancer")
