"""What is known of a diagnostic code."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Code:
    """A code's title and explanation, with an example that is wrong and one that is right, where a file can show it."""

    title: str
    explanation: str
    wrong: str | None = None
    right: str | None = None
