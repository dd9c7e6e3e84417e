"""A renaming is written down when it has happened, and once."""

from __future__ import annotations

from pathlib import Path

import pytest

from .systems import findings

END = "evaluation gate { require roc_auc >= 0.7 }"


@pytest.mark.parametrize(
    ("line", "underlined"),
    [
        ("moved { from = source.visits, to = source.other }", "source.visits"),
        ("moved { from = source.clicks, to = source.other }", "source.other"),
        ("moved { from = source.clicks, to = features.visit }", "features.visit"),
        ("moved { from = source.a, to = source.visits }\nmoved { from = source.a, to = source.visits }", "source.a"),
    ],
)
def test_what_has_not_moved_is_said(tmp_path: Path, line: str, underlined: str) -> None:
    """A name that is still there, one that is not there, another kind, and a block moved twice are errors at their place."""
    found = findings(tmp_path, (END, f"{END}\n\n{line}"))
    assert {code for code, _ in found} == {"MLA429"} and underlined in {text for _, text in found}


@pytest.mark.parametrize(
    "lines",
    [
        "moved { from = source.clicks, to = source.visits }",
        "moved { from = source.clicks, to = source.visits }\nmoved { from = model.clicker, to = model.buyer }",
    ],
)
def test_what_has_moved_is_right(tmp_path: Path, lines: str) -> None:
    """Renamings that have happened, of one block or of several, are no findings."""
    assert findings(tmp_path, (END, f"{END}\n\n{lines}")) == []


def test_a_renaming_has_no_name_and_both_ends(tmp_path: Path) -> None:
    """A name, a missing end, and what is no reference are refused as in every other block."""
    assert findings(tmp_path, (END, f"{END}\n\nmoved it {{ from = source.a, to = source.visits }}"))[0][0] == "MLA202"
    assert findings(tmp_path, (END, f"{END}\n\nmoved {{ from = source.a }}"))[0][0] == "MLA205"
    assert findings(tmp_path, (END, f"{END}\n\nmoved {{ from = clicks, to = source.visits }}"))[0][0] == "MLA210"
    assert findings(tmp_path, (END, f"{END}\n\nmove {{ from = source.a, to = source.visits }}"))[0] == ("MLA201", "move")
