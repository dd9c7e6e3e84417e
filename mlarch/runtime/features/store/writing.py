"""One view of a store: what is written of it, part by part, and what is taken out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from ...state import kill_point
from . import feast
from .changes import DIGEST, compared
from .layout import keys_of
from .manifest import Manifests
from .online import AT_ONCE, Online

#: Told of a view, and of how many of its entities were written since it was told last.
Told = Callable[[str, int], None]


def nobody(view: str, entities: int) -> None:
    """Is told, and says nothing."""


@dataclass
class Session:
    """One materialization: the store, what was written into it before, and whether anything or all of it is to be written."""

    online: Online
    manifests: Manifests
    repository: Path
    full: bool
    dry: bool
    told: Told
    _feast: Any = None

    @property
    def feast(self) -> Any:
        """Feast, which is loaded when there is something to write."""
        if self._feast is None:
            self._feast = feast.opened(self.repository)
        return self._feast


@dataclass
class ViewWriting:
    """A view that is written: `entity` are its key columns, `fields` its features."""

    session: Session
    view: str
    entity: Sequence[str]
    fields: Sequence[str]
    written: int = 0
    deleted: int = 0
    unchanged: int = 0
    _before: pl.DataFrame | None = None
    _strange: bool = False
    _seen: list[pl.DataFrame] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._before = self.session.manifests.read(self.view)
        self._strange = self._before is None

    @property
    def entities(self) -> int:
        """How many entities the view has."""
        return self.written + self.unchanged

    def part(self, digests: pl.DataFrame, rows: Callable[[pl.DataFrame], pl.DataFrame]) -> None:
        """Write those of some entities that have changed. `rows` returns the rows of the entities that it is given."""
        before = self._before
        if before is not None and before.schema != digests.schema:  # the columns of the entity are of other types now
            self._remove(before)
            before = self._before = None
        changed = compared(digests, None if self.session.full else before)
        self._seen.append(digests)
        self.written += len(changed)
        self.unchanged += len(digests) - len(changed)
        if self.session.dry or changed.is_empty():
            return
        others = before.join(digests, on=list(self.entity), how="anti") if before is not None else digests.clear()
        same = digests.join(changed, on=list(self.entity), how="anti")
        self._keep(pl.concat([others, same, _in_hand(changed, digests)]))
        feast.write(self.session.feast, self.view, self.entity, rows(changed), lambda count: self.session.told(self.view, count))
        self._keep(pl.concat([others, digests]))

    def end(self) -> None:
        """Take out the entities that are in no part; where nobody knows what was written before, the store is asked."""
        if self._strange and not self.session.dry:
            self._remove_strangers()
        if self._before is None:
            return
        now = pl.concat(self._seen) if self._seen else self._before.clear()
        gone = self._before.join(now, on=list(self.entity), how="anti")
        if gone.is_empty():
            return
        if not self.session.dry:
            self._keep(pl.concat([now, _in_hand(gone, now)]))
        self._remove(gone)
        if not self.session.dry:
            self._keep(now)

    def _remove_strangers(self) -> None:
        """Take out the entities that somebody else has written, or that were written before a manifest was lost."""
        known = {key for keys in (self._keys(self._before) if self._before is not None else ()) for key in keys}
        strange = [key for key in self.session.online.entities(self.view, self.fields) if key not in known]
        self.deleted += len(strange)
        for first in range(0, len(strange), AT_ONCE):
            self.session.online.remove(self.view, self.fields, strange[first : first + AT_ONCE])

    def _keep(self, digests: pl.DataFrame) -> None:
        self.session.manifests.write(self.view, digests)
        self._before = digests

    def _remove(self, gone: pl.DataFrame) -> None:
        self.deleted += len(gone)
        for keys in () if self.session.dry else self._keys(gone):
            kill_point("store.batch")
            self.session.online.remove(self.view, self.fields, keys)

    def _keys(self, entities: pl.DataFrame) -> Iterator[list[bytes]]:
        key = keys_of(self.entity)
        for batch in entities.select(self.entity).iter_slices(AT_ONCE):
            yield [key(values) for values in batch.iter_rows()]


def _in_hand(entities: pl.DataFrame, digests: pl.DataFrame) -> pl.DataFrame:
    """Return entities as those of which nobody knows what the store has: if this is cut short, they are written or taken out again."""
    return entities.select(pl.exclude(DIGEST), pl.lit(0, digests.schema[DIGEST]).alias(DIGEST))
