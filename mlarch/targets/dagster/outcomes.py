"""What a run tells while it goes on, and what it did: engine-neutral, so that a display need not load one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from ...architecture.errors import ArchitectureError
from ...architecture.lock import Lock
from ...runtime.artifacts import Evaluated, RuleResult, ValidationReport
from .work import Step


class Outcome(StrEnum):
    """How a step ended."""

    DONE = "done"
    UNCHANGED = "unchanged"
    FAILED = "failed"
    NOT_RUN = "not run"


class Phase(StrEnum):
    """What an event says: the run waits for another one, a step begins, or it has ended."""

    WAITING = "waiting"
    BEGAN = "began"
    ENDED = "ended"


@dataclass(frozen=True)
class Event:
    """One line of progress. `seconds`, `outcome` and `value` are given when the step has ended."""

    key: str
    phase: Phase
    outcome: Outcome | None = None
    seconds: float = 0.0
    value: Any = None


OnEvent = Callable[[Event], None]


@dataclass
class RunResult:
    """What a run did: the outcome and the value of each step, and the user's mistake that stopped it, if one did."""

    lock: Lock
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    problem: ArchitectureError | None = None
    seconds: float = 0.0

    @property
    def ok(self) -> bool:
        return self.problem is None


def refusal(step: Step, value: Any) -> ArchitectureError | None:
    """Return what a value's blocking checks have against going on."""
    match value:
        case ValidationReport(passed=False):
            return _broken(step.owner, value, [rule for rule in value.rules if not rule.passed])
        case Evaluated(blocking=True, passed=False):
            return _not_passed(step.owner, value)
    return None


def _broken(source: str, report: ValidationReport, broken: list[RuleResult]) -> ArchitectureError:
    first = broken[0]
    more = f", and {len(broken) - 1} more" if len(broken) > 1 else ""
    return ArchitectureError(
        "MLA505",
        f"`{source}` breaks {len(broken)} rule{'s' * (len(broken) > 1)}: {first.told(report.rows)}{more}",
        at=first.at,
        help=f"the report with example rows is {report.path}",
    )


def _not_passed(model: str, evaluated: Evaluated) -> ArchitectureError:
    missed = [each for each in evaluated.gate if not each.passed]
    figures = "; ".join(
        each.condition if each.left is None or each.right is None else f"{each.condition} ({each.left:.4f} against {each.right:.4f})"
        for each in missed
    )
    return ArchitectureError(
        "MLA604",
        f"`{model}` did not pass its gate: {figures}",
        at=missed[0].at,
        help="nothing was registered; the version in production stays",
    )
