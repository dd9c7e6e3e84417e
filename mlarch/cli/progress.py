"""How a run is shown: a spinner for the step that is running, a line for each that has ended; plain lines where nobody watches."""

from __future__ import annotations

from collections.abc import Iterable
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from ..runtime.artifacts import Dataset, Evaluated, Materialized, Prepared, Registered, Trained, ValidationReport
from ..targets.dagster.outcomes import Event, Outcome, Phase
from .figures import declared_first

if TYPE_CHECKING:
    from rich.console import Console
    from rich.status import Status

MARKS = {
    Outcome.DONE: "[green]✓[/]",
    Outcome.UNCHANGED: "[dim]=[/]",
    Outcome.FAILED: "[red]✗[/]",
    Outcome.NOT_RUN: "[dim]·[/]",
}
#: What takes long in a step, by the last part of its key.
_BUSY = {
    "materialized": "Feast is loading, then what has changed is written",
    "trained": "MLflow is loading, then the model is fitted",
    "evaluated": "measures and draws",
}
#: The least width of a key and of a note.
_KEY, _NOTE = 26, 46


class Progress:
    """A display on a console, used as a context; called with each event of a run. `keys` are those of its steps: a column."""

    def __init__(self, console: Console, keys: Iterable[str] = ()) -> None:
        self.console = console
        self._width = max([_KEY, *map(len, keys)])
        self._status: Status | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        self._stop()

    def busy(self, what: str) -> None:
        """Say what is going on until the next line; on a terminal only."""
        self._stop()
        if self.console.is_terminal:
            self._status = self.console.status(f"[dim]{what} …[/]", spinner="dots")
            self._status.start()

    def __call__(self, event: Event) -> None:
        """Show an event."""
        kind = event.key.rpartition("/")[2]
        if event.phase is Phase.WAITING:
            self._line("another run is at work here; this one begins when it has ended")
        elif event.phase is Phase.BEGAN:
            self.busy(f"{event.key:{self._width}} {_BUSY.get(kind, '')}".rstrip())
        elif event.outcome is not None:
            seconds = "" if event.outcome is Outcome.UNCHANGED else f"{event.seconds:6.1f} s"
            unchanged = "unchanged: " if event.outcome is Outcome.UNCHANGED else ""
            self.line(event.outcome, event.key, unchanged + note(event.value), seconds)

    def line(self, outcome: Outcome, key: str, text: str, seconds: str = "") -> None:
        """Print the line of a step that has ended, or was never begun."""
        self._line(f"{MARKS[outcome]} {key:{self._width}} [dim]{f'{text:{_NOTE}}{seconds}'.rstrip()}[/]")

    def _line(self, text: str) -> None:
        self._stop()
        self.console.print(text)

    def _stop(self) -> None:
        if self._status is not None:
            self._status.stop()
            self._status = None


def repaired(dataset: Dataset) -> str:
    """Return what the repairs have done, in a few words: the ones that found something."""
    done = [f"{each.rule}: {each.rows:,}" for each in dataset.repairs if each.rows]
    return f"repaired {', '.join(done)}" if done else "nothing to repair"


def note(value: Any) -> str:
    """Return what is worth knowing of a step's value, in a few words."""
    match value:
        case Dataset():
            sample = f", a sample of {value.sample * 100:g}%" if value.sample is not None else ""
            aside = f"; {value.quarantined:,} set aside" if value.quarantined else ""
            return f"{value.rows:,} rows{sample}{aside}" + (f"; {repaired(value)}" if value.repairs else "")
        case ValidationReport():
            broken = sum(not rule.passed for rule in value.rules)
            return f"{broken} of {len(value.rules)} rules broken" if broken else f"{len(value.rules)} rules passed"
        case Prepared():
            parts = ", ".join(f"{part.rows:,} {name}" for name, part in value.parts.items() if part.rows)
            sample = f", a sample of {value.sample * 100:g}%" if value.sample is not None else ""
            return f"{len(value.features)} features; rows: {parts}{sample}"
        case Trained():
            return f"fitted in {value.seconds:.2f} s"
        case Evaluated():
            first = declared_first(value)[0]
            gate = "gate passed" if value.passed else "gate not passed" + ("" if value.blocking else ", it is off")
            return f"{first.name} {first.value:.4f}; {gate}"
        case Materialized():
            gone = f", {value.deleted:,} taken out" if value.deleted else ""
            return f"{value.written:,} of {value.entities:,} entities written{gone}"
        case Registered():
            return f"version {value.version}, {', '.join(value.stages)}"
    return ""
