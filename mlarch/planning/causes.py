"""Which change makes which step run again: found by the block that both are in, so that a large file costs no more for each change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..architecture.steps import DeclaredStep
from ..architecture.vocabulary import Status
from .comparing import Change, touches


class Readers:
    """The steps that run again, by the paths at which the two files say what they are."""

    def __init__(self, read: Mapping[str, Iterable[str]]) -> None:
        self._blocks: dict[str, dict[str, list[str]]] = {}
        for key, paths in read.items():
            for path in paths:
                self._blocks.setdefault(block_of(path), {}).setdefault(key, []).append(path)

    def of(self, change: Change) -> list[str]:
        """Return the steps of which a change says something else than before."""
        ends = (change.path, change.was)

        def concerns(path: str) -> bool:
            # What only documents read concerns a step where that step reads exactly it.
            return path in ends if change.status is Status.DOCUMENTED else any(touches(path, each) for each in ends)

        near = [self._blocks.get(block, {}) for block in dict.fromkeys(map(block_of, ends))]
        return list(dict.fromkeys(key for steps in near for key, paths in steps.items() if any(map(concerns, paths))))


class Followers:
    """All that comes after each step, and itself."""

    def __init__(self, steps: Mapping[str, DeclaredStep]) -> None:
        self._place = {key: number for number, key in enumerate(steps)}
        self._after: dict[str, set[str]] = {key: {key} for key in steps}
        for key in reversed(list(steps)):
            for earlier in (*steps[key].inputs, *steps[key].after):
                self._after[earlier] |= self._after[key]

    def of(self, keys: Iterable[str]) -> tuple[str, ...]:
        """Return some steps and all that come after them, in an order in which they run."""
        return tuple(sorted(set[str]().union(*(self._after[key] for key in keys)), key=self._place.__getitem__))


def block_of(path: str) -> str:
    """Return the top-level block that a path is in."""
    return ".".join(path.split(".", 2)[:2])


def by_block(paths: Iterable[str]) -> dict[str, list[str]]:
    """Return paths by the top-level block that they are in."""
    found: dict[str, list[str]] = {}
    for path in paths:
        found.setdefault(block_of(path), []).append(path)
    return found
