"""Where data come from and go to: addresses that their connector can read, on every machine."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath, PureWindowsPath

from ...architecture.architecture import Architecture
from ...architecture.blocks.deployment import Mode
from ...architecture.blocks.features import BigQueryStore, Redis, S3Store
from ...architecture.blocks.source import (
    S3,
    BigQuery,
    Connector,
    Csv,
    DagsterAsset,
    Gcs,
    Http,
    JsonLines,
    Kafka,
    Parquet,
    PythonSource,
    Sql,
)
from ..base import Context

CODE = "MLA452"
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+)://\S+")
_SERVER = re.compile(r"[^\s:/]+:\d{1,5}")
_SERVERS = re.compile(rf"{_SERVER.pattern}(\s*,\s*{_SERVER.pattern})*")
_REDIS = re.compile(r"rediss?://([^\s/@]*@)?[^\s:/@]+(:\d{1,5})?(/\d*)?")
_TARGET = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*")
_TABLE = re.compile(r"[\w-]+(\.[\w-]+){2}")
_ENDINGS = {".csv": Csv, ".tsv": Csv, ".parquet": Parquet, ".jsonl": JsonLines, ".ndjson": JsonLines}
_CALLS = {Csv: "csv", Parquet: "parquet", JsonLines: "jsonl"}
_READERS = {"s3": "s3", "gs": "gcs", "http": "http", "https": "http"}


@dataclass(frozen=True)
class AddressesFit:
    """A connector gets an address of the form that it reads, and a server one that names it."""

    name: str = "addresses"
    of_the_whole: bool = False

    def run(self, context: Context) -> None:
        architecture = context.architecture
        for name, source in architecture.source.items():
            wrong = _wrong(source.connector)
            if wrong is not None and not context.wrong(f"source.{name}.connector"):
                context.error(CODE, wrong[0], f"source.{name}.connector", wrong[1], help=wrong[2])
        for name, store in architecture.feature_store.items():
            if (
                isinstance(store.online, Redis)
                and isinstance(store.online.address, str)
                and not context.wrong(f"feature_store.{name}.online")
                and not _SERVER.fullmatch(store.online.address)
                and not _REDIS.fullmatch(store.online.address)
            ):
                context.error(CODE, f"`{store.online.address}` is no address of a server", f"feature_store.{name}.online", "`host:port`")
            if isinstance(store.offline, S3Store) and not store.offline.uri.startswith("s3://"):
                context.error(CODE, f"`{store.offline.uri}` is no place in S3", f"feature_store.{name}.offline", "`s3://bucket/path`")
            if isinstance(store.offline, BigQueryStore) and store.offline.dataset.count(".") != 1:
                told = f"`{store.offline.dataset}` is no dataset of BigQuery"
                context.error(CODE, told, f"feature_store.{name}.offline", "`project.dataset`")
        self._servers(context)

    def _servers(self, context: Context) -> None:
        architecture = context.architecture
        for name, tracking in architecture.tracking.items():
            if tracking.uri is not None and not _SCHEME.fullmatch(tracking.uri) and not tracking.uri.startswith("databricks"):
                told = f"`{tracking.uri}` does not say how the server is spoken to"
                context.error(CODE, told, f"tracking.{name}.uri", "no scheme", help=f'write `uri = "https://{tracking.uri}"`')
        storage = architecture.system.storage
        if storage is not None and not re.fullmatch(r"s3://[^/\s]+(/\S*)?|file:///\S+", storage):
            told = f"`{storage}` is no storage that several machines see"
            at = f"system.{architecture.system.name}.storage"
            context.error(
                CODE, told, at, "neither S3 nor a folder", help='`"s3://bucket/path"`, or `"file:///folder"` that all of them mount'
            )
        for name, hardware in architecture.hardware.items():
            if hardware.cluster is not None and not hardware.cluster.address.strip():
                context.error(
                    CODE, "a cluster has an address", f"hardware.{name}.cluster", "empty", help='`ray("auto")`, `ray("ray://head:10001")`'
                )
        for name, deployment in architecture.deployment.items():
            host = deployment.host
            if not host or "/" in host or re.fullmatch(r"[^:]*:\d*", host):
                told = f"`{host}` is no host" if host else "a deployment has a host"
                context.error(
                    CODE, told, f"deployment.{name}.host", "a name or an address alone", help="the port has a key of its own: `port = 8000`"
                )


def _wrong(connector: Connector) -> tuple[str, str, str | None] | None:
    """Message, caption and help of an address that the connector cannot read, or None."""
    match connector:
        case Csv(path) | Parquet(path) | JsonLines(path):
            return _wrong_file(connector, path)
        case DagsterAsset(key):
            return None if all(key.split("/")) else (f"`{key}` is no key of an asset", "parts separated by `/`", None)
        case Sql(str() as url, _):
            return (
                None
                if _SCHEME.fullmatch(url)
                else (f"`{url}` is no address of a database", "no scheme", 'for example `"postgresql://host/name"`')
            )
        case S3(uri):
            return None if re.fullmatch(r"s3://[^/]+/.+", uri) else (f"`{uri}` is no object in S3", "`s3://bucket/key`", None)
        case Gcs(uri):
            return None if re.fullmatch(r"gs://[^/]+/.+", uri) else (f"`{uri}` is no object in Cloud Storage", "`gs://bucket/key`", None)
        case BigQuery(table):
            return None if _TABLE.fullmatch(table) else (f"`{table}` is no table of BigQuery", "`project.dataset.table`", None)
        case Http(url):
            return None if re.match(r"https?://\S", url) else (f"`{url}` is no address on the web", "`https://…`", None)
        case Kafka(_, servers):
            return None if _SERVERS.fullmatch(servers) else (f"`{servers}` names no broker", "`host:port`", None)
        case PythonSource(target):
            return None if _TARGET.fullmatch(target) else (f"`{target}` is no function", "`module:function`", None)
    return None


def _wrong_file(connector: Csv | Parquet | JsonLines, path: str) -> tuple[str, str, str | None] | None:
    call, scheme = _CALLS[type(connector)], _SCHEME.fullmatch(path)
    if not path.strip():
        return f"`{call}` needs the path of a file", "empty", None
    if scheme is not None:
        reader = _READERS.get(scheme[1].lower())
        help = f'write `{reader}("{path}")`' if reader else None
        return f"`{call}` reads a file beside the architecture, not from {scheme[1]}://", "no file", help
    if isinstance(connector, Csv) and len(connector.separator.encode()) != 1:
        return "values are separated by one character", f"{len(connector.separator)} given", 'for example `separator=";"`'
    other = _ENDINGS.get(PurePosixPath(path).suffix.lower())
    if other is not None and not isinstance(connector, other):
        return f"`{call}` does not read `{PurePosixPath(path).name}`", "another kind of file", f'write `{_CALLS[other]}("{path}")`'
    return None


@dataclass(frozen=True)
class PathsTravel:
    """A path is relative to the architecture file, so that it means the same on another machine."""

    name: str = "paths"
    of_the_whole: bool = False

    def run(self, context: Context) -> None:
        for at, path in _paths(context.architecture):
            if context.wrong(at) or "${" in path:
                continue
            if path.startswith("~") or "$" in path:
                context.error(CODE, f"`{path}` is read as it stands: `~` and variables are not replaced", at, "no such path", help=_HELP)
            elif self._fixed(context, path, at):
                context.warn("MLA449", f"`{path}` is a place on one machine", at, "not there on another one", help=_HELP)
        self._outputs(context)

    def _fixed(self, context: Context, path: str, at: str) -> bool:
        """An overlay and a parameter may well name a place on the machine that they are for."""
        span = context.positions.at(at)
        absolute = PurePosixPath(path).is_absolute() or bool(PureWindowsPath(path).drive)
        return absolute and not context.overlaid(span, at) and (span is None or "param." not in span.text)

    def _outputs(self, context: Context) -> None:
        """What is written is not what is read, nor what another one writes."""
        read = {path: at for at, path in _paths(context.architecture) if at.startswith("source.")}
        written: dict[str, str] = {}
        for name, deployment in context.architecture.deployment.items():
            if deployment.output is None or deployment.mode is not Mode.BATCH:
                continue
            path, at = deployment.output.path, f"deployment.{name}.output"
            if not path.strip():
                context.error(CODE, "predictions need a place", at, "empty", help='for example `output = parquet("predictions")`')
            elif path in read:
                source = read[path].rpartition(".")[0]
                context.error("MLA464", f"`{source}` is read from `{path}`: the predictions would replace it", at, "overwrites the data")
            elif path in written:
                context.error(
                    "MLA464", f"`{written[path]}` writes to `{path}` too", at, "one replaces the other", help="give each its own folder"
                )
            else:
                written[path] = f"deployment.{name}"


_HELP = 'write it relative to this file, or take it from outside: `param data : string = "data"`, `"${param.data}/…"`'


def _paths(architecture: Architecture) -> Iterator[tuple[str, str]]:
    for name, source in architecture.source.items():
        if isinstance(source.connector, (Csv, Parquet, JsonLines)):
            yield f"source.{name}.connector", source.connector.path
    for name, deployment in architecture.deployment.items():
        if deployment.output is not None:
            yield f"deployment.{name}.output", deployment.output.path
