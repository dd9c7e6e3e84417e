"""`s3`: Parquet, CSV or JSON Lines in S3, one object or all that a pattern matches; who may read is said by the environment."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import polars as pl

from ....architecture.blocks.source import S3, Source
from ....architecture.errors import ArchitectureError
from .failing import unreachable
from .files import MISSING
from .rows import Rows, of_frame

_SECRETS = ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_ACCESS_KEY_ID")
_ABSENT = ("not found", "NoSuchKey", "NoSuchBucket", "expanded paths were empty")


def open_source(source: Source, root: Path, *, table: Any, first: int | None) -> Rows:
    """Return the rows of objects in S3, by the end of the key.

    The endpoint and the credentials are those of the environment (`AWS_ENDPOINT_URL`, `AWS_ACCESS_KEY_ID`, …). Raises ArchitectureError
    when there is no such object (MLA501), its kind is not known (MLA507), or S3 is out of reach or refuses (MLA512).
    """
    connector = source.connector
    assert isinstance(connector, S3)
    with _told(source):
        rows = of_frame(_scanned(source, connector.uri))

    def batches(columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        with _told(source):
            yield from rows.batches(columns)

    return Rows(rows.names, batches)


def _scanned(source: Source, uri: str) -> pl.LazyFrame:
    options = _options()
    match Path(uri).suffix:
        case ".parquet":
            return pl.scan_parquet(uri, storage_options=options, credential_provider=None, extra_columns="ignore")
        case ".csv":
            return pl.scan_csv(uri, storage_options=options, credential_provider=None, infer_schema=False, null_values=MISSING)
        case ".jsonl" | ".ndjson":
            return pl.scan_ndjson(uri, storage_options=options, credential_provider=None, infer_schema_length=None)
    at = f"source.{source.name}.connector"
    raise ArchitectureError("MLA507", f"{uri} is of a kind that is not read", at=at, help="a key ends in .parquet, .csv or .jsonl")


def _options() -> dict[str, Any]:
    """What the store is told beside what it reads from the environment itself."""
    endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
    options: dict[str, Any] = {
        "aws_region": os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or "us-east-1",
        "max_retries": 3,
    }
    if endpoint:
        options |= {"aws_endpoint_url": endpoint, "aws_allow_http": str(endpoint.startswith("http://")).lower()}
    return options


@contextmanager
def _told(source: Source) -> Iterator[None]:
    try:
        yield
    except (pl.exceptions.PolarsError, OSError) as problem:
        uri, words = getattr(source.connector, "uri", ""), str(problem)
        if any(each in words for each in _ABSENT):
            at = f"source.{source.name}.connector"
            raise ArchitectureError("MLA501", f"there is no object {uri}", at=at, help="is the key right, and may it be listed?") from None
        secrets = [os.environ.get(name, "") for name in _SECRETS]
        failed = f"{uri} cannot be read"
        if any(secrets):
            raise unreachable(source, failed, problem, *secrets) from None
        help = "no credentials are in the environment: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
        raise unreachable(source, failed, problem, help=help) from None
