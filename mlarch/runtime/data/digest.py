"""The digest of a table: the same rows give the same one, whatever file they came from and in whatever batches."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl


class Digest:
    """The SHA-256 of names, types and values of a table, taken batch by batch."""

    def __init__(self, schema: pl.Schema) -> None:
        self.rows = 0
        self._schema = schema
        self._columns = [_ColumnDigest() for _ in schema]

    def update(self, batch: pl.DataFrame) -> None:
        """Take in more rows."""
        for column, digest in zip(batch.get_columns(), self._columns, strict=True):
            digest.update(column.to_physical(), self.rows)
        self.rows += len(batch)

    def hexdigest(self) -> str:
        """Return the digest of all rows so far."""
        digest = hashlib.sha256(repr([*self._schema.items()]).encode())
        digest.update(self.rows.to_bytes(8, "little"))
        for column in self._columns:
            digest.update(column.digest())
        return digest.hexdigest()


class _ColumnDigest:
    """Where values are missing, how long texts are, and the values themselves: each apart, so that batches leave no trace."""

    def __init__(self) -> None:
        self._missing, self._lengths, self._values = hashlib.sha256(), hashlib.sha256(), hashlib.sha256()

    def update(self, series: pl.Series, before: int) -> None:
        if series.null_count():
            self._missing.update(_bytes(series.is_null().arg_true().to_numpy().astype(np.uint64) + before))
            series = series.drop_nulls()
        if series.dtype == pl.String:
            self._lengths.update(_bytes(series.str.len_bytes().to_numpy()))
            self._values.update((series.str.join("").item() or "").encode("utf-8", "surrogatepass"))
        else:
            self._values.update(_bytes(series.to_numpy()))

    def digest(self) -> bytes:
        return b"".join(each.digest() for each in (self._missing, self._lengths, self._values))


def _bytes(values: npt.NDArray[Any]) -> memoryview:
    return np.ascontiguousarray(values).data.cast("B") if len(values) else memoryview(b"")


def content_digest(frame: pl.DataFrame) -> str:
    """Return the digest of a table that is in memory."""
    digest = Digest(frame.schema)
    digest.update(frame)
    return digest.hexdigest()
