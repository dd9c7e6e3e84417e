"""Searches, gates, hardware and modes: each point can be tried, each bound goes the right way, and what runs finds room."""

from __future__ import annotations

from pathlib import Path

import pytest

from .systems import findings

Change = tuple[str, str]
GATE = "require roc_auc >= 0.7"
SMALL = "hardware small { cpu = 2 }"
TUNED = ("hardware = hardware.small }", "hardware = hardware.small, split { validation = 10% } }")
SLO = "slo { p99 < 100ms }"


def told(folder: Path, *changes: Change) -> list[tuple[str, str]]:
    """What is found, but for what is not lowered yet."""
    return [found for found in findings(folder, *changes) if found[0] != "MLA801"]


def search(text: str) -> Change:
    """Search hyperparameters of a boosting family, for a metric where the text names none."""
    text += "" if "imize" in text else ", maximize = roc_auc"
    return ("family   = logistic_regression", f"family   = lightgbm\n  search {{ {text} }}")


def shared(change: Change) -> list[Change]:
    """What a change to a cluster needs besides: storage and a tracking server."""
    storage = ("problem = classification", 'problem = classification\n  storage = "s3://bucket/visits"')
    tracking = ("evaluation gate", 'tracking runs { uri = "https://mlflow.example.org" }\n\nevaluation gate')
    return [storage, tracking] if "cluster" in change[1] else []


SEARCHES_WRONG = [
    ("num_leaves in []", ("MLA440", "num_leaves in []")),
    ("num_leaves in [31, 1]", ("MLA407", "1")),
    ("num_leaves in [31.5, 63]", ("MLA407", "31.5")),
    ("learning_rate in 0..0.3", ("MLA407", "0")),
    ("learning_rate in uniform(0.1, 3)", ("MLA407", "3")),
    ("learning_rate in loguniform(0, 0.3)", ("MLA440", "0")),
    ("learning_rate in loguniform(0.3, 0.01)", ("MLA440", "loguniform(0.3, 0.01)")),
    ("learning_rate in loguniform(0.3)", ("MLA304", "loguniform(0.3)")),
    ("learning_rate in log_uniform(0.01, 0.3)", ("MLA303", "log_uniform(0.01, 0.3)")),
    ("learning_rat in [0.1, 0.2]", ("MLA407", "learning_rat in [0.1, 0.2]")),
    ("num_leaves > 3", ("MLA440", "num_leaves > 3")),
    ("num_leaves in [31, 63], num_leaves in 3..9", ("MLA440", "num_leaves in 3..9")),
    ("num_leaves in [31, 63], trials = 0", ("MLA440", "0")),
    ("trials = 3", ("MLA440", "search")),
    ("num_leaves in [31, 63], maximize = log_loss", ("MLA441", "log_loss")),
    ("num_leaves in [31, 63], minimize = roc_auc", ("MLA441", "roc_auc")),
    ("num_leaves in [31, 63], maximize = auc", ("MLA419", "auc")),
    ("num_leaves in [31, 63], minimize = rmse", ("MLA419", "rmse")),
]


@pytest.mark.parametrize(("text", "found"), SEARCHES_WRONG, ids=[text for text, _ in SEARCHES_WRONG])
def test_a_search_that_would_fail_at_some_trial_is_refused(text: str, found: tuple[str, str], tmp_path: Path) -> None:
    """Each point of a search is checked before the first trial, and the finding underlines the point."""
    assert told(tmp_path, search(text), TUNED) == [found]


@pytest.mark.parametrize(
    "text",
    [
        "num_leaves in [2, 131072], max_depth in [-1, 17], trials = 1, maximize = roc_auc",
        "learning_rate in loguniform(1e-4, 1), max_depth in 3..9, minimize = log_loss",
        "reg_lambda in uniform(0, 3), n_estimators in loguniform(50, 500)",
    ],
)
def test_a_search_at_its_bounds_is_left_alone(text: str, tmp_path: Path) -> None:
    """A value that the family just takes is tried, and nothing is said."""
    assert told(tmp_path, search(text), TUNED) == []


WRONG: list[tuple[Change, tuple[str, str]]] = [
    ((GATE, "require roc_auc >= roc_auc - 0.5%"), ("MLA418", "require roc_auc >= roc_auc - 0.5%")),
    ((GATE, "require champion.f1 >= champion.f1 - 1%"), ("MLA418", "require champion.f1 >= champion.f1 - 1%")),
    ((GATE, "require roc_auc >= champion.recall - 1%"), ("MLA442", "require roc_auc >= champion.recall - 1%")),
    ((GATE, "require roc_auc <= 0.7"), ("MLA441", "require roc_auc <= 0.7")),
    ((GATE, "require log_loss >= 0.4"), ("MLA441", "require log_loss >= 0.4")),
    (("target >= 0.9", "target <= 0.9"), ("MLA441", "target <= 0.9")),
    ((SMALL, "hardware small { cpu = 0 }"), ("MLA439", "0")),
    ((SMALL, "hardware small { memory = 0GB }"), ("MLA439", "0GB")),
    ((SMALL, "hardware small { gpu = -1 }"), ("MLA439", "-1")),
    ((SMALL, 'hardware small { accelerator = "L4" }'), ("MLA439", '"L4"')),
    ((SMALL, "hardware small { nodes = 0..0 }"), ("MLA439", "0..0")),
    ((SMALL, "hardware small { nodes = 1..4 }"), ("MLA439", "1..4")),
    ((SLO, "stage = staging\n}\nregistry models { stages = [production]"), ("MLA444", "staging")),
    ((SLO, "}\nregistry models { stages = [staging]"), ("MLA444", "deployment api")),
    ((SLO, 'schedule = cron("0 4 * * *")'), ("MLA445", 'schedule = cron("0 4 * * *")')),
    ((SLO, 'mode = batch, input = source.visits, output = parquet("o"), slo { p99 < 100ms }'), ("MLA445", "slo")),
    ((SLO, "mode = batch, input = source.visits"), ("MLA205", "deployment api")),
    (
        (
            SLO,
            f"{SLO}, hardware = hardware.small\n}}\ndeployment b {{ model = model.buyer, port = 1, hardware = hardware.small, replicas = 2",
        ),
        ("MLA424", "2"),
    ),
    (
        (SLO, 'hardware = hardware.pool, replicas = 9\n}\nhardware pool { cluster = ray("auto"), cpu = 2, nodes = 1..4'),
        ("MLA424", "9"),
    ),
]


@pytest.mark.parametrize(("change", "found"), WRONG, ids=[f"{found[1]}-{number}" for number, (_, found) in enumerate(WRONG)])
def test_what_cannot_be_is_found(change: Change, found: tuple[str, str], tmp_path: Path) -> None:
    """One mistake is one finding, and it underlines the mistake."""
    assert told(tmp_path, change, *shared(change)) == [found]


RIGHT: list[Change] = [
    (GATE, "require roc_auc >= champion.roc_auc - 0.5%, require log_loss <= champion.log_loss * 1.05, require brier < 0.2"),
    (SMALL, 'hardware small { cpu = 2, gpu = 1, accelerator = "L4", cluster = ray("auto"), nodes = 0..3 }'),
    (SLO, "stage = staging\n}\nregistry models { stages = [staging, production]"),
    (SLO, 'mode = batch, output = parquet("o"), schedule = cron("0 4 * * *"), input = source.visits'),
    (SLO, "hardware = hardware.small\n}\ndeployment b { model = model.buyer, port = 1, hardware = hardware.small"),
    (SLO, 'hardware = hardware.pool, replicas = 8\n}\nhardware pool { cluster = ray("auto"), cpu = 2, nodes = 1..4'),
    (SLO, 'hardware = hardware.pool, replicas = 99\n}\nhardware pool { cluster = ray("auto"), cpu = 2'),
]


@pytest.mark.parametrize("change", RIGHT, ids=[change[1][:50] for change in RIGHT])
def test_what_can_be_is_left_alone(change: Change, tmp_path: Path) -> None:
    """What just fits, and what goes the right way, gets no finding."""
    assert told(tmp_path, change, *shared(change)) == []


@pytest.mark.parametrize(("volume", "found"), [("8GiB", []), ("9GiB", [("MLA443", "hardware = hardware.small")])])
def test_rows_fit_the_memory_of_their_training(volume: str, found: list[tuple[str, str]], tmp_path: Path) -> None:
    """A source that is larger than the memory of the node that trains on it gets a warning."""
    memory = (SMALL, "hardware small { cpu = 2, memory = 8GiB }")
    assert told(tmp_path, memory, ("  schema {", f"  volume = {volume}\n  schema {{")) == found


POOL = (SLO, 'hardware = hardware.pool\n}\nhardware pool { cluster = ray("auto"), cpu = 2')
ON_POOL = (SMALL, 'hardware small { cpu = 2, cluster = ray("auto") }')


def test_training_runs_on_a_cluster_and_serving_does_not_yet(tmp_path: Path) -> None:
    """A training on a cluster is carried out; a deployment there is refused until it is, at the place that names the cluster."""
    for change, wanted in ((ON_POOL, []), (POOL, [("MLA801", "hardware = hardware.pool")])):
        assert findings(tmp_path, change, *shared(change)) == wanted


@pytest.mark.parametrize("storage", ["/srv/shared", "https://store.example.org", "file://host/folder", "s3://"])
def test_storage_is_what_several_machines_see(storage: str, tmp_path: Path) -> None:
    """A bucket of S3, or a folder that all mount: what is neither is refused."""
    (place, tracking) = shared(ON_POOL)
    changed = (place[0], place[1].replace("s3://bucket/visits", storage))
    assert findings(tmp_path, ON_POOL, changed, tracking) == [("MLA452", f'"{storage}"')]
