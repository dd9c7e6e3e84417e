"""The page about the feature store says what its commands say, from an empty folder to a Feast client, with SQLite and with Redis."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from ..examples.console import commands, missing, said
from ..house.sources import ROOT
from ..redis import server
from ..servers import free_port, stop_all

PAGE = ROOT / "docs" / "howto" / "feature-store.md"
_BLOCK = re.compile(r"^```(mlarch file|python)\n(.*?)^```$", re.M | re.S)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder with the files of the page, served at a port of its own."""
    text = PAGE.read_text(encoding="utf-8")
    for kind, block in _BLOCK.findall(text):
        name = "deliveries.mlarch" if kind == "mlarch file" else block.partition("\n")[0].removeprefix("# ")
        (tmp_path / name).write_text(block.replace("mode  = online", f"mode  = online\n  port  = {free_port()}"), encoding="utf-8")
    yield tmp_path
    stop_all(tmp_path / "deliveries.mlarch")


@pytest.mark.servers
@pytest.mark.timeout(600)
def test_the_page_says_what_its_commands_say(folder: Path) -> None:
    """Every command of the page runs in order, and says every line that the page quotes; only times, ports and last digits may differ."""
    shown = {each.line: missing(each.quoted, said(each.line, folder), 0.001) for each in commands(PAGE.read_text(encoding="utf-8"))}
    assert len(shown) > 10
    assert {line: lines for line, lines in shown.items() if lines} == {}


@pytest.mark.servers
@pytest.mark.timeout(600)
def test_redis_is_one_line_away(folder: Path) -> None:
    """With the page's line for Redis, the address a secret, the same commands fill the server, and its password is in no build."""
    file = folder / "deliveries.mlarch"
    with server("--requirepass", "swordfish-4711") as redis, pytest.MonkeyPatch.context() as patch:
        file.write_text(file.read_text() + 'feature_store live { online = redis(secret("REDIS_URL")) }\n')
        patch.setenv("REDIS_URL", f'{redis.address},password="swordfish-4711"')
        told = {line: said(line, folder) for line in ("python rows.py", "mlarch run deliveries.mlarch --only orders")}
        assert "rules passed" in told["mlarch run deliveries.mlarch --only orders"]
        filled = said("mlarch features materialize", folder)
        assert "20 of 20 entities written" in filled and f"Redis at {redis.address}" in filled, filled
        assert "exact [28.0] [11.0]" in said("python ask.py", folder)
        texts = "".join(path.read_text() for path in (folder / "build").rglob("*") if path.is_file())
        assert "${REDIS_URL}" in texts and "swordfish" not in texts
