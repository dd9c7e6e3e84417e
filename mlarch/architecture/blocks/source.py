"""`source`: where rows come from, what they must look like, and when they are known."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, ClassVar

from ..expressions import Expression
from ..quantities import Dimension, Quantity
from ..types import Column
from ..vocabulary import DOCUMENTED, PLANNED, Block, Condition, NamedBlock, Secret, Variant, about


class Csv(Variant, frozen=True, tag="csv"):
    """Comma-separated values with a header line, UTF-8."""

    path: Annotated[str, about("A file, relative to the architecture file.")]
    separator: Annotated[str, about("The character between values.")] = ","


class Parquet(Variant, frozen=True, tag="parquet"):
    """A Parquet file."""

    path: Annotated[str, about("A file, relative to the architecture file.")]


class JsonLines(Variant, frozen=True, tag="jsonl"):
    """One JSON object a line."""

    path: Annotated[str, about("A file, relative to the architecture file.")]


class DagsterAsset(Variant, frozen=True, tag="dagster_asset"):
    """An asset of the user's own Dagster project, whose value is a pandas or Polars table or a path to a file."""

    key: Annotated[str, about("The asset key, parts separated by `/`.")]


class Sql(Variant, frozen=True, tag="sql"):
    """A query against a database."""

    url: Annotated[str | Secret, about("The database's URL.")]
    query: Annotated[str, about("A SELECT statement.")]


class S3(Variant, frozen=True, tag="s3"):
    """An object in S3."""

    uri: Annotated[str, about("`s3://bucket/key`.")]


class BigQuery(Variant, frozen=True, tag="bigquery"):
    """A BigQuery table."""

    table: Annotated[str, about("`project.dataset.table`.")]


class Http(Variant, frozen=True, tag="http"):
    """A JSON API."""

    url: Annotated[str, about("The address.")]


class Kafka(Variant, frozen=True, tag="kafka"):
    """A Kafka topic."""

    topic: Annotated[str, about("The topic.")]
    servers: Annotated[str, about("host:port of the brokers.")]


class PythonSource(Variant, frozen=True, tag="python"):
    """A function of the user's that returns a table."""

    target: Annotated[str, about("`module:function`.")]


Connector = Csv | Parquet | JsonLines | DagsterAsset | Sql | S3 | BigQuery | Http | Kafka | PythonSource


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


class Clean(Block, frozen=True, kw_only=True):
    """Repairs made before validation."""

    null_if: Annotated[Expression | None, about("The column compared is set to missing where this is true.", PLANNED)] = None
    where: Annotated[Expression | None, about("Only rows where this is true are kept.", PLANNED)] = None
    dedupe: Annotated[tuple[str, ...], about("Columns whose combination stays unique.", PLANNED, word="column")] = ()


class Source(NamedBlock, frozen=True, kw_only=True):
    """A table or a stream that the system reads."""

    kind: ClassVar[str] = "source"

    connector: Annotated[Connector, about("Where the rows are.", planned=("sql", "s3", "bigquery", "http", "kafka", "python"))]
    schema: Annotated[Schema, about("The columns.")]
    expect: Annotated[Expect | None, about("What must hold of the whole table.")] = None
    clean: Annotated[Clean | None, about("Repairs before validation.", PLANNED)] = None
    entity: Annotated[tuple[str, ...], about("The columns that name the thing a row is about.", PLANNED, word="column")] = ()
    timestamp: Annotated[str | None, about("The column that says when the event happened.", word="column")] = None
    known_at: Annotated[str | None, about("The column that says when the row became known.", PLANNED, word="column")] = None
    refresh: Annotated[Refresh | None, about("How often rows arrive.", DOCUMENTED)] = None
    volume: Annotated[Quantity | None, about("The expected size.", DOCUMENTED, dimension=Dimension.SIZE)] = None
