"""The benchmark's own arithmetic: a verdict that is wrong would be believed."""

from __future__ import annotations

import asyncio
import json

import pytest

from .figures import Figure, Result, Series, Target
from .load import ask


def figure(*ours: float, target: Target, rival: float = 100) -> Figure:
    """A figure beside one reference."""
    return Figure(name="rate", unit="req/s", ours=Series(ours), references={"rival": Series((rival,))}, target=target)


@pytest.mark.parametrize(
    ("target", "reached"),
    [
        (Target(150), True),
        (Target(120), False),
        (Target(120, below=False), True),
        (Target(121, below=False), False),
        (Target(ratio=("rival", 1.2)), True),
        (Target(ratio=("rival", 1.3)), False),
        (Target(120, below=False, ratio=("rival", 1.3)), False),
        (Target(ratio=("somebody", 1.0)), False),
    ],
)
def test_a_verdict_follows_from_the_median(target: Target, reached: bool) -> None:
    """The median decides, under or at least a limit and a ratio, and a ratio to what was not measured is not reached."""
    held = figure(900, 120, 1, target=target)
    assert held.reached is reached
    assert ("MISSED" in "".join(held.lines())) is not reached


def test_a_figure_without_a_value_says_why() -> None:
    """What could not be measured has its reason in the text and no verdict in the file."""
    held = Figure(name="memory", unit="MB", ours=None, target=Target(350), missing="this system does not tell")
    result = Result(machine={"cores": 2}, rounds=1, figures=(held, figure(1, target=Target(5))))
    assert "not measured: this system does not tell" in result.text()
    assert [each["reached"] for each in json.loads(result.json())["figures"]] == [None, True]


def test_the_load_generator_counts_wrong_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every answer is waited for and counted, and one that is not 200 is told apart, also where it arrives in pieces."""
    monkeypatch.setattr(f"{__package__}.load.WARM_SECONDS", 0.05)
    monkeypatch.setattr(f"{__package__}.load.SECONDS", 0.3)
    counted = 0

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal counted
        while head := await reader.readuntil(b"\r\n\r\n"):
            assert b"content-length: 2" in head and await reader.readexactly(2) == b"{}"
            counted += 1
            writer.write(b"HTTP/1.1 " + (b"500 Wrong" if counted % 2 else b"200 OK") + b"\r\ncontent-length: 4\r\n\r\nna")
            await writer.drain()
            await asyncio.sleep(0.001)
            writer.write(b"me")

    async def both() -> None:
        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        measured = await ask(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/predict", b"{}")
        answered = measured.rate * 0.3
        assert 0 < answered <= counted and abs(measured.wrong - answered / 2) <= 0.05 * answered + 1
        assert 1 <= measured.p50 <= measured.p99
        server.close()

    asyncio.run(both())
