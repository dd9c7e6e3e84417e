"""What is said of histories that a file cannot have, beyond the files of the corpus."""

from __future__ import annotations

from pathlib import Path

import pytest

from .systems import findings

PAST = ("  schema {", "  entity = page\n  timestamp = started\n  schema {")
LATER = ("hardware = hardware.small }", "hardware = hardware.small, split { by = time } }")
OTHER = """source pages {
  connector = csv("pages.csv")
  timestamp = written
  schema {
    page    : string
    written : timestamp
    long    : float?
  }
}
features of_page { from = source.pages, entity = page, feature long = %s }

model buyer {"""


def told(folder: Path, *changes: tuple[str, str]) -> list[tuple[str, str]]:
    """Findings of a system with a time and an entity."""
    return findings(folder, PAST, LATER, *changes)


@pytest.mark.parametrize(
    ("label", "found"),
    [("lag(clicks, 1) > 3", "lag(clicks, 1)"), ("max(clicks) over 1d > 3", "max(clicks) over 1d")],
)
def test_a_label_is_of_its_own_row(label: str, found: str, tmp_path: Path) -> None:
    """What is predicted of a row is not looked up in an earlier one."""
    assert ("MLA312", found) in told(tmp_path, ("visits.bought == true", label))


@pytest.mark.parametrize(
    ("feature", "found"),
    [
        ("mean(seconds) over 1d", [("MLA456", "mean(seconds) over 1d")]),
        ("lag(seconds, 1) + 1", [("MLA456", "lag(seconds, 1)")]),
        ("coalesce(sum(seconds) over 1d + count() over 1d, 0)", []),
        ("coalesce(lag(seconds, 1), 0)", []),
        ("impute_mean(max(seconds) over 1d)", []),
        ("ordinal(last(page) over 1d)", [("MLA456", "last(page) over 1d")]),
        ("frequency_encode(last(page) over 1d)", [("MLA456", "last(page) over 1d")]),
        ("one_hot(last(page) over 1d)", []),
    ],
)
def test_what_an_empty_history_lacks_is_imputed(feature: str, found: list[tuple[str, str]], tmp_path: Path) -> None:
    """A family that takes no missing values is warned of a history that may be empty, before any row is read."""
    assert told(tmp_path, ("log1p(seconds)", feature)) == found


@pytest.mark.parametrize(("feature", "found"), [("long", [("MLA456", "long")]), ("impute_median(long)", [])])
def test_a_joined_column_may_be_missing(feature: str, found: list[tuple[str, str]], tmp_path: Path) -> None:
    """A block over another source is read by a join, and an entity of which nothing is known has no values."""
    both = ("[features.visit]", "[features.visit, features.of_page]")
    assert told(tmp_path, ("model buyer {", OTHER % feature), both) == found


def test_a_history_of_a_lag_alone_is_divided_by_time(tmp_path: Path) -> None:
    """A model that looks back only by `lag` learns from what comes after the test rows as well, if they are drawn at random."""
    assert ("MLA455", "training weekly") in findings(tmp_path, PAST, ("log1p(seconds)", "coalesce(lag(seconds, 1), 0)"))


@pytest.mark.parametrize("feature", ["last(1h) over 1d", "lag(1h, 1)"])
def test_a_constant_has_no_history(feature: str, tmp_path: Path) -> None:
    """A duration is only ever a constant: nobody need look back for it."""
    assert ("MLA302", feature) in told(tmp_path, ("log1p(seconds)", f"hour(started + {feature})"))
