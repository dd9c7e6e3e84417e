"""Commands that answer and end do not look for circles in what they have read."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator

import click
import pytest

import mlarch.cli
from mlarch.cli import BRIEF, COMMANDS, main


@pytest.fixture(autouse=True)
def collecting() -> Iterator[None]:
    """Leave the collector to the other tests as it was."""
    yield
    gc.enable()


@pytest.mark.parametrize("name", COMMANDS)
def test_only_brief_commands_stop_the_collector(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The collector is off while a command that only reads files runs, and on while one runs that stays or handles data."""
    seen: list[bool] = []

    def record(group: click.Group) -> int:
        seen.append(gc.isenabled())
        return 0

    monkeypatch.setattr(mlarch.cli, "guarded", record)
    monkeypatch.setattr(sys, "argv", ["mlarch", name, "large.mlarch"])
    with pytest.raises(SystemExit):
        main()
    assert seen == [name not in BRIEF]
    assert not BRIEF & {"run", "serve", "predict", "lsp", "init", "document"}
