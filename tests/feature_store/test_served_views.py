"""What a store keeps for versions that were trained by an earlier file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

import mlarch
from mlarch.architecture.architecture import Architecture
from mlarch.architecture.feature_views import programs_asked, views_of
from mlarch.architecture.program import History
from mlarch.architecture.served_views import ServedVersion, covers, lacking, views_with

from .shops import TEXT

DAY = 86_400_000_000
SHOP, GOOD = "visits_by_shop", "prices_by_good"


def architecture(folder: Path, *pairs: tuple[str, str]) -> Architecture:
    """The system of the shops with texts of its file changed."""
    text = TEXT
    for before, after in pairs:
        assert text.count(before) == 1, before
        text = text.replace(before, after)
    file = folder / "shops.mlarch"
    file.write_text(text, encoding="utf-8")
    project = mlarch.load(file)
    assert project.architecture is not None and not project.refusals, project.refusals
    return project.architecture


@pytest.fixture
def served(tmp_path: Path) -> ServedVersion:
    """A version that was trained by the file as it is."""
    (program,) = programs_asked(architecture(tmp_path)).values()
    return ServedVersion(model="buyer", version="1", deployments=("api",), histories=program.histories)


def shop_of(version: ServedVersion) -> History:
    """The history of shops that a version reads."""
    return next(history for history in version.histories if history.source == "visits")


def test_a_version_of_the_file_adds_nothing(tmp_path: Path, served: ServedVersion) -> None:
    """What was trained by the file as it is reads what its views keep."""
    now = architecture(tmp_path)
    assert views_with(now, [served, served]) == views_of(now)


def test_a_view_has_what_the_file_and_a_version_read(tmp_path: Path, served: ServedVersion) -> None:
    """Windows and ranks are the longer ones, and columns those of both: it covers what the version reads, and the file's does not."""
    shorter = ("  feature alone    = last(alone) over 7d\n  feature noted    = ordinal(lag(note, 1))\n", "")
    now = architecture(tmp_path, shorter, ("coalesce(lag(spent, 2), 0)", "lag(bought, 1)"), ("price > 5", "good > 5"))
    declared, kept = views_of(now)[SHOP], views_with(now, [served])[SHOP]
    assert (declared.window, declared.rank, kept.window, kept.rank) == (2 * DAY, 1, 7 * DAY, 2)
    assert [column.name for column in kept.columns] == ["spent", "note", "alone", "bought"]
    assert covers(kept, shop_of(served)) and not covers(declared, shop_of(served))
    assert kept.models == ("buyer",) and kept.deployments == ("api",)


def test_a_view_that_the_file_does_not_name_comes_last(tmp_path: Path, served: ServedVersion) -> None:
    """Where the file looks back on one source less, the version has it still, after the views of the file."""
    now = architecture(tmp_path, (", features.good]", "]"))
    assert [*views_of(now)] == [SHOP] and [*views_with(now, [served])] == [SHOP, GOOD]
    assert not [*views_with(now, [])][1:]


@pytest.mark.parametrize(
    ("pairs", "lacks"),
    [
        ([("refresh   = hourly", "refresh   = daily")], ["the rules of when a row is visible"]),
        ([("  feature alone    = last(alone) over 7d\n", ""), ("    alone   : bool?\n", "")], ["`alone`"]),
        ([("  feature alone    = last(alone) over 7d\n", ""), ("alone   : bool?", "alone   : int?")], ["`alone` as it was"]),
    ],
    ids=["rules", "gone", "other"],
)
def test_what_is_no_more_is_named(tmp_path: Path, served: ServedVersion, pairs: list[Any], lacks: list[str]) -> None:
    """A history is not kept where its source has other rules or columns than it was trained with, and it is said which."""
    now = architecture(tmp_path, *pairs)
    assert [*lacking(now, shop_of(served))] == lacks
    assert views_with(now, [served])[SHOP] == views_of(now)[SHOP]
    gone = msgspec.structs.replace(shop_of(served), source="gone")
    assert [*lacking(now, gone)] == ["`source.gone`"]


def test_a_key_of_another_kind_is_another_entity(tmp_path: Path, served: ServedVersion) -> None:
    """Keys are stored by their kind: where that is another one, an older version would find nobody."""
    texts = [(f"    good{space}: int?", f"    good{space}: string?") for space in ("  ", "    ")]
    good = next(history for history in served.histories if history.source == "prices")
    assert [*lacking(architecture(tmp_path, *texts), good)] == ["`good` as it was"]
