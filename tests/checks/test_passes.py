"""The semantic passes: each finds its mistakes where they are, and leaves what is right alone.

The messages are in the corpus (`dsl/corpus/broken`); here stand the right neighbours of each mistake.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from mlarch.checks import PASSES

from .systems import findings

Change = tuple[str, str]


def test_passes_have_names_of_their_own() -> None:
    """Each pass is called something else, and says whether it looks for what is absent."""
    assert len({each.name for each in PASSES}) == len(PASSES)
    assert {each.name for each in PASSES if each.of_the_whole} == {
        *("unused", "owners", "registration", "emission", "actions", "clusters", "protection"),
    }


def test_the_whole_is_right(tmp_path: Path) -> None:
    """Without a change, no pass has anything to say."""
    assert findings(tmp_path) == []


#: By pass: a change, and the code and the text of what is found.
WRONG: list[tuple[str, Change, tuple[str, str]]] = [
    ("references", ("model = model.buyer, hard", "model = model.byer, hard"), ("MLA203", "model.byer")),
    ("references", ("[features.visit]", "[features.visit, features.vist]"), ("MLA203", "features.vist")),
    ("sources", ("  schema {", "  timestamp = clicks\n  schema {"), ("MLA302", "clicks")),
    ("sources", ("  schema {", "  expect { clicks > 1 }\n  schema {"), ("MLA308", "clicks")),
    ("sources", ("  schema {", "  expect { mean(page) > 1 }\n  schema {"), ("MLA302", "page")),
    ("features", ("log1p(seconds)", "log1p(second)"), ("MLA301", "second")),
    ("features", ("log1p(seconds)", "visit.pace + 1"), ("MLA403", "feature pace = visit.pace + 1")),
    ("features", ("log1p(seconds)", "max(seconds)"), ("MLA307", "max(seconds)")),
    ("features", ("log1p(seconds)", "coalesce(page, page)"), ("MLA306", "coalesce(page, page)")),
    ("features", ("log1p(seconds)", "seconds over 7d"), ("MLA302", "seconds over 7d")),
    ("features", ("log1p(seconds)", "mean(seconds) over 7"), ("MLA208", "7")),
    ("leakage", ("log1p(seconds)", "if(bought, 1, seconds)"), ("MLA404", "bought")),
    ("leakage", ("log1p(seconds)", "if(source.visits.bought, 1, seconds)"), ("MLA404", "source.visits.bought")),
    ("families", ("logistic_regression", "kmeans"), ("MLA405", "kmeans")),
    ("families", ("logistic_regression", "lightgbm\n  hyperparameters { num_leaves = 1 }"), ("MLA407", "1")),
    ("labels", ("visits.bought == true", "visits.clicks"), ("MLA409", "visits.clicks")),
    ("labels", ("visits.bought == true", "visits.bougt == true"), ("MLA301", "visits.bougt")),
    ("labels", ("logistic_regression", "logistic_regression\n  output = value"), ("MLA410", "value")),
    ("splits", ("hardware = hardware.small }", "hardware = hardware.small, split { by = time } }"), ("MLA414", "time")),
    ("splits", ("hardware = hardware.small }", "hardware = hardware.small, split { test = 100% } }"), ("MLA412", "split")),
    ("gates", ("require roc_auc >= 0.7", "require roc_auc >= 7"), ("MLA420", "require roc_auc >= 7")),
    ("gates", ("metric roc_auc { target >= 0.9, ", "metric roc_auc { target >= 9, "), ("MLA420", "9")),
    ("gates", ("require roc_auc >= 0.7", "require rmse >= 0.7"), ("MLA419", "rmse")),
    ("registration", ("require roc_auc >= 0.7", "gate = true"), ("MLA416", "evaluation gate")),
    ("deployments", ("slo { p99 < 100ms }", "slo { p99 < 0ms }"), ("MLA426", "0ms")),
    ("deployments", ("slo { p99 < 100ms }", "replicas = 0"), ("MLA423", "0")),
    ("deployments", ("slo { p99 < 100ms }", "hardware = hardware.small, replicas = 3"), ("MLA424", "3")),
    (
        "schedules",
        ("hardware = hardware.small }", 'hardware = hardware.small, schedule = cron("61 * * * *") }'),
        ("MLA427", 'cron("61 * * * *")'),
    ),
    ("unused", ("hardware small { cpu = 2 }", "hardware small { cpu = 2 }\nhardware spare { }"), ("MLA401", "hardware spare")),
    (
        "unused",
        ("features visit {", "features lone { from = source.visits, feature a = clicks, feature b = lone.a }\nfeatures visit {"),
        ("MLA401", "features lone"),
    ),
    ("support", ("logistic_regression", "logistic_regression\n  framework = native"), ("MLA801", "framework = native")),
]


@pytest.mark.parametrize(("name", "change", "found"), WRONG, ids=[f"{name}-{number}" for number, (name, _, _) in enumerate(WRONG)])
def test_a_pass_finds_its_mistake(name: str, change: Change, found: tuple[str, str], tmp_path: Path) -> None:
    """One mistake is one finding, and it underlines the mistake."""
    assert findings(tmp_path, change) == [found]


#: By pass: what is near to a mistake, and is none.
RIGHT: list[tuple[str, Change]] = [
    (
        "references",
        ("hardware small {", "deployment b { model = model.buyer, port = 1, hardware = hardware.two }\nhardware two { }\nhardware small {"),
    ),
    ("sources", ("  schema {", "  timestamp = started\n  schema {")),
    ("sources", ("  schema {", "  expect { rows > 1, mean(clicks) in 0..3, max(clicks) < 9 }\n  schema {")),
    ("sources", ("  schema {", "  expect { distinct(page) <= 5, unique(page, started) == 1 or rows < 10 }\n  schema {")),
    ("features", ("log1p(seconds)", 'if(page == "cart", clicks, visits.seconds)')),
    ("features", ("feature pace = log1p(seconds)", "feature pace = log1p(seconds)\n  feature fast = visit.pace > 3")),
    ("features", ("log1p(seconds)", "seconds > 3 and started > 2013-10-11")),
    ("leakage", ("visits.bought == true", "visits.clicks > 3")),
    ("families", ("logistic_regression", "lightgbm\n  hyperparameters { num_leaves = 2 }")),
    ("families", ("logistic_regression", "xgboost\n  hyperparameters { learning_rate = 1 }")),
    ("labels", ("visits.bought == true", "visits.bought")),
    ("labels", ("visits.bought == true", "bought")),
    ("labels", ("label    = visits.bought == true", "label = bought\n  threshold = 100%")),
    ("splits", ("hardware = hardware.small }", "hardware = hardware.small, split { test = 0.5, validation = 29% } }")),
    ("gates", ("require roc_auc >= 0.7", "require roc_auc >= champion.roc_auc - 0.5%, require log_loss <= 3")),
    ("registration", ("evaluation gate { require roc_auc >= 0.7 }", "")),
    ("deployments", ("slo { p99 < 100ms }", "slo { p50 < 10ms, p95 < 10ms, p99 < 10ms, availability >= 99.999% }")),
    ("deployments", ("slo { p99 < 100ms }", "hardware = hardware.small, replicas = autoscale(2, 8)")),
    ("schedules", ("hardware = hardware.small }", 'hardware = hardware.small, schedule = cron("0 0 29 2 *") }')),
    ("schedules", ("hardware = hardware.small }", 'hardware = hardware.small, schedule = cron("*/15 8-18 * jan-mar mon,fri") }')),
]  # fmt: skip


@pytest.mark.parametrize(("name", "change"), RIGHT, ids=[f"{name}-{number}" for number, (name, _) in enumerate(RIGHT)])
def test_a_pass_leaves_what_is_right_alone(name: str, change: Change, tmp_path: Path) -> None:
    """What is nearly a mistake, and is none, gets no finding."""
    assert findings(tmp_path, change) == []


def test_a_feature_that_leaks_through_another_is_found(tmp_path: Path) -> None:
    """A feature of a block that the model does not read leaks by being named in one that it does."""
    other = "features hidden { from = source.visits, feature sure = bought == true }\n\nmodel buyer {"
    found = findings(tmp_path, ("model buyer {", other), ("log1p(seconds)", "if(hidden.sure, 1, 0)"))
    assert ("MLA404", "bought") in found


def test_a_window_over_the_label_is_no_leak(tmp_path: Path) -> None:
    """The label of earlier rows is known: a window may read it."""
    for past in ("coalesce(count() over 7d, 0)", "impute_mean(mean(clicks) over 7d)", "impute_mean(lag(clicks, 1))"):
        history = ("  schema {", "  entity = page\n  timestamp = started\n  schema {")
        later = ("hardware = hardware.small }", "hardware = hardware.small, split { by = time } }")
        found = findings(tmp_path, history, later, ("log1p(seconds)", past), ("visits.bought == true", "visits.clicks > 3"))
        assert found == []


def test_an_error_hides_no_other(tmp_path: Path) -> None:
    """Mistakes of syntax, vocabulary and meaning in blocks that do not depend on one another are found in one run."""
    found = findings(
        tmp_path,
        ("seconds : float in 0..900", "seconds : float in 0..900\n    extra : number"),
        (
            "hardware small { cpu = 2 }",
            'hardware small { cpu = 2 }\n\nsource other {\n  connector = csv("o.csv")\n  timestamp = when\n  schema { x : float }\n}',
        ),
        ("p99 < 100ms", "p99 <"),
        ("require roc_auc >= 0.7", "require roc_acu >= 0.7"),
    )
    assert [code for code, _ in found] == ["MLA216", "MLA301", "MLA419", "MLA101"]


def test_an_error_brings_no_other(tmp_path: Path) -> None:
    """What depends on a block with an error is not judged by what the block lacks now."""
    for change in (
        ("seconds : float in 0..900", "seconds : floot"),
        ('csv("visits.csv")', "csv(visits)"),
        ("  feature pace = log1p(seconds)", "  feature pace = log1p(seconds"),
        ("problem = classification", "problem = classificaton"),
        ("hardware small {", "hardwear small {"),
        ("model buyer {", "model buyer"),
    ):
        assert len(findings(tmp_path, change)) == 1, change
