"""ARCHITECTURE.md says everything that the file says, and nothing that the file does not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

import msgspec
import pytest
from markdown_it import MarkdownIt

import mlarch
from mlarch.architecture.architecture import Architecture
from mlarch.architecture.nodes import abouts
from mlarch.architecture.vocabulary import Block
from mlarch.language.diagnostics import Severity
from mlarch.targets import Emission
from mlarch.targets.document.emit import SECTIONS, emit
from mlarch.targets.document.markdown import code, prose, table

from ..architecture.test_feature_views import TEXT as VIEWS
from ..architecture.test_feature_views import read as views
from .mutations import changes

HERE = Path(__file__).parent
EMISSION = Emission("0123456789abcdef", PurePosixPath("../.."), "everything.mlarch")


def read(path: Path) -> Architecture:
    """Return the architecture of a file that has no errors."""
    project = mlarch.load(path)
    assert not [found for found in project.diagnostics if found.severity is Severity.ERROR]
    assert project.architecture is not None
    return project.architecture


def document(architecture: Architecture) -> str:
    return emit(architecture, EMISSION)["ARCHITECTURE.md"]


@pytest.fixture(scope="module")
def everything() -> Architecture:
    return read(HERE / "everything.mlarch")


def blocks(value: Any) -> Iterator[Block]:
    """Yield every block in a value."""
    if isinstance(value, Block):
        yield value
    if isinstance(value, (dict, tuple)):
        for part in value.values() if isinstance(value, dict) else value:
            yield from blocks(part)
    if isinstance(value, msgspec.Struct):
        for field in msgspec.structs.fields(type(value)):
            yield from blocks(getattr(value, field.name))


def test_the_example_sets_every_key_of_the_vocabulary(everything: Architecture) -> None:
    """The file that the mutations start from sets each key of each block kind, so that a new key cannot escape them."""
    unset: dict[tuple[str, str], bool] = {}
    for block in blocks(everything):
        for key, (attribute, _, _) in abouts(type(block)).items():
            name = (type(block).__name__, key)
            unset[name] = unset.get(name, True) and getattr(block, attribute) in (None, (), {})
    assert [name for name, silent in unset.items() if silent] == []
    declared = {cls for cls in _subclasses(Block) if abouts(cls)}
    assert {cls.__name__ for cls in declared} == {name for name, _ in unset}


def _subclasses(cls: type[Block]) -> Iterator[type[Block]]:
    for sub in cls.__subclasses__():
        yield sub
        yield from _subclasses(sub)


def test_every_change_of_the_architecture_changes_the_document(everything: Architecture) -> None:
    """Whatever single value is changed or taken away, the text is another: nothing that is declared is left out."""
    text = document(everything)
    tried = list(changes(everything))
    unseen = [at for at, changed in tried if changed != everything and document(changed) == text]
    assert len(tried) > 300
    assert unseen == []


def test_the_same_architecture_gives_the_same_text(everything: Architecture) -> None:
    """Emitting twice, from two readings of the file, gives the same bytes."""
    assert document(everything) == document(read(HERE / "everything.mlarch"))


def test_every_section_of_an_architecture_document_is_there(everything: Architecture) -> None:
    """The headings are the sections, numbered, in order, whether or not the file says anything about them."""
    smallest = read(HERE.parent.parent / "examples" / "cancer" / "cancer.mlarch")
    for architecture in (everything, smallest):
        headings = [line for line in document(architecture).splitlines() if line.startswith("## ")]
        assert headings == [f"## {number}. {title}" for number, (title, _) in enumerate(SECTIONS, 1)]


def test_what_the_file_does_not_say_is_not_declared() -> None:
    """Each section that the smallest example is silent about says so, and the defaults that hold are marked."""
    text = document(read(HERE.parent.parent / "examples" / "cancer" / "cancer.mlarch"))
    sections = {part.split("\n", 1)[0].split(". ")[1]: part for part in text.split("\n## ")[1:]}
    for title in ("Feature store", "Experiment tracking", "Model registry", "Monitoring", "Alerts", "Retraining", "Governance"):
        assert "not declared" in sections[title], title
    assert "| `p50` | not declared |" in sections["Performance requirements"]
    assert "| `C` | `1.0` | default |" in sections["Model and configuration"]
    assert "| `split.test` | `20%` (default) |" in sections["Training infrastructure"].replace("`test`", "`split.test`")


def test_planned_keys_are_marked(everything: Architecture) -> None:
    """A key that this version does not carry out is marked where it is set, and not where it is absent."""
    lines = document(everything).splitlines()
    assert any(line.startswith("| `max_duration` | `2h`") and "*Planned.*" in line for line in lines)
    assert any(line.startswith("| `max_duration` | not declared") and "*Planned.*" not in line for line in lines)


@pytest.mark.parametrize(
    "text", ["a|b", "`", "``|``", "<b>", "*not emphasis*", " padded ", "two\nlines", "\\|", "a_b_c", "[x](y)", "&amp;", "~~gone~~", ""]
)
def test_a_code_cell_shows_the_text_as_it_is(text: str) -> None:
    """Whatever stands in a value, its cell shows exactly that, and the table keeps its columns."""
    tokens = MarkdownIt("gfm-like", {"linkify": False}).parse(table(("A", "B"), [(code(text), "end")]))
    cells = [token for token in tokens if token.type == "inline"]
    assert len(cells) == 4 and cells[3].content == "end"
    shown = "".join(
        "\n" if part.content == "<br>" else part.content for part in cells[2].children or () if part.content not in ("<code>", "</code>")
    )
    assert shown == text


@pytest.mark.parametrize(
    "text", ["a | b", "x < 3 and `y < 4`", "# no heading", "- no item", "1. no number", "> no quotation", "``` no fence"]
)
def test_prose_stays_one_paragraph_and_one_cell(text: str) -> None:
    """A comment of the user's can neither begin a block nor leave its cell, nor bring HTML in."""
    tokens = MarkdownIt("gfm-like", {"linkify": False}).parse(prose(text))
    assert [token.type for token in tokens] == ["paragraph_open", "inline", "paragraph_close"]
    assert "".join(part.content for part in tokens[1].children or ()) == text.replace("`", "") or text.startswith("```")
    cells = [
        token
        for token in MarkdownIt("gfm-like", {"linkify": False}).parse(table(("A", "B"), [(prose(text), "end")]))
        if token.type == "inline"
    ]
    assert len(cells) == 4 and cells[3].content == "end"


def test_every_table_of_the_document_is_whole(everything: Architecture) -> None:
    """Parsed as Markdown, each table row has as many cells as its head, and no cell is lost."""
    text = document(everything)
    tokens = MarkdownIt("gfm-like", {"linkify": False}).parse(text)
    widths: list[list[int]] = []
    for token in tokens:
        if token.type == "table_open":
            widths.append([])
        elif token.type == "tr_open":
            widths[-1].append(0)
        elif token.type in ("th_open", "td_open"):
            widths[-1][-1] += 1
    assert len(widths) > 20
    assert all(len(set(rows)) == 1 for rows in widths)
    assert sum(len(rows) for rows in widths) == sum(1 for line in text.splitlines() if line.startswith("| ")) - len(widths)


@pytest.mark.parametrize(
    ("before", "after", "line"),
    [
        ("roc_auc >= 0.7\n", "worst(roc_auc, by=page) >= 0.7\n", "- `worst(roc_auc, by=page) >= 0.7` *Planned.*"),
    ],
)
def test_what_is_planned_beyond_keys_is_marked(tmp_path: Path, before: str, after: str, line: str) -> None:
    """A function in a gate that nothing carries out yet is marked where it stands."""
    text = (HERE / "everything.mlarch").read_text()
    assert text.count(before) == 1
    assert line not in document(read(HERE / "everything.mlarch"))
    (tmp_path / "changed.mlarch").write_text(text.replace(before, after))
    assert line in document(read(tmp_path / "changed.mlarch"))


def test_the_diagram_names_every_block_of_the_way(everything: Architecture) -> None:
    """The flowchart has a node for every block from source to retraining, and its edges join nodes that exist."""
    picture = document(everything).split("```mermaid\n")[1].split("\n```")[0].splitlines()
    assert picture[0] == "flowchart LR"
    nodes = [line.strip() for line in picture if re.match(r' *n\d+\W*"', line)]
    for name in (
        "source.visits",
        "features.visit",
        "feature_store.store",
        "model.buyer",
        "training.weekly",
        "evaluation.judge",
        "registry.versions",
    ):
        assert any(name in node for node in nodes), name
    for name in ("deployment.api", "monitor.live", "alert.drift", "retraining.refresh"):
        assert any(name in node for node in nodes), name
    keys = {node.split("[")[0].split("{")[0].split("(")[0].split(">")[0] for node in nodes}
    ends = [word for line in picture if "->" in line for word in (line.split()[0], line.split()[-1])]
    assert ends and set(ends) <= keys


def test_what_features_are_computed_from_is_said(tmp_path: Path) -> None:
    """Without a feature store the document says that features are of the row itself and, where a model looks back, of what was visible."""
    text = (HERE.parent.parent / "dsl" / "corpus" / "good" / "features_windows.mlarch").read_text()
    (tmp_path / "past.mlarch").write_text(text)
    assert "from the row itself and what was visible of its entity before, by one program" in document(read(tmp_path / "past.mlarch"))
    (tmp_path / "row.mlarch").write_text((HERE.parent.parent / "dsl" / "corpus" / "good" / "model.mlarch").read_text())
    assert "from the row itself, by one program" in document(read(tmp_path / "row.mlarch"))


def test_what_is_kept_for_requests_is_said(tmp_path: Path) -> None:
    """Each view of the online store is shown with how far back it reaches, its columns and who reads it, of the default store too."""
    told = document(views(tmp_path))
    assert "Feature store: not declared; this one is meant." in told and "| `deadline` | `20ms` (default) |" in told
    for row in (
        "| `visits_by_visitor` | `source.visits` by `visitor` | 7d and 3 latest rows | `seconds`, `clicks` "
        "| `deployment.one`, `deployment.again`, `deployment.two` |",
        "| `shops_by_shop` | `source.shops` by `shop` | 1 latest row | `size` | `deployment.one`, `deployment.again` |",
        "| `visits_by_shop_and_day` | `source.visits` by `shop`, `day` | 1h | none | `deployment.two` |",
    ):
        assert row in told
    declared = document(views(tmp_path, VIEWS + "\nfeature_store own { deadline = 5ms }\n"))
    assert "### Feature store `own`" in declared and "| `deadline` | `5ms` |" in declared and row in declared
    assert "| 7d and" not in document(views(tmp_path, VIEWS[: VIEWS.index("deployment one")]))
