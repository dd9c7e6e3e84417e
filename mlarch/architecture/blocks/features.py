"""`features` and `feature_store`: what the model sees."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, ClassVar

import msgspec

from ..quantities import Dimension, Quantity
from ..vocabulary import Definition, NamedBlock, Reference, Secret, Variant, about


class Features(NamedBlock, frozen=True, kw_only=True):
    """Named expressions over the columns of one source."""

    kind: ClassVar[str] = "features"

    source: Annotated[Reference, about("The source whose columns the expressions name.", refers="source")] = msgspec.field(name="from")
    entity: Annotated[
        tuple[str, ...],
        about("The columns that name whose history windows, lags and joins are over; the source's entity if absent.", word="column"),
    ] = ()
    feature: Annotated[dict[str, Definition], about("`feature name = expression`.")] = {}


class StoreBackend(StrEnum):
    FEAST = "feast"
    TECTON = "tecton"
    SAGEMAKER = "sagemaker"


class Fallback(StrEnum):
    MISSING = "missing"
    REFUSE = "refuse"


class Sqlite(Variant, frozen=True, tag="sqlite"):
    """A SQLite file under `.mlarch/`."""


class Redis(Variant, frozen=True, tag="redis"):
    """A Redis server."""

    address: Annotated[str | Secret, about("`host:port`, or `rediss://host:port/0` with TLS; with a password as a `secret`.")]


class ParquetStore(Variant, frozen=True, tag="parquet"):
    """Parquet files under `.mlarch/`."""


class S3Store(Variant, frozen=True, tag="s3"):
    """Parquet files in S3."""

    uri: Annotated[str, about("`s3://bucket/path`.")]


class BigQueryStore(Variant, frozen=True, tag="bigquery"):
    """Tables of BigQuery, each loaded whole by one job; who may is said by the environment (`GOOGLE_APPLICATION_CREDENTIALS`)."""

    dataset: Annotated[str, about("`project.dataset`, which is there already.")]


class FeatureStore(NamedBlock, frozen=True, kw_only=True):
    """Where features are kept between training and serving."""

    kind: ClassVar[str] = "feature_store"

    backend: Annotated[StoreBackend, about("The system.", planned=("tecton", "sagemaker"))] = StoreBackend.FEAST
    online: Annotated[Sqlite | Redis, about("What the request path reads.")] = Sqlite()
    offline: Annotated[
        ParquetStore | S3Store | BigQueryStore,
        about("Where the tables for the past are; `bigquery` was tried with a server of the tests, not at Google."),
    ] = ParquetStore()
    deadline: Annotated[
        Quantity, about("How long a request waits for the online store; then `fallback` holds.", dimension=Dimension.DURATION)
    ] = Quantity("20ms", Dimension.DURATION)
    fallback: Annotated[
        Fallback,
        about("A request without an answer of the store: every value of a history is `missing`, counts too, or `refuse` with status 503."),
    ] = Fallback.MISSING
    keep: Annotated[
        Quantity,
        about(
            "How long before the newest row the moment of a request may lie; of an earlier one there is no answer.",
            dimension=Dimension.DURATION,
        ),
    ] = Quantity("1d", Dimension.DURATION)
