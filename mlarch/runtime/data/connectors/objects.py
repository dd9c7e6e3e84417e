"""Objects in a store: Parquet, CSV or JSON Lines, one object or all that a pattern matches, as `s3` and `gcs` read them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import polars as pl

from ....architecture.blocks.source import Source
from ....architecture.errors import ArchitectureError
from .failing import unreachable
from .files import MISSING
from .rows import Rows, of_frame

_ABSENT = ("not found", "NotFound", "NoSuchKey", "NoSuchBucket", "expanded paths were empty")
_PATTERN = re.compile(r"[*?\[]")


class Store(Protocol):
    """A store of objects. `reading` are what Polars is told to read it; `secrets` must be in no message."""

    help: str

    @property
    def reading(self) -> Mapping[str, Any]: ...

    @property
    def secrets(self) -> tuple[str, ...]: ...

    def versions(self, bucket: str, prefix: str, *, exact: bool) -> dict[str, str]:
        """Return what tells apart the contents of each object whose key begins so, or is this one: another text for another content."""
        ...


def open_objects(source: Source, uri: str, store: Store) -> Rows:
    """Return the rows of objects, by the end of the key.

    Raises ArchitectureError when there is no such object (MLA501), its kind is not known (MLA507), or the store is out of reach, refuses,
    or got another object in the place of one while it was read (MLA512).
    """
    with _told(source, uri, store):
        before = _versions(uri, store)
        rows = of_frame(_scanned(source, uri, store.reading))

    def batches(columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        with _told(source, uri, store):
            yield from rows.batches(columns)
            after = _versions(uri, store)
        replaced = sorted(key for key, version in before.items() if after.get(key) != version)
        if replaced:
            raise unreachable(source, f"{uri} changed while it was read", replaced[0], help="nothing of it was kept: run again")

    return Rows(rows.names, batches)


def _versions(uri: str, store: Store) -> dict[str, str]:
    """The versions of the objects that a pattern matches; what it does not match is none of ours."""
    bucket, _, key = uri.partition("://")[2].partition("/")
    sign = _PATTERN.search(key)
    if sign is None:
        return store.versions(bucket, key, exact=True)
    matching = re.compile(_regular(key))
    found = store.versions(bucket, key[: sign.start()], exact=False)
    return {name: version for name, version in found.items() if matching.fullmatch(name)}


def _regular(pattern: str) -> str:
    """A pattern of keys as a regular expression: `**` crosses a `/`, `*` and `?` do not."""
    parts = re.split(r"(\*\*/|\*\*|\*|\?|\[[^\]]+\])", pattern)
    meant = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    return "".join(meant.get(part) or (part.replace("[!", "[^") if part.startswith("[") else re.escape(part)) for part in parts)


def _scanned(source: Source, uri: str, reading: Mapping[str, Any]) -> pl.LazyFrame:
    match Path(uri).suffix:
        case ".parquet":
            return pl.scan_parquet(uri, extra_columns="ignore", **reading)
        case ".csv":
            return pl.scan_csv(uri, infer_schema=False, null_values=MISSING, **reading)
        case ".jsonl" | ".ndjson":
            return pl.scan_ndjson(uri, infer_schema_length=None, **reading)
    at = f"source.{source.name}.connector"
    raise ArchitectureError("MLA507", f"{uri} is of a kind that is not read", at=at, help="a key ends in .parquet, .csv or .jsonl")


@contextmanager
def _told(source: Source, uri: str, store: Store) -> Iterator[None]:
    try:
        yield
    except (pl.exceptions.PolarsError, OSError) as problem:
        if any(each in str(problem) for each in _ABSENT):
            at = f"source.{source.name}.connector"
            raise ArchitectureError("MLA501", f"there is no object {uri}", at=at, help="is the key right, and may it be listed?") from None
        failed = f"{uri} cannot be read"
        if any(store.secrets):
            raise unreachable(source, failed, problem, *store.secrets) from None
        raise unreachable(source, failed, problem, help=store.help) from None
