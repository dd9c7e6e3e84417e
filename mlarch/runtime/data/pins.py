"""Pins: which version of a source's rows a run reads, instead of the newest.

They stand in `data.lock.json` beside the architecture file, to be committed with it: on another machine, and in CI, the same file then
means the same rows, or the run says that it cannot have them.
"""

from __future__ import annotations

from pathlib import Path

import msgspec
import polars as pl

from ...architecture.blocks.source import Source
from ...architecture.errors import ArchitectureError
from ..artifacts import Dataset
from ..state import State
from .reading import schema_of
from .versions import DIGITS, Version, versions_of

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


def pin(state: State, source: str, version: Version) -> None:
    """Let runs read one version of a source, until it is unpinned."""
    _write(state, {**pins_of(state.root), source: Pin(digest=version.dataset.digest, rows=version.dataset.rows)})


def unpin(state: State, source: str) -> bool:
    """Let runs read the newest rows of a source again; tell whether a version was pinned."""
    pins = pins_of(state.root)
    found = pins.pop(source, None) is not None
    if found:
        _write(state, pins)
    return found


def kept(pin: Pin, block: Source, root: Path) -> Dataset | None:
    """Return the version that is pinned, or None where it is not kept on this machine.

    Raises ArchitectureError (MLA517) when its columns are not those of the schema.
    """
    found = next((each.dataset for each in versions_of(State(root), block.name) if each.dataset.digest == pin.digest), None)
    if found is not None and pl.read_parquet_schema(root / found.path) != dict(schema_of(block)):
        help = f"`mlarch data unpin {block.name}`, or write the schema as it was"
        told = f"`{block.name}` is pinned to {pin.name}, which has other columns than the schema says"
        raise ArchitectureError("MLA517", told, at=f"source.{block.name}.schema", help=help)
    return found


def not_kept(pin: Pin, block: Source, given: Dataset | None) -> ArchitectureError:
    """Return what is said where a pinned version is not kept here, and the source gives another one."""
    now = f"the source gives {given.digest[:DIGITS]} now" if given is not None else "a sample can be taken of it after a whole run"
    help = f"bring .mlarch/data/{block.name}/ from where it was made, or `mlarch data unpin {block.name}`"
    told = f"`{block.name}` is pinned to {pin.name}, which is not kept here, and {now}"
    return ArchitectureError("MLA517", told, at=f"source.{block.name}", help=help)


def _write(state: State, pins: dict[str, Pin]) -> None:
    path = state.root / FILE
    if not pins:
        path.unlink(missing_ok=True)
        return
    data = msgspec.json.format(msgspec.json.encode(dict(sorted(pins.items()))), indent=2) + b"\n"
    state.write(path, data, "data.pins")
