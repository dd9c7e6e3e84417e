"""What is said of a feature store that its deployments cannot wait for, or whose silence a model cannot take."""

from __future__ import annotations

from pathlib import Path

import pytest

from .systems import findings
from .test_histories import LATER, PAST

COUNT = ("log1p(seconds)", "count() over 1d")
FILLED = ("log1p(seconds)", "coalesce(count() over 1d, 0)")
SERVED = ("MLA801", "model = model.buyer")


def told(folder: Path, *changes: tuple[str, str], store: str = "", before: str = "hardware small") -> list[tuple[str, str]]:
    """Findings of a system whose model looks back, with a feature store."""
    stores = [(before, f"feature_store store {{ {store} }}\n\n{before}")] if store else []
    return [each for each in findings(folder, PAST, LATER, *changes, *stores) if each != SERVED]


@pytest.mark.parametrize(
    ("store", "promise", "found"),
    [
        ("deadline = 99ms", "p99 < 100ms", []),
        ("deadline = 100ms", "p99 < 100ms", [("MLA457", "deadline = 100ms")]),
        ("online = sqlite()", "p99 < 20ms", [("MLA457", "p99 < 20ms")]),
        ("", "p99 < 10ms", [("MLA457", "p99 < 10ms")]),
        ("deadline = 1s", "p50 < 10ms", []),
    ],
)
def test_a_request_does_not_wait_longer_than_its_answer_may_take(store: str, promise: str, found: object, tmp_path: Path) -> None:
    """The deadline of the store, declared or by default, is shorter than the promised 99th percentile."""
    assert told(tmp_path, FILLED, ("p99 < 100ms", promise), store=store) == found


def test_a_deadline_that_nobody_waits_for_is_no_matter(tmp_path: Path) -> None:
    """A model that reads the row alone, and a deployment that writes a table, ask no store."""
    assert findings(tmp_path, ("hardware small", "feature_store store { deadline = 1s }\n\nhardware small")) == []
    table = ("slo { p99 < 100ms }", 'mode = batch, input = source.visits, output = parquet("out")')
    assert {code for code, _ in told(tmp_path, COUNT, table, store="deadline = 1s")} == {"MLA801"}


@pytest.mark.parametrize(
    ("feature", "store", "found"),
    [
        (COUNT, "", [("MLA456", "count() over 1d")]),
        (COUNT, "fallback = missing", [("MLA456", "count() over 1d")]),
        (COUNT, "fallback = refuse", []),
        (FILLED, "", []),
        (("log1p(seconds)", "impute_mean(sum(seconds) over 1d)"), "", []),
        (("log1p(seconds)", "mean(seconds) over 1d"), "fallback = refuse", [("MLA456", "mean(seconds) over 1d")]),
    ],
)
def test_what_the_store_does_not_answer_is_imputed(feature: tuple[str, str], store: str, found: object, tmp_path: Path) -> None:
    """A family that takes no missing values is warned even of a count, unless requests without an answer are refused."""
    assert told(tmp_path, feature, store=store) == found


def test_a_model_that_takes_missing_values_needs_no_filling(tmp_path: Path) -> None:
    """A family that takes missing values, and a model that answers no requests, may leave counts as they are."""
    assert told(tmp_path, COUNT, ("logistic_regression", "lightgbm")) == []
    table = ("slo { p99 < 100ms }", 'mode = batch, input = source.visits, output = parquet("out")')
    assert "MLA456" not in [code for code, _ in told(tmp_path, COUNT, table)]


def test_one_store_is_used(tmp_path: Path) -> None:
    """Of two feature stores the second would be ignored, and is an error."""
    two = ("hardware small", "feature_store one {}\n\nfeature_store two { online = sqlite() }\n\nhardware small")
    assert findings(tmp_path, two) == [("MLA453", "feature_store two")]


@pytest.mark.parametrize(
    ("address", "right"),
    [
        ('"cache:6379"', True),
        ('"redis://cache"', True),
        ('"rediss://cache:6380/2"', True),
        ('secret("REDIS_URL")', True),
        ('"cache"', False),
        ('"http://cache:6379"', False),
        ('"redis://cache:port"', False),
    ],
)
def test_a_server_is_named_as_its_clients_take_it(address: str, right: bool, tmp_path: Path) -> None:
    """Host and port, a URL of Redis, or a secret that has one."""
    store = ("hardware small", f"feature_store one {{ online = redis({address}) }}\n\nhardware small")
    assert [code for code, _ in findings(tmp_path, store)] == ([] if right else ["MLA452"])
