"""Wrong files: how many mistakes one run tells, how much it tells for nothing, and how often a slip gets the right name.

`python -m tests.language.injecting ROUNDS` shows the same by the kind of mistake.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..language.injecting import measure
from ..language.suggesting import suggested
from .figures import Figure, Series, Target

#: So many slips of each kind of name are tried; `make prove` tries them all.
SLIPS = 40


class Mistakes:
    """The shares that were measured, in per cent."""

    def __init__(self) -> None:
        self.values: dict[str, list[float]] = {"told": [], "spurious": [], "named": [], "worst": []}

    def round(self, seed: int) -> None:
        """Put one to eight mistakes into each right file, and misspell names of each kind."""
        tally, slips = measure(1, seed=seed), suggested(sample=SLIPS)
        shares = [right / tried for right, tried in slips.values()]
        right, tried = (sum(pair[side] for pair in slips.values()) for side in (0, 1))
        for name, share in (("told", tally.recall), ("spurious", tally.noise), ("named", right / tried), ("worst", min(shares))):
            self.values[name].append(100 * share)

    def figures(self) -> Iterator[Figure]:
        """Yield the figures."""
        for name, shown, target in (
            ("told", "mistakes told in one run, 1 to 8 in a file", Target(95, below=False)),
            ("spurious", "    findings for nothing", Target(5)),
            ("named", "slips answered with the right name", Target(80, below=False)),
            ("worst", "    in the kind of name where it is worst", Target(80, below=False)),
        ):
            yield Figure(name=shown, unit="%", ours=Series(tuple(self.values[name])), target=target)
