"""Columns from the source to the last block that names one: they exist, have the right type and unit, and are known in time."""

from __future__ import annotations

from pathlib import Path

import pytest

from .systems import findings

Change = tuple[str, str]
SCHEMA = "    bought  : bool\n  }"
GATE = "require roc_auc >= 0.7"
MEASURED: Change = (
    "    clicks  : int\n",
    '    clicks  : int\n    waited  : float("s")\n    read    : float("s")\n    scrolled : float("cm")\n',
)


def told(folder: Path, *changes: Change) -> list[tuple[str, str]]:
    """What is found, but for what is not lowered yet."""
    return [found for found in findings(folder, *changes) if found[0] != "MLA801"]


def feature(text: str) -> Change:
    """Write a feature in place of the only one."""
    return ("log1p(seconds)", text)


def model(text: str) -> Change:
    """Add lines to the model."""
    return ("  label    =", f"  {text}\n  label    =")


def clean(text: str) -> Change:
    """Give the source repairs."""
    return (SCHEMA, f"{SCHEMA}\n  clean {{ {text} }}")


#: A time and an entity, and tests on later rows: features may be over earlier ones.
PAST = ("  connector =", "  timestamp = started\n  entity = page\n  connector =")
LATER = ("hardware = hardware.small }", "hardware = hardware.small, split { by = time } }")


def governed(text: str) -> Change:
    """Add a governance block."""
    return ("evaluation gate {", f"governance rules {{ {text} }}\n\nevaluation gate {{")


WRONG: list[tuple[list[Change], tuple[str, str]]] = [
    ([("  from = source.visits", "  from = source.visits\n  entity = visitor")], ("MLA301", "visitor")),
    ([(SCHEMA, SCHEMA + "\n  clean { dedupe = [page, start] }")], ("MLA301", "start")),
    ([(SCHEMA, SCHEMA + "\n  clean { where = clicks }")], ("MLA302", "clicks")),
    ([clean("null_if = second > 3")], ("MLA301", "second")),
    ([clean("null_if = seconds")], ("MLA302", "seconds")),
    ([clean("null_if = [seconds > 800 or clicks > 3]")], ("MLA471", "seconds > 800 or clicks > 3")),
    ([clean("null_if = 1 > 2")], ("MLA471", "1 > 2")),
    ([clean("null_if = clicks > 3")], ("MLA473", "null_if = clicks > 3")),
    ([clean("cast = clicks")], ("MLA473", "cast = clicks")),
    ([clean("cast = [click]")], ("MLA301", "click")),
    ([clean("clip { clicks in 9..1 }")], ("MLA217", "clicks in 9..1")),
    ([clean("clip { click >= 1 }")], ("MLA301", "click")),
    ([clean("clip { clicks > 1 }")], ("MLA471", "clicks > 1")),
    ([clean("clip { clicks <= seconds }")], ("MLA471", "clicks <= seconds")),
    ([clean('clip { page == "home" }')], ("MLA471", 'page == "home"')),
    ([clean("fill { clicks = 0.5 }")], ("MLA472", "0.5")),
    ([clean("fill { clicks = null }")], ("MLA472", "null")),
    ([clean("fill { seconds = 901 }")], ("MLA472", "901")),
    ([clean("fill { page = basket }")], ("MLA472", "basket")),
    ([clean("fill { started = 0 }")], ("MLA472", "0")),
    ([clean("fill { bought = 1 }")], ("MLA472", "1")),
    ([clean("fill { pages = 1 }")], ("MLA301", "pages = 1")),
    ([model("as_of = clicks")], ("MLA302", "clicks")),
    ([model("as_of = startd - 1h")], ("MLA301", "startd")),
    ([governed("protected = [page, gender]")], ("MLA301", "gender")),
    ([(GATE, f"{GATE}, fairness {{ attribute = pages, equal_opportunity_difference <= 5% }}")], ("MLA301", "pages")),
    ([(GATE, f"{GATE}, fairness {{ attribute = seconds, equal_opportunity_difference <= 5% }}")], ("MLA430", "seconds")),
    ([(GATE, f"{GATE}, fairness {{ attribute = page, equal_oportunity <= 5% }}")], ("MLA419", "equal_oportunity")),
    (
        [(GATE, f"{GATE}, fairness {{ attribute = page, equal_opportunity_difference <= 25 }}")],
        ("MLA420", "equal_opportunity_difference <= 25"),
    ),
    ([(GATE, "require worst(recall, by=pages) >= 0.3")], ("MLA301", "pages")),
    ([(GATE, 'require worst(recall, by="page") >= 0.3')], ("MLA301", '"page"')),
    ([(GATE, "require worst(recall, by=started) >= 0.3")], ("MLA430", "started")),
    ([(GATE, "require worst(recal, by=page) >= 0.3")], ("MLA419", "recal")),
    ([(GATE, "require worst(recall) >= 0.3")], ("MLA304", "worst(recall)")),
    ([(GATE, "require worse(recall, by=page) >= 0.3")], ("MLA303", "worse(recall, by=page)")),
    ([(SCHEMA, "    bought  : bool\n    left : timestamp\n  }\n  known_at = left"), feature("hour(left)")], ("MLA404", "left")),
    ([(SCHEMA, "    bought  : bool\n    left : timestamp\n  }\n  known_at = left"), model("as_of = left")], ("MLA404", "left")),
    ([MEASURED, feature("waited + scrolled")], ("MLA309", "waited + scrolled")),
    ([MEASURED, feature("max_of(abs(waited), 2, -scrolled)")], ("MLA309", "max_of(abs(waited), 2, -scrolled)")),
    ([MEASURED, feature("if(clicks > 3, waited, scrolled)")], ("MLA309", "if(clicks > 3, waited, scrolled)")),
    ([MEASURED, PAST, LATER, feature("impute_mean(mean(waited) over 1d - scrolled)")], ("MLA309", "mean(waited) over 1d - scrolled")),
    ([MEASURED, ("visits.bought == true", "visits.waited > visits.scrolled")], ("MLA309", "visits.waited > visits.scrolled")),
    (
        [MEASURED, (SCHEMA, SCHEMA + "\n  expect { mean(waited) <= max(scrolled) }")],
        ("MLA309", "mean(waited) <= max(scrolled)"),
    ),
]


@pytest.mark.parametrize(("changes", "found"), WRONG, ids=[f"{found[1]}-{number}" for number, (_, found) in enumerate(WRONG)])
def test_a_wrong_column_is_found(changes: list[Change], found: tuple[str, str], tmp_path: Path) -> None:
    """One mistake is one finding, and it underlines the mistake."""
    assert told(tmp_path, *changes) == [found]


RIGHT: list[list[Change]] = [
    [("  from = source.visits", "  from = source.visits\n  entity = page")],
    [clean("where = clicks > 0, dedupe = [page, started]")],
    [clean("null_if = [seconds > 800, clicks < 0], cast = clicks, fill { seconds = 0, clicks = 3 }")],
    [clean("clip { seconds in 1..800, clicks >= 0, clicks <= 90 }, fill { page = home, bought = false }")],
    [model("as_of = visits.started - 1h")],
    [governed("protected = [page, bought]")],
    [(GATE, f"{GATE}, fairness {{ attribute = page, equal_opportunity_difference <= 25%, demographic_parity_ratio >= 0.8 }}")],
    [(GATE, "require worst(recall, by=clicks) >= 0.3")],
    [
        (SCHEMA, "    bought  : bool\n    left : timestamp\n  }\n  known_at = left"),
        PAST,
        LATER,
        feature("impute_mean(hour(last(left) over 7d))"),
    ],
    [(SCHEMA, "    bought  : bool\n    left : timestamp\n  }\n  known_at = left"), model("as_of = started")],
    [MEASURED, feature("waited + read")],
    [MEASURED, feature("waited * 2 + scrolled / 3 + clicks")],
    [MEASURED, feature("standardize(waited) + standardize(scrolled)")],
    [MEASURED, feature("if(waited > 3, scrolled, 0)")],
    [MEASURED, feature("min_of(waited, read, 3)")],
]


@pytest.mark.parametrize("changes", RIGHT, ids=[changes[-1][1][:60] for changes in RIGHT])
def test_a_right_column_is_left_alone(changes: list[Change], tmp_path: Path) -> None:
    """A column that exists, is known in time and meets others of its unit gets no finding."""
    assert told(tmp_path, *changes) == []


def test_columns_of_a_broken_model_are_not_missed(tmp_path: Path) -> None:
    """A protected column may be of a model that has an error: nothing is said of it."""
    other = 'source pages { connector = csv("pages.csv"), schema { writer : string, long : bool } }\n'
    other += "features write { from = source.pages, feature n = length(writer) }\n"
    other += "model second { family = lightgbm, features = [features.write], label = pages.long == true, output = probabilty }\n"
    found = told(tmp_path, governed("protected = [writer]"), ("hardware small {", f"{other}hardware small {{"))
    assert [code for code, _ in found] == ["MLA209"]


BATCH = 'deployment nightly { model = model.buyer, mode = batch, input = source.other, output = parquet("out") }\n'


@pytest.mark.parametrize(
    ("schema", "found"),
    [
        ("seconds : float", []),
        ("seconds : int, clicks : int", []),
        ("clicks : int", [("MLA431", "source.other")]),
        ("seconds : string", [("MLA431", "source.other")]),
    ],
)
def test_a_batch_has_what_the_model_reads(schema: str, found: list[tuple[str, str]], tmp_path: Path) -> None:
    """The input of a batch deployment has each column that a feature reads, of the same kind; the label's it need not have."""
    source = f'source other {{ connector = csv("o.csv"), schema {{ {schema} }} }}\n'
    assert told(tmp_path, ("hardware small {", f"{source}{BATCH}hardware small {{")) == found


def test_drift_is_measured_against_the_same_model(tmp_path: Path) -> None:
    """A monitor's reference trains the model that its deployment serves."""
    other = "model second { family = lightgbm, features = [features.visit], label = visits.clicks > 3 }\n"
    other += "training daily { model = model.second }\nmonitor live { deployment = deployment.api, reference = training.%s }\n"
    own = ("evaluation gate {", "evaluation gate { training = training.weekly,")
    assert told(tmp_path, own, ("hardware small {", other % "weekly" + "hardware small {")) == []
    found = told(tmp_path, own, ("hardware small {", other % "daily" + "hardware small {"))
    assert found == [("MLA432", "training.daily")]
