"""The version of a source that is pinned, where it is kept here, and what is said where it is not."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from ...architecture.blocks.source import Source
from ...architecture.errors import ArchitectureError
from ..artifacts import Dataset
from ..state import State
from .pins import DIGITS, Pin
from .reading import schema_of
from .versions import versions_of


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
