"""What fits its type and makes no sense is found; its right neighbours are left alone. The messages are in the corpus."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlarch.architecture.expressions import Apply, Expression, Literal, Name
from mlarch.checks.evaluation.conditions import contradictions, superfluous
from mlarch.checks.features.ranges import Range, decided, range_of
from mlarch.planning.schedules import ScheduleProblem, check_cron, gaps

from .systems import findings

X = Name(("x",))
DAY = 86400.0


def between(low: float, high: float) -> Range:
    """What `x` lies between, in a call of `range_of`."""
    return Range(low, high)


@pytest.mark.parametrize("function", ["+", "-", "*", "min_of", "max_of"])
def test_a_range_holds_every_value_of_the_expression(function: str) -> None:
    """Whatever two numbers of a range come to lies within the range that is worked out."""
    made = {"+": float.__add__, "-": float.__sub__, "*": float.__mul__, "min_of": min, "max_of": max}[function]
    for low, high in ((-3.0, 2.0), (0.0, 5.0), (-4.0, -1.0)):
        y = Name(("y",))
        found = range_of(Apply(function, (X, y)), lambda _, low=low, high=high: between(low, high))
        values = [low + (high - low) * step / 8 for step in range(9)]
        results = [made(one, other) for one in values for other in values]
        assert found.low <= min(results) and max(results) <= found.high


@pytest.mark.parametrize(("operator", "bound", "outcome"), [(">", 10, False), (">=", 10, None), ("<=", 10, True), ("<", 0, False)])
def test_a_comparison_at_the_end_of_a_range_is_decided(operator: str, bound: float, outcome: bool | None) -> None:
    """Beyond the last value a comparison is decided, and at it only where the end itself counts."""
    assert decided(Apply(operator, (X, Literal(bound))), lambda _: between(0, 10)) is outcome


def test_conditions_that_touch_do_not_contradict() -> None:
    """`x >= 5` and `x <= 5` leave one value; `x > 5` leaves none; the stricter of two makes the other superfluous."""
    least, most, above = (Apply(each, (X, Literal(5))) for each in (">=", "<=", ">"))
    stricter: Expression = Apply(">=", (X, Literal(7)))
    assert not list(contradictions([least, most]))
    assert [(one.node, other.node) for one, other in contradictions([above, most])] == [(above, most)]
    assert [(strong.node, weak.node) for strong, weak in superfluous([least, stricter])] == [(stricter, least)]


@pytest.mark.parametrize(
    ("cron", "shortest", "longest"),
    [("0 3 * * *", DAY, DAY), ("*/15 * * * *", 900.0, 900.0), ("0 2 * * 1", 7 * DAY, 7 * DAY), ("0 3 1 * *", 28 * DAY, 31 * DAY)],
)
def test_the_time_between_two_firings_is_known(cron: str, shortest: float, longest: float) -> None:
    """Months are of their own lengths, and the night between two days counts."""
    assert gaps(cron) == (shortest, longest)


@pytest.mark.parametrize(
    "cron", ["² 2 * * *", "*/90 * * * *", "0,,5 * * * *", "-5 * * * *", "9" * 5000 + " 0 * * *", "@daily", "0 0 L * *"]
)
def test_what_is_no_time_table_ends_in_a_message(cron: str) -> None:
    """No text makes the reading of a time table fail otherwise than by saying what is wrong."""
    with pytest.raises(ScheduleProblem):
        check_cron(cron)


GATE, SOURCE = "require roc_auc >= 0.7", '  connector = csv("visits.csv")'
WRONG = [
    ((GATE, "require roc_auc > 1"), "MLA420"),
    ((GATE, "require roc_auc >= champion.roc_auc - 100%"), "MLA420"),
    ((GATE, "require worst(recall, by=page) >= 1.2"), "MLA420"),
    ((GATE, "require roc_auc >= 0.7, require roc_auc >= 0.8"), "MLA465"),
    ((SOURCE, '  connector = http("https://example.org/v?token=abcdef")'), "MLA448"),
    ((SOURCE, '  connector = csv("visits.csv", separator=";;")'), "MLA452"),
    (("log1p(seconds)", "clip(seconds, 9, 1)"), "MLA310"),
    (("log1p(seconds)", "seconds > 901"), "MLA311"),
    (("visits.bought == true", "standardize(visits.clicks) > 1"), "MLA312"),
]
RIGHT = [
    (GATE, "require roc_auc >= champion.roc_auc - 19%"),
    (GATE, "require roc_auc in 0.7..1"),
    (SOURCE, '  connector = csv("data/visits.txt", separator=";")'),
    ("log1p(seconds)", "clip(seconds, 1, 9)"),
    ("log1p(seconds)", "seconds >= 900"),
    ("log1p(seconds)", "coalesce(1 / seconds, 0)"),
]


@pytest.mark.parametrize(("change", "code"), WRONG, ids=[change[1] for change, _ in WRONG])
def test_what_makes_no_sense_is_found(change: tuple[str, str], code: str, tmp_path: Path) -> None:
    """One mistake is one finding, besides what is not lowered yet."""
    assert [each for each, _ in findings(tmp_path, change) if each != "MLA801"] == [code]


@pytest.mark.parametrize("change", RIGHT, ids=[change[1] for change in RIGHT])
def test_what_just_makes_sense_is_left_alone(change: tuple[str, str], tmp_path: Path) -> None:
    """What is one step beside a mistake gets no finding."""
    assert findings(tmp_path, change) == []
