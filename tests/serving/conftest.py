"""What the tests of serving share: a system that looks back, trained once."""

from __future__ import annotations

import pytest

from .flights import Flights, trained


@pytest.fixture(scope="session")
def flights(tmp_path_factory: pytest.TempPathFactory) -> Flights:
    """The system of flights, trained and with its store filled; all tests share it, so that nobody may change it."""
    return trained(tmp_path_factory.mktemp("flights"))
