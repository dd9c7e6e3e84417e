"""`mlarch run`: the same assets, executed in this process; what is unchanged is skipped."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import dagster as dg
from dagster import DagsterInstance

from ...architecture.errors import ArchitectureError
from ...architecture.lock import Lock
from ...language.suggest import names, nearest
from ...runtime.engines import quiet
from ...runtime.state import State, disk_space
from .assets import Observer, asset_key, assets_of
from .home import RUN_TAG, close_dead_runs, opened
from .outcomes import Event, OnEvent, Outcome, Phase, RunResult, refusal
from .skipping import is_current
from .values import Values
from .work import Step, Work

if TYPE_CHECKING:
    from dagster_shared.error import SerializableErrorInfo

#: What Ctrl-C becomes, depending on where in a step it comes.
INTERRUPTED = (dg.DagsterExecutionInterruptedError.__name__, KeyboardInterrupt.__name__)


def run(lock: Lock, *, only: str | None = None, sample: float | None = None, on_event: OnEvent | None = None) -> RunResult:
    """Materialise every asset that is not current, in this process.

    `only` names an asset (`classifier/trained`), or a source or model for all of its assets; `sample` is a share of the observations, 0
    to 1, kept apart from the full runs and never registered; histories are read whole. A user's mistake is in `RunResult.problem`.
    Raises ArchitectureError when `only` names nothing (MLA905), another run does not end (MLA902), or the disk is full (MLA901).
    """
    quiet()
    state = State(lock.root, sampled=sample is not None)
    work = Work(lock, state, sample)
    wanted = _wanted(work, only)
    tell = on_event or (lambda event: None)
    started = time.perf_counter()
    with disk_space(state.root), _turn(state, tell), opened(state) as instance:
        state.sweep()
        close_dead_runs(instance)
        result = RunResult(lock)
        values = Values(work)
        progress = _Progress(result, tell, lambda step: None if only else _current(work, step, instance, values))
        stale = _stale(work, wanted, progress)
        result.problem = _missing(work, wanted, values)
        if stale and result.problem is None:
            _execute(work, stale, instance, values, progress)
        values.record(key for key in wanted if result.outcomes.get(key) in (Outcome.DONE, Outcome.UNCHANGED))
        for key in wanted:
            result.outcomes.setdefault(key, Outcome.NOT_RUN)
    result.seconds = time.perf_counter() - started
    return result


class _Progress(Observer):
    """Turns what the steps tell into events and into the result."""

    def __init__(self, result: RunResult, on_event: OnEvent, current: Callable[[Step], Any]) -> None:
        self.result = result
        self.on_event = on_event
        self.current = current
        self.started = 0.0

    def began(self, step: Step) -> None:
        self.started = time.perf_counter()
        self.on_event(Event(step.key, Phase.BEGAN))

    def kept(self, step: Step) -> Any:
        """A step after one that ran need not run if that one came to the same."""
        value = self.current(step)
        if value is not None:
            self.result.values[step.key] = value
            self._end(step, Outcome.UNCHANGED, value)
        return value

    def ended(self, step: Step, value: Any) -> None:
        self.result.values[step.key] = value
        problem = refusal(step, value)
        if problem is not None:
            self.result.problem = problem
        self._end(step, Outcome.DONE if problem is None else Outcome.FAILED, value)

    def failed(self, step: Step, problem: ArchitectureError) -> None:
        self.result.problem = problem
        self._end(step, Outcome.FAILED, None)

    def _end(self, step: Step, outcome: Outcome, value: Any) -> None:
        self.result.outcomes[step.key] = outcome
        seconds = time.perf_counter() - self.started if outcome is not Outcome.UNCHANGED else 0.0
        self.on_event(Event(step.key, Phase.ENDED, outcome, seconds, value))


def _wanted(work: Work, only: str | None) -> list[str]:
    keys = list(work.steps)
    if only is None:
        return keys
    chosen = [key for key in keys if key == only or key.split("/")[0] == only]
    if not chosen:
        guess = nearest(only, [*keys, *dict.fromkeys(key.split("/")[0] for key in keys)])
        raise ArchitectureError(
            "MLA905",
            f"there is no asset `{only}`" + (f"; did you mean `{guess}`?" if guess else ""),
            help=f"the assets are {names(keys, 40)}",
        )
    return chosen


@contextlib.contextmanager
def _turn(state: State, tell: OnEvent) -> Iterator[None]:
    """Hold the folder; where another run does, say so and wait."""
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(state.lock("run", seconds=0.2))
        except ArchitectureError:
            tell(Event("", Phase.WAITING))
            stack.enter_context(state.lock("run"))
        yield


def _stale(work: Work, wanted: list[str], progress: _Progress) -> list[str]:
    """Return the wanted steps to execute, in order: those that are not current, and all that come after them."""
    stale: list[str] = []
    for key in wanted:
        step = work.steps[key]
        if {*step.inputs, *step.after} & set(stale) or progress.kept(step) is None:
            stale.append(key)
    return stale


def _current(work: Work, step: Step, instance: DagsterInstance, values: Values) -> Any:
    """Return the value of a step that running it again would give, or None."""
    value = values.read(step.key)
    if value is None or refusal(step, value) is not None or not is_current(work, step, value, instance, values):
        return None
    return value


def _missing(work: Work, wanted: list[str], values: Values) -> ArchitectureError | None:
    """Return what keeps the wanted steps from running: one before them, not wanted itself, that never ran or did not pass."""
    before = dict.fromkeys(need for key in wanted for need in (*work.steps[key].after, *work.steps[key].inputs) if need not in wanted)
    for key in before:
        value = values.read(key)
        if value is None:
            return ArchitectureError("MLA906", f"`{key}` never ran", help=f"`--only {key}` runs it; without `--only` every step runs")
        problem = refusal(work.steps[key], value)
        if problem is not None:
            return problem
    return None


def _execute(work: Work, keys: list[str], instance: DagsterInstance, values: Values, progress: _Progress) -> None:
    assets = assets_of(work, values, progress)
    selection = dg.AssetSelection.assets(*map(asset_key, keys))
    try:
        done = dg.materialize(
            assets,
            selection=selection,
            instance=instance,
            raise_on_error=False,
            tags={**RUN_TAG, "mlarch/pid": str(os.getpid())},
            run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
        )
    except dg.DagsterExecutionInterruptedError:
        raise KeyboardInterrupt from None
    for key, problem in values.failed.items():
        progress.result.outcomes[key], progress.result.problem = Outcome.FAILED, problem
    if done.success or progress.result.problem is not None:
        return
    errors = [event.step_failure_data.error for event in done.all_events if event.is_step_failure]
    if any(error is not None and error.cls_name in INTERRUPTED for error in errors):
        raise KeyboardInterrupt
    raise _internal([error for error in errors if error is not None])


def _internal(errors: list[SerializableErrorInfo]) -> RuntimeError:
    """A mistake that is not the user's: its message is one line, and all that Dagster has of it is a note for the log."""
    if not errors:
        return RuntimeError("the run failed, and Dagster does not say why")
    cause = errors[0]
    while cause.cause is not None:
        cause = cause.cause
    problem = RuntimeError(cause.message.strip().partition("\n")[0])
    for error in errors:
        problem.add_note(error.to_string())
    return problem
