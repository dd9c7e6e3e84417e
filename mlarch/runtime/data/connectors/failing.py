"""What is said of a source beyond this machine that is out of reach or breaks off; nothing secret stands in it."""

from __future__ import annotations

from ....architecture.blocks.source import Source
from ....architecture.errors import ArchitectureError
from ...secrets import hidden

LONGEST = 200
_AGAIN = "nothing of it was kept: mend the connection and run again"


def unreachable(source: Source, what: str, problem: BaseException | str, *secrets: str, help: str = _AGAIN) -> ArchitectureError:
    """Return the user's message (MLA512) for a source that cannot be read, with the first line of its own words."""
    lines = str(problem).strip().splitlines() or [type(problem).__name__]
    words = hidden(lines[0], *secrets)[:LONGEST]
    return ArchitectureError("MLA512", f"{what}: {words}", at=f"source.{source.name}.connector", help=help)
