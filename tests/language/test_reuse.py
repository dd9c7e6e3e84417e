"""What is asked several times while one architecture is read is worked out once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mlarch.api import load
from mlarch.cli.convert import _converted
from mlarch.language import pieces
from mlarch.language.formatting import tokens
from mlarch.language.yaml import reading

TEXT = """language = "1.0"

system small {
  problem = classification
  metric roc_auc { target >= 0.7, baseline = 0.5 }
}

overlay one {
  system small { metric roc_auc { target >= 0.8 } }
}

overlay two {
  system small { metric roc_auc { target >= 0.9 } }
}
"""


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the texts that are read, each as often as it is."""
    seen: list[str] = []

    def watched(module: Any, name: str) -> None:
        original = getattr(module, name)
        monkeypatch.setattr(module, name, lambda source, *rest: (seen.append(Path(source.name).name), original(source, *rest))[1])

    watched(pieces, "parse")
    watched(tokens, "parse")
    watched(reading, "read_mapping")
    return seen


def test_overlays_are_looked_at_without_reading_the_file_again(tmp_path: Path, read: list[str]) -> None:
    """A file with overlays is parsed once, although it is checked with each of them."""
    file = tmp_path / "small.mlarch"
    file.write_text(TEXT, encoding="utf-8")
    assert load(file).diagnostics == []
    assert read == ["small.mlarch"]


def test_a_file_that_changes_is_read_again(tmp_path: Path, read: list[str]) -> None:
    """What one reading has found is forgotten after it."""
    file = tmp_path / "small.mlarch"
    file.write_text(TEXT, encoding="utf-8")
    load(file)
    file.write_text(TEXT.replace("problem", "problm"), encoding="utf-8")
    assert [item.code for item in load(file).diagnostics][:1] == ["MLA204"]
    assert len(read) == 2


def test_a_conversion_compares_every_overlay_without_reading_again(tmp_path: Path, read: list[str]) -> None:
    """The file and its twin are read once in all, to be laid out and to be compared, whichever overlays they have."""
    file = tmp_path / "small.mlarch"
    file.write_text(TEXT, encoding="utf-8")
    _converted(file, to_yaml=True)
    assert sorted(read) == [".small.converted.yaml", "small.mlarch"]
