"""A figure: what was measured in several runs, beside its references and its target."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Mapping

import msgspec


class Series(msgspec.Struct, frozen=True):
    """The values of one thing, a value a run."""

    values: tuple[float, ...]

    @property
    def median(self) -> float:
        """The middle value."""
        return statistics.median(self.values)

    def shown(self, unit: str) -> str:
        """Return median and spread as text."""
        digits = 0 if self.median >= 100 else 1 if self.median >= 10 else 2
        return f"{self.median:,.{digits}f} {unit} ({min(self.values):,.{digits}f}–{max(self.values):,.{digits}f})"


class Target(msgspec.Struct, frozen=True):
    """What is to be reached: under or at least a limit, and at least a ratio to a reference in the same rounds."""

    limit: float | None = None
    below: bool = True
    ratio: tuple[str, float] | None = None

    def shown(self, unit: str) -> str:
        """Return the target as text."""
        parts = [] if self.limit is None else [f"{'under' if self.below else 'at least'} {self.limit:,g} {unit}"]
        parts += [] if self.ratio is None else [f"at least {self.ratio[1]:g} × {self.ratio[0]}"]
        return ", ".join(parts)


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """One figure. `references` are measured in the same rounds; `missing` says why there is no value."""

    name: str
    unit: str
    ours: Series | None
    references: Mapping[str, Series] = {}
    target: Target | None = None
    missing: str | None = None

    @property
    def reached(self) -> bool | None:
        """Whether the median reaches the target; None without a target or a value."""
        if self.target is None or self.ours is None:
            return None
        limit, found = self.target.limit, self.ours.median
        held = limit is None or (found < limit if self.target.below else found >= limit)
        if self.target.ratio is not None:
            other, least = self.target.ratio
            held = held and other in self.references and found / self.references[other].median >= least
        return held

    def lines(self) -> Iterator[str]:
        """Yield the figure as lines of text, references below it with the ratio of the medians."""
        if self.ours is None:
            yield f"  {self.name:<44} not measured: {self.missing}"
            return
        end = "" if self.target is None else f"   target: {self.target.shown(self.unit)}: {'reached' if self.reached else 'MISSED'}"
        yield f"  {self.name:<44} {self.ours.shown(self.unit):<32}{end}"
        for name, series in self.references.items():
            yield f"      {name:<40} {series.shown(self.unit):<32}   ours is {self.ours.median / series.median:.2f} × this"


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """What `bench.json` holds."""

    machine: Mapping[str, str | int | bool]
    rounds: int
    figures: tuple[Figure, ...]

    def text(self) -> str:
        """Return everything as text."""
        facts = "\n".join(f"  {name:<44} {value}" for name, value in self.machine.items())
        figures = "\n".join(line for figure in self.figures for line in figure.lines())
        return f"Machine\n{facts}\n\nFigures: median (least–most) of {self.rounds} rounds\n{figures}"

    def json(self) -> bytes:
        """Return everything as JSON, with medians and verdicts beside the values."""
        plain = msgspec.to_builtins(self)
        for figure, held in zip(self.figures, plain["figures"], strict=True):
            held["median"] = figure.ours and figure.ours.median
            held["reached"] = figure.reached
        return msgspec.json.format(msgspec.json.encode(plain), indent=1) + b"\n"
