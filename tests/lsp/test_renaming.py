"""A rename of what was made already is written down as `moved`, once, from the first name to the last."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

import mlarch
from mlarch.language.diagnostics import Findings
from mlarch.language.formatting import format_source
from mlarch.language.source import Source
from mlarch.planning.comparing import compare

from .client import Client, session
from .conftest import EXAMPLE

TEXT = EXAMPLE.read_text(encoding="utf-8")


def commit(folder: Path) -> None:
    """Commit everything in a folder, as a repository of its own."""
    who = ("-c", "user.name=a", "-c", "user.email=a@example.org")
    for command in (("init", "--quiet"), ("add", "--all"), (*who, "commit", "--quiet", "--message", "all")):
        subprocess.run(["git", *command], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def editor(tmp_path: Path) -> Iterator[Client]:
    """An editor in a folder with the example, which nothing has built or committed."""
    (tmp_path.resolve() / "cancer.mlarch").write_text(TEXT, encoding="utf-8")
    with session(tmp_path.resolve()) as opened:
        yield opened


def renamed(editor: Client, place: str, new: str) -> str:
    """The text after a rename, which is then also that of the editor."""
    (uri,) = editor.texts
    changes = editor.request("textDocument/rename", {**editor.at(uri, place), "newName": new})["changes"]
    text = editor.apply(changes)[uri]
    editor.edit(uri, text)
    assert [each for each in editor.fresh(uri) if each["severity"] == 1] == []
    return text


def test_what_nothing_knows_is_only_renamed(editor: Client) -> None:
    """A block that no build and no commit has gets its name, and no `moved` beside it."""
    editor.open("cancer.mlarch")
    assert "moved" not in renamed(editor, "model class|ifier {", "judge")


def test_what_was_built_has_moved(editor: Client) -> None:
    """After a build, a rename says so, and a plan against that build shows one block with another name."""
    file = editor.folder / "cancer.mlarch"
    built = mlarch.load(file).compile().lock.architecture
    editor.open("cancer.mlarch")
    text = renamed(editor, "model class|ifier {", "judge")
    assert text.endswith("\n\nmoved { from = model.classifier, to = model.judge }\n")
    file.write_text(text, encoding="utf-8")
    project = mlarch.load(file)
    assert project.ok and project.architecture is not None
    assert [(each.was, each.path) for each in compare(built, project.architecture)] == [("model.classifier", "model.judge")]


def test_what_was_committed_has_moved(editor: Client) -> None:
    """A commit counts like a build: a plan may be made against it."""
    commit(editor.folder)
    editor.open("cancer.mlarch")
    assert "moved { from = source.nuclei, to = source.cells }" in renamed(editor, "source nu|clei {", "cells")


def test_several_renames_are_one_moved(editor: Client) -> None:
    """Renamed again, the block has moved from its first name to its last; renamed back, it has not moved at all."""
    commit(editor.folder)
    editor.open("cancer.mlarch")
    renamed(editor, "model class|ifier {", "judge")
    again = renamed(editor, "model ju|dge {", "arbiter")
    assert again.count("moved {") == 1 and "moved { from = model.classifier, to = model.arbiter }" in again
    assert renamed(editor, "model arb|iter {", "classifier") == TEXT


def test_each_block_that_moves_has_its_line(editor: Client) -> None:
    """A second block is written behind the first, and taken back by itself."""
    commit(editor.folder)
    editor.open("cancer.mlarch")
    renamed(editor, "model class|ifier {", "judge")
    both = renamed(editor, "features sh|ape {", "form")
    assert format_source(Source("cancer.mlarch", both), Findings()) == both
    assert both.endswith("to = model.judge }\nmoved { from = features.shape, to = features.form }\n")
    assert renamed(editor, "model ju|dge {", "classifier").endswith("}\n\nmoved { from = features.shape, to = features.form }\n")


def test_parts_of_blocks_do_not_move(editor: Client) -> None:
    """A column, a feature and the system have no `moved`: nothing goes by their names alone, or there is only one."""
    commit(editor.folder)
    editor.open("cancer.mlarch")
    for place, new in (("feature round|ness", "round"), ("mean_tex|ture  ", "grain"), ("system can|cer {", "tumour")):
        assert "moved" not in renamed(editor, place, new)


def test_a_build_of_another_file_does_not_count(editor: Client) -> None:
    """A block of the same name in the build of a file beside it is another block."""
    other = editor.folder / "other.mlarch"
    other.write_text(TEXT, encoding="utf-8")
    mlarch.load(other).compile()
    editor.open("cancer.mlarch")
    assert "moved" not in renamed(editor, "model class|ifier {", "judge")


def test_a_rename_in_yaml_is_written_down_too(tmp_path: Path) -> None:
    """The YAML form says renamings as YAML, several as a list, and takes them back; at each step it checks clean."""
    folder, text = tmp_path.resolve(), EXAMPLE.with_suffix(".yaml").read_text(encoding="utf-8")
    (folder / "cancer.yaml").write_text(text, encoding="utf-8")
    commit(folder)
    with session(folder) as editor:
        editor.open("cancer.yaml")
        assert renamed(editor, "  class|ifier:", "judge").endswith("\n\nmoved: {from: model.classifier, to: model.judge}\n")
        both = renamed(editor, "  sha|pe:", "form")
        assert "moved:\n  - {from: model.classifier, to: model.judge}\n  - {from: features.shape, to: features.form}\n" in both
        assert "{from: model.classifier, to: model.arbiter}\n  - " in renamed(editor, "  jud|ge:", "arbiter")
        assert renamed(editor, "  arb|iter:", "classifier").endswith("\n\nmoved: {from: features.shape, to: features.form}\n")
        assert renamed(editor, "  fo|rm:", "shape") == text


def test_a_filled_column_is_renamed_along(editor: Client) -> None:
    """What a missing value of a column becomes is said by the column's name."""
    uri = editor.open("cancer.mlarch", TEXT.replace("  schema {", "  clean { fill { mean_area = 5 } }\n  schema {"))
    assert "fill { extent = 5 }" in renamed(editor, "log1p(mean_|area)", "extent")
    assert uri in editor.texts
