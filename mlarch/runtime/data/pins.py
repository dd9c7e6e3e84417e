"""Pins: which version of a source's rows a run reads, instead of the newest.

They stand in `data.lock.json` beside the architecture file, to be committed with it: on another machine, and in CI, the same file then
means the same rows, or the run says that it cannot have them.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from ...architecture.errors import ArchitectureError
from ..artifacts import Dataset
from ..state import State

#: So many digits of a digest name a version.
DIGITS = 16
#: The name of the file.
FILE = "data.lock.json"


class Pin(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A version of a source, and its number of rows for who reviews the file."""

    digest: str
    rows: int

    @property
    def name(self) -> str:
        return self.digest[:DIGITS]


def pins_of(root: Path) -> dict[str, Pin]:
    """Return what is pinned, by source.

    Raises ArchitectureError (MLA517) when the file cannot be read.
    """
    try:
        return msgspec.json.decode((root / FILE).read_bytes(), type=dict[str, Pin])
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, msgspec.DecodeError) as problem:
        help = "set it right, or remove it and pin again: `mlarch data pin SOURCE VERSION`"
        raise ArchitectureError("MLA517", f"{FILE} cannot be read: {problem}", help=help) from None


def pin(state: State, version: Dataset) -> None:
    """Let runs read one version of a source, until it is unpinned."""
    _write(state, {**pins_of(state.root), version.source: Pin(digest=version.digest, rows=version.rows)})


def unpin(state: State, source: str) -> bool:
    """Let runs read the newest rows of a source again; tell whether a version was pinned."""
    pins = pins_of(state.root)
    found = pins.pop(source, None) is not None
    if found:
        _write(state, pins)
    return found


def _write(state: State, pins: dict[str, Pin]) -> None:
    path = state.root / FILE
    if not pins:
        path.unlink(missing_ok=True)
        return
    data = msgspec.json.format(msgspec.json.encode(dict(sorted(pins.items()))), indent=2) + b"\n"
    state.write(path, data, "data.pins")
