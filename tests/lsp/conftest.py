"""A server for all tests of a module, in a folder of its own with the smallest example."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from .client import Client, session

EXAMPLE = Path(__file__).parents[2] / "examples" / "cancer" / "cancer.mlarch"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """An editor that has introduced itself; `cancer.mlarch` lies in its folder."""
    folder = tmp_path_factory.mktemp("project").resolve()
    (folder / "cancer.mlarch").write_text(EXAMPLE.read_text(encoding="utf-8"), encoding="utf-8")
    with session(folder) as opened:
        yield opened


@pytest.fixture
def cancer(client: Client) -> str:
    """The address of the example, open with its own text."""
    return client.open("cancer.mlarch", EXAMPLE.read_text(encoding="utf-8"))
