"""What the readers of online stores share: what is asked for, and why there may be no answer."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Protocol

#: A view and the key of an entity in it.
Wanted = tuple[str, bytes]
#: So many are asked for in one round trip; the deadline is for each.
AT_ONCE = 200


class Reason(StrEnum):
    """Why something could not be answered from the store."""

    DEADLINE = "deadline"
    UNREACHABLE = "unreachable"
    BUSY = "busy"
    FORGOTTEN = "forgotten"
    UNREADABLE = "unreadable"
    TOO_OLD = "too_old"


class Unanswered(Exception):
    """The store gave no answer. The text says what happened, and no secret."""

    def __init__(self, reason: Reason, told: str) -> None:
        super().__init__(told)
        self.reason = reason


class Reader(Protocol):
    """Reads an online store. It is used from one event loop at a time, and by many requests at once."""

    async def read(self, wanted: Sequence[Wanted]) -> list[bytes | None]:
        """Return the `Value` that is kept of each entity, None where there is none, in as few round trips as can be.

        Raises Unanswered where the store does not answer in time, or not at all; that costs no more than the deadline.
        """
        ...

    async def unwritten(self) -> list[str]:
        """Return the views that were never written. Raises Unanswered as `read` does."""
        ...

    def close(self) -> None:
        """Let go of the store; a later read opens it again."""
        ...
