"""What another feature store costs: deployments that ask it take the change when they are served again."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlarch.planning.blast import plan
from mlarch.planning.classes import Class

from ..architecture.test_feature_views import TEXT, read

STORE = "\nfeature_store own {{ {} }}\n"


@pytest.mark.parametrize(
    ("before", "after", "path"),
    [
        ("deadline = 20ms", "deadline = 10ms", "feature_store.own.deadline"),
        ("fallback = missing", "fallback = refuse", "feature_store.own.fallback"),
        ("online = sqlite()", 'online = redis("redis:6379")', "feature_store.own.online"),
        (None, "deadline = 10ms", "feature_store.own"),
    ],
)
def test_what_asks_the_store_is_deployed_again(before: str | None, after: str, path: str, tmp_path: Path) -> None:
    """Where, how long and what otherwise: each deployment of a model that looks back takes it, and no other one."""
    old = read(tmp_path, TEXT + (STORE.format(before) if before else ""))
    made = plan(old, read(tmp_path, TEXT + STORE.format(after)))
    assert [each.change.path for each in made.changes] == [path]
    assert [(each.name, each.what) for each in made.deployments] == [("one", "redeploy"), ("two", "redeploy"), ("again", "redeploy")]
    assert all(path in each.because for each in made.deployments)


def test_a_store_that_nobody_asks_costs_nothing(tmp_path: Path) -> None:
    """Where no request looks back, what is said of a store is for documents alone."""
    text = TEXT[: TEXT.index("deployment one")]
    made = plan(read(tmp_path, text), read(tmp_path, text + STORE.format("deadline = 10ms")))
    assert [each.cost for each in made.changes] == [Class.DOCUMENTS] and not made.deployments
