"""What runs in production: alerts, rollbacks and circuit breakers can fire, and what they set off has an end."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlarch.architecture.blocks.deployment import Slo
from mlarch.architecture.blocks.system import Problem
from mlarch.architecture.nodes import abouts
from mlarch.architecture.operational import operational_metrics

from .systems import findings

DEPLOYMENT = "deployment api {\n  model = model.buyer\n"


def told(folder: Path, added: str, *changes: tuple[str, str]) -> list[tuple[str, str]]:
    """What is found with lines added before the deployment, but for what is not lowered yet."""
    return [found for found in findings(folder, (DEPLOYMENT, f"{added}\n{DEPLOYMENT}"), *changes) if found[0] != "MLA801"]


MONITOR = "monitor live { deployment = deployment.api }\n"
DRIFTS = MONITOR + "alert a { when = drift.ks > 0.1 }\n"

WRONG = [
    ("alert a { when = p98 > 200ms }", ("MLA419", "p98")),
    ("alert a { when = p99 > 200 }", ("MLA208", "200")),
    ("alert a { when = 5ms < error_rate }", ("MLA208", "5ms")),
    ("alert a { when = throughput < 100 }", ("MLA208", "100")),
    ("alert a { when = error_rate > 500% }", ("MLA420", "error_rate > 500%")),
    ("alert a { when = error_rate >= 0% }", ("MLA420", "error_rate >= 0%")),
    ("alert a { when = p99 < 0ms }", ("MLA420", "p99 < 0ms")),
    ("alert a { when = p99 > -1ms }", ("MLA420", "p99 > -1ms")),
    ("alert a { when = p99 > p99 }", ("MLA418", "p99 > p99")),
    ("alert a { when = error_rate over 30s > 5 }", ("MLA420", "error_rate over 30s > 5")),
    ("alert a { when = p99 > 1s and not error_rate }", ("MLA433", "error_rate")),
    ("alert a { when = 1 > 2 }", ("MLA433", "1 > 2")),
    ("alert a { when = p99 > 1s, for = windows(0, of=3) }", ("MLA436", "windows(0, of=3)")),
    ("alert a { when = drift.ks > 0.1 }", ("MLA434", "drift.ks")),
    (MONITOR + "alert a { when = drift.sk > 0.1 }", ("MLA419", "drift.sk")),
    (MONITOR + "alert a { when = rmse > 3 }", ("MLA419", "rmse")),
    ("alert a { when = p99 > 1s, then = retrain }", ("MLA435", "then = retrain")),
    ("alert a { when = p99 > 1s, then = scale_up }", ("MLA435", "then = scale_up")),
    (DRIFTS + "retraining r { training = training.weekly, on = [alert.a] }", ("MLA437", "[alert.a]")),
    ('retraining r { training = training.weekly, on = [cron("0 3 1 * *")], cooldown = 0s }', ("MLA437", "0s")),
    ("retraining r { training = training.weekly }", ("MLA438", "retraining r")),
]  # fmt: skip


@pytest.mark.parametrize(("added", "found"), WRONG, ids=[added for added, _ in WRONG])
def test_a_mistake_in_operation_is_found(added: str, found: tuple[str, str], tmp_path: Path) -> None:
    """One mistake is one finding, and it underlines the mistake."""
    assert told(tmp_path, added) == [found]


RIGHT = [
    "alert a { when = p99 > 200ms }",
    "alert a { when = 200ms < p50 or not availability >= 99% }",
    "alert a { when = error_rate > 0 }",
    "alert a { when = p99 - p50 > 1s }",
    MONITOR + "alert a { when = accuracy_drop > 5% or log_loss_rise > 0.2 or recall < 0.3 or drift.psi > 2 }",
    'retraining r { training = training.weekly, on = [cron("0 3 1 * *")] }',
    MONITOR + "alert a { when = drift.ks > 0.1, for = windows(3, of=3), then = retrain }\n"
    "retraining r { training = training.weekly, on = alert.a, cooldown = 1h }",
]


@pytest.mark.parametrize("added", RIGHT)
def test_what_can_fire_is_left_alone(added: str, tmp_path: Path) -> None:
    """A condition that is sometimes true, on a metric that something emits, gets no finding."""
    assert told(tmp_path, added) == []


def test_a_deployment_that_grows_can_scale_up(tmp_path: Path) -> None:
    """With room between the fewest and the most replicas, an alert may scale up; without, it may not."""
    alert = "alert a { when = p99 > 1s, then = scale_up }"
    grows = ("slo { p99 < 100ms }", "replicas = autoscale(1, 2)")
    assert told(tmp_path, alert, grows) == []
    assert told(tmp_path, alert, ("slo { p99 < 100ms }", "replicas = autoscale(2, 2)")) == [("MLA435", "then = scale_up")]


def test_rollback_and_breaker_read_their_own_deployment(tmp_path: Path) -> None:
    """What a deployment's own condition reads is emitted for that deployment, not for another."""
    own = ("slo { p99 < 100ms }", "release { rollback = drift.ks > 0.1 }")
    other = "deployment b { model = model.buyer, port = 1 }\nmonitor live { deployment = deployment.b }"
    assert told(tmp_path, other, own) == [("MLA434", "drift.ks")]
    assert told(tmp_path, MONITOR, own) == []
    batch = (
        "slo { p99 < 100ms }",
        'mode = batch\n  input = source.visits\n  output = parquet("out")\n  circuit_breaker { open = error_rate > 5% }',
    )
    assert told(tmp_path, "", batch) == [("MLA445", "circuit_breaker")]


def test_nothing_is_missed_where_an_error_took_it_away(tmp_path: Path) -> None:
    """A monitor that is broken is there all the same: no alert is told that nothing emits its metric."""
    found = told(tmp_path, "monitor live { deployment = deployment.apo }\nalert a { when = drift.ks > 0.1 }")
    assert [code for code, _ in found] == ["MLA203"]


def test_a_promise_is_a_metric_of_the_table() -> None:
    """Each key of `slo` is an operational metric that takes the same units."""
    known = operational_metrics(Problem.CLASSIFICATION)
    for key, (_, _, about) in abouts(Slo).items():
        assert set(known[key].dimensions) == set(about.dimensions)
