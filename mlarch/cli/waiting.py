"""What is shown while a server starts or ends: each phase with the seconds that it has taken."""

from __future__ import annotations

import sys
import threading
import time
from types import TracebackType
from typing import Self

import click


class Waiting:
    """Phases on standard error, used as a context and called with each phase; on a terminal the seconds of the present one count up."""

    def __init__(self, *, silent: bool = False) -> None:
        self._silent = silent
        self._live = sys.stderr.isatty()
        self._phase: str | None = None
        self._began = 0.0
        self._over = threading.Event()
        self._ticker: threading.Thread | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        self._end()

    def __call__(self, phase: str) -> None:
        """Begin a phase; the one before it has ended."""
        self._end()
        if self._silent:
            return
        self._phase, self._began = phase, time.monotonic()
        if self._live:
            self._over.clear()
            self._ticker = threading.Thread(target=self._count, daemon=True)
            self._ticker.start()

    def _count(self) -> None:
        while not self._over.wait(0.2):
            click.echo(f"\r{self._line()}", nl=False, err=True)

    def _end(self) -> None:
        if self._phase is None:
            return
        self._over.set()
        if self._ticker is not None:
            self._ticker.join()
        click.echo(f"\r{self._line()}" if self._live else self._line(), err=True)
        self._phase = None

    def _line(self) -> str:
        return f"{self._phase} … {time.monotonic() - self._began:.0f} s"
