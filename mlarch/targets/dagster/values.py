"""Where steps leave their values for one another: one JSON file each, under `.mlarch/values/`. Models and tables stay where they lie."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import dagster as dg

from ...architecture.errors import ArchitectureError
from ...runtime.record import record
from ...runtime.state import read_value
from .work import VALUES, Work


class Values(dg.IOManager):
    """Writes a step's value whole or not at all, and reads it by the step's key."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.state = work.state
        self.failed: dict[str, ArchitectureError] = {}

    def handle_output(self, context: dg.OutputContext, obj: Any) -> None:
        """Keep a value, and record that its step ran."""
        key = "/".join(context.asset_key.path)
        try:
            self.state.write_value(self.path(context.asset_key.path), obj, "run.value")
            self.record([key])
        except ArchitectureError as problem:  # the engine would only say that its IO manager failed
            self.failed[key] = problem
            raise

    def record(self, keys: Iterable[str]) -> None:
        """Record that the values of steps are by this version of the file."""
        versions = {key: step.code_version for key, step in self.work.steps.items()}
        record(self.state, self.work.lock.hash, {key: self.path(key.split("/")) for key in keys}, versions)

    def load_input(self, context: dg.InputContext) -> Any:
        """Read a value back.

        Raises ArchitectureError (MLA906) when the step never ran.
        """
        found = self.read("/".join(context.asset_key.path))
        if found is None:
            key = "/".join(context.asset_key.path)
            raise ArchitectureError(
                "MLA906", f"`{key}` was never materialised", help="run the steps before it, or all of them: `mlarch run`"
            )
        return found

    def path(self, parts: Any) -> Path:
        """Return the file of a step."""
        return self.state.path("values", *parts[:-1], f"{parts[-1]}.json")

    def read(self, key: str) -> Any:
        """Return the value of a step, or None when there is none or it is damaged."""
        parts = key.split("/")
        return read_value(self.path(parts), VALUES[parts[-1]])
