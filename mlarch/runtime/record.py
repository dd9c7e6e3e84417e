"""The record of the last run: which value each step left, and by which version of the file it was made."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec

from .state import State, read_value

#: Where the record is, under `.mlarch/`.
LATEST = Path("runs", "latest.json")


class LastRun(msgspec.Struct, frozen=True):
    """The JSON file of each asset's value, relative to the architecture's folder.

    `hash` is the architecture's that ran last, and `versions` the code version that each asset was made by, where the record has them.
    """

    assets: dict[str, str]
    hash: str | None = None
    versions: dict[str, str] = {}


def record(state: State, hash: str, files: Mapping[str, Path], versions: Mapping[str, str]) -> None:
    """Add assets to the record; what is no longer among `versions`, all the assets of the architecture, is dropped from it."""
    with state.lock("record"):
        before = last_run(state) or LastRun({})
        written = {key: file.relative_to(state.root).as_posix() for key, file in files.items()}
        assets = {key: path for key, path in {**before.assets, **written}.items() if key in versions}
        made_by = {key: versions[key] if key in files else before.versions.get(key, "") for key in assets}
        latest = LastRun(assets, hash, made_by)
        if latest != before:
            state.write_value(state.path(*LATEST.parts), latest, "run.record")


def last_run(state: State) -> LastRun | None:
    """Return the record of the last run, or None when nothing ran or the record is damaged."""
    return read_value(state.folder / LATEST, LastRun)
