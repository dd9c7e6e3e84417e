"""What is known of a diagnostic code."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Code:
    """A code's title and explanation, with an example that is wrong and one that is right, where a few lines can show it.

    `within` is the block that the lines of the example stand in, `deployment.slo`; empty for the top of a file.
    """

    title: str
    explanation: str
    wrong: str | None = None
    right: str | None = None
    within: str = ""
