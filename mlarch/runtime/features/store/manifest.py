"""What was written into a store: the digest of every entity of every view, so that only what has changed is written again.

A manifest belongs to one store, by its token: where another store answers, or the same one without its memory, nothing of it holds.
"""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from ...state import State
from .online import Online


@dataclass(frozen=True)
class Manifests:
    """The manifests of one store, in a folder of its own."""

    state: State
    token: str

    @classmethod
    def of(cls, store: Online, state: State, *, dry: bool) -> Manifests:
        """Return the manifests of a store. One that has no token gets one, unless nothing may be written.

        So does one that was written from elsewhere: whoever did it learns from the new token that his manifests hold no more.
        """
        token = store.token()
        if token is None or not cls(state, token).folder.exists():
            token = uuid.uuid4().hex[:16]
            if not dry:
                cls(state, token).folder.mkdir()
                store.name(token)
        made = cls(state, token)
        for other in () if dry else made.folder.parent.iterdir():
            if other != made.folder:
                shutil.rmtree(other, ignore_errors=True)
        return made

    def only(self, views: Collection[str]) -> None:
        """Forget what was written of other views: Feast takes them out of the store."""
        for file in self.folder.glob("*.parquet"):
            if file.stem not in views:
                file.unlink(missing_ok=True)

    @property
    def folder(self) -> Path:
        """The folder; the one that it is in exists."""
        return self.state.path("feast", "written", self.token)

    def path(self, view: str) -> Path:
        """Return the file of a view."""
        return self.folder / f"{view}.parquet"

    def read(self, view: str) -> pl.DataFrame | None:
        """Return the entities that were written with their digests; None where there are none, or the file is damaged."""
        try:
            return pl.read_parquet(self.path(view))
        except (OSError, pl.exceptions.PolarsError):
            return None

    def write(self, view: str, digests: pl.DataFrame) -> None:
        """Keep the entities that are in the store with their digests."""
        with self.state.new_file(self.path(view), "store.manifest") as temporary:
            digests.write_parquet(temporary)
