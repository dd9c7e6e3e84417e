"""What was worked out of a part that has not changed since: an editor has a file read anew at each letter, and most of it is as it was.

Without a memory everything is worked out each time, and comes to the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

from .diagnostics import Findings

T = TypeVar("T")
_MEMORY: ContextVar[Memory | None] = ContextVar("memory", default=None)


class Memory:
    """Results by what they were made of. What one reading has not asked for is forgotten after it.

    With `in_pieces`, texts are read in pieces, so that an edit concerns one of them alone.
    """

    def __init__(self, *, in_pieces: bool = True) -> None:
        self.in_pieces = in_pieces
        self._before: dict[tuple[object, ...], tuple[object, Any]] = {}
        self._now: dict[tuple[object, ...], tuple[object, Any]] = {}

    def recall(self, key: tuple[object, ...], parts: tuple[object, ...], make: Callable[[], T]) -> T:
        """Return what is kept under a key, or make it; `parts` are kept too, so that no other object can take their identity."""
        found = self._now.get(key)
        if found is None:
            found = self._now[key] = self._before.get(key) or (parts, make())
        made: T = found[1]
        return made

    def turn(self) -> None:
        """End a reading."""
        self._before, self._now = self._now, {}


@contextmanager
def remembering(memory: Memory) -> Iterator[None]:
    """Read with a memory, for one reading."""
    token = _MEMORY.set(memory)
    try:
        yield
    finally:
        _MEMORY.reset(token)
        memory.turn()


@contextmanager
def remembering_meanwhile() -> Iterator[None]:
    """Read with the memory that there is, or else with one that lasts no longer: what is asked several times is worked out once."""
    if _MEMORY.get() is not None:
        yield
        return
    with remembering(Memory(in_pieces=False)):
        yield


def reads_in_pieces() -> bool:
    """Tell whether there is a memory of the pieces of texts."""
    memory = _MEMORY.get()
    return memory is not None and memory.in_pieces


def once(what: str, parts: tuple[object, ...], make: Callable[[], T]) -> T:
    """Return what `make` gives, which depends on nothing but the parts: texts by their letters, everything else by identity."""
    memory = _MEMORY.get()
    if memory is None:
        return make()
    return memory.recall((what, *[part if isinstance(part, str) else id(part) for part in parts]), parts, make)


def told_once(what: str, parts: tuple[object, ...], findings: Findings, make: Callable[[Findings], T]) -> T:
    """The same, where something is found on the way: what is found is told each time."""

    def with_findings() -> tuple[T, Findings]:
        own = Findings()
        return make(own), own

    made, own = once(what, parts, with_findings)
    findings.items += own.items
    return made
