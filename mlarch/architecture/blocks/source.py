"""`source`: where rows come from, what they must look like, and when they are known."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, ClassVar

from ..expressions import Expression
from ..quantities import Dimension, Quantity
from ..types import Column
from ..vocabulary import DOCUMENTED, Block, Condition, Limit, NamedBlock, Secret, Variant, about

BELOW = ("<", "<=")
_SHARE = (Dimension.RATIO, Dimension.NUMBER)


class Csv(Variant, frozen=True, tag="csv"):
    """Comma-separated values with a header line, UTF-8."""

    path: Annotated[str, about("A file, or several by a pattern, `data/*.csv`; relative to the architecture file.")]
    separator: Annotated[str, about("The character between values.")] = ","


class Parquet(Variant, frozen=True, tag="parquet"):
    """Parquet files; the folders of a partitioned table, `year=2013/`, are columns."""

    path: Annotated[str, about("A file, or several by a pattern, `data/**/*.parquet`; relative to the architecture file.")]


class JsonLines(Variant, frozen=True, tag="jsonl"):
    """One JSON object a line."""

    path: Annotated[str, about("A file, or several by a pattern, `data/*.jsonl`; relative to the architecture file.")]


class DagsterAsset(Variant, frozen=True, tag="dagster_asset"):
    """An asset of the user's own Dagster project, whose value is a pandas or Polars table or a path to a file."""

    key: Annotated[str, about("The asset key, parts separated by `/`.")]


class Sql(Variant, frozen=True, tag="sql"):
    """A query against a database."""

    url: Annotated[str | Secret, about("`sqlite:///data/shop.db`, `postgresql://user@host/shop`; with a password as a `secret`.")]
    query: Annotated[str, about("A SELECT statement; it is run read-only.")]


class S3(Variant, frozen=True, tag="s3"):
    """Parquet, CSV or JSON Lines in S3; endpoint and credentials come from the environment (`AWS_ENDPOINT_URL`, …)."""

    uri: Annotated[str, about("`s3://bucket/key.parquet`, or several by a pattern, `s3://bucket/part-*.csv`.")]


class Gcs(Variant, frozen=True, tag="gcs"):
    """Parquet, CSV or JSON Lines in Google Cloud Storage; who may read is said by the environment (`GOOGLE_APPLICATION_CREDENTIALS`)."""

    uri: Annotated[str, about("`gs://bucket/key.parquet`, or several by a pattern, `gs://bucket/part-*.csv`.")]


class BigQuery(Variant, frozen=True, tag="bigquery"):
    """A table or a view of BigQuery, as a query job reads it; who may is said by the environment (`GOOGLE_APPLICATION_CREDENTIALS`)."""

    table: Annotated[str, about("`project.dataset.table`; the columns that the schema names are read, and paid for.")]


class Http(Variant, frozen=True, tag="http"):
    """A JSON API: a list of objects, page by page; the next page is named by the header `Link` or by the key `next`."""

    url: Annotated[str, about("The address.")]
    token: Annotated[Secret | None, about("Sent as `Authorization: Bearer`.")] = None


class Kafka(Variant, frozen=True, tag="kafka"):
    """A Kafka topic of JSON objects: each ingestion adds what is new; the login is in the environment (`KAFKA_SASL_USERNAME`, …)."""

    topic: Annotated[str, about("The topic.")]
    servers: Annotated[str, about("host:port of one broker or more, separated by commas.")]


class PythonSource(Variant, frozen=True, tag="python"):
    """A function of the user's that returns a table or a list of records, or yields them."""

    target: Annotated[str, about("`module:function`.")]


Connector = Csv | Parquet | JsonLines | DagsterAsset | Sql | S3 | Gcs | BigQuery | Http | Kafka | PythonSource


class Refresh(StrEnum):
    """How often a source gains rows."""

    CONTINUOUS = "continuous"
    HOURLY = "hourly"
    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"


class Schema(Block, frozen=True, kw_only=True):
    """The columns of a source. Columns in the data that stand not here are dropped; columns here that the data lacks are an error."""

    columns: Annotated[tuple[Column, ...], about("`name : type`.", bare=True)]


class Expect(Block, frozen=True, kw_only=True):
    """Statements about the whole table that must hold before anything is built on it."""

    conditions: Annotated[tuple[Condition, ...], about("`rows >= 1000`, `mean(distance) in 800..1300`.", bare=True)]


class Clip(Block, frozen=True, kw_only=True):
    """Bounds that values are brought within."""

    bounds: Annotated[tuple[Condition, ...], about("`wind_speed in 0..200`, `distance >= 0`.", bare=True)]


#: What a missing value may become.
Filling = float | int | str | bool | None


class Fill(Block, frozen=True, kw_only=True):
    """What missing values become: constants. A mean or a median is fitted on the training rows, by `impute_median(x)` in a feature."""

    values: Annotated[dict[str, Filling], about('`temp = 50`, `origin = "EWR"`.', bare=True)]


class Clean(Block, frozen=True, kw_only=True):
    """Repairs made before validation, in this order; the report says how many rows each has changed or left out."""

    cast: Annotated[
        tuple[str, ...], about("Columns whose values are set to missing where they are not of the declared type.", word="column")
    ] = ()
    null_if: Annotated[tuple[Expression, ...], about("Conditions on one column each: its value is set to missing where one is true.")] = ()
    clip: Annotated[Clip | None, about("Bounds: a value beyond one becomes the bound.")] = None
    fill: Annotated[Fill | None, about("What a missing value becomes.")] = None
    where: Annotated[Expression | None, about("Only rows where this is true are kept.")] = None
    dedupe: Annotated[
        tuple[str, ...],
        about("Of rows that are equal in these columns the first is kept; one that lacks a value is no copy.", word="column"),
    ] = ()


class Source(NamedBlock, frozen=True, kw_only=True):
    """A table or a stream that the system reads."""

    kind: ClassVar[str] = "source"

    connector: Annotated[Connector, about("Where the rows are.")]
    schema: Annotated[Schema, about("The columns.")]
    expect: Annotated[Expect | None, about("What must hold of the whole table.")] = None
    clean: Annotated[Clean | None, about("Repairs before validation.")] = None
    quarantine: Annotated[
        Limit | None,
        about("Rows that break a rule of the schema are set aside, as long as they are no more of all.", operators=BELOW, dimension=_SHARE),
    ] = None
    drift: Annotated[
        Limit | None,
        about("How far a column may move from the version before (PSI) without stopping a run.", operators=BELOW, dimension=_SHARE),
    ] = None
    entity: Annotated[tuple[str, ...], about("The columns that name the thing a row is about.", word="column")] = ()
    timestamp: Annotated[str | None, about("The column that says when the event happened.", word="column")] = None
    known_at: Annotated[
        str | None, about("The column that says when the row became known; without a value in it, a row is never seen.", word="column")
    ] = None
    refresh: Annotated[
        Refresh | None,
        about("How often rows arrive: a row is seen from the next whole hour, day, Monday or month (UTC) on; at once if absent."),
    ] = None
    volume: Annotated[Quantity | None, about("The expected size.", DOCUMENTED, dimension=Dimension.SIZE)] = None
