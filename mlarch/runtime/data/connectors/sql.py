"""`sql`: the rows of a query, read-only, in batches from a cursor on the server."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from ....architecture.blocks.source import Source, Sql
from ....architecture.errors import ArchitectureError
from ....architecture.vocabulary import Secret
from ...secrets import reveal
from .failing import unreachable
from .rows import Asked, Rows, table_of

#: So many rows are fetched at a time.
FETCHED = 50_000
#: What an address stands for in SQLAlchemy, and the extra that brings the driver.
_DRIVERS = {"postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg"}


def open_source(source: Source, root: Path, asked: Asked) -> Rows:
    """Return the rows of a query.

    Raises ArchitectureError when the database is out of reach, refuses the query or drops the connection (MLA512), its driver is not
    installed (MLA602), or a secret is not set (MLA903).
    """
    return _Query(source, root).rows()


class _Query:
    """One query against one database; what it says of a failure shows neither address nor password."""

    def __init__(self, source: Source, root: Path) -> None:
        from sqlalchemy.engine import make_url
        from sqlalchemy.exc import ArgumentError

        connector, at = source.connector, f"source.{source.name}.connector"
        assert isinstance(connector, Sql)
        self.source, self.query = source, connector.query
        given = reveal(connector.url, at) if isinstance(connector.url, Secret) else connector.url
        try:
            url = make_url(given)
        except ArgumentError:
            help = "for example postgresql://host/database"
            raise ArchitectureError("MLA512", "the address of the database cannot be read", at=at, help=help) from None
        self.secrets = (given, url.password or "")
        if url.drivername == "sqlite":
            url = self._file(url, root)
        self.url = url.set(drivername=_DRIVERS.get(url.drivername, url.drivername))
        self.kind = url.get_backend_name()

    def _file(self, url: Any, root: Path) -> Any:
        """The address of a file that is opened for reading alone; a database that is not there would be made otherwise."""
        file = root / (url.database or "")
        if not file.is_file():
            at = f"source.{self.source.name}.connector"
            raise ArchitectureError(
                "MLA501", f"there is no database {url.database}", at=at, help="its path is relative to the architecture"
            )
        return url.set(database=f"file:{file.as_posix()}", query={"mode": "ro", "uri": "true"})

    def rows(self) -> Rows:
        """Run the query far enough to know its columns; the rows are fetched as they are asked for."""
        stream = self._stream()
        names: tuple[str, ...] = next(stream)

        def batches(columns: Sequence[str]) -> Iterator[pl.DataFrame]:
            for rows in stream:
                yield table_of(names, rows).select(columns)

        return Rows(names, batches, close=stream.close)

    def _stream(self) -> Generator[Any, None, None]:
        """Yield the names of the columns, and then the rows in lists of tuples."""
        from sqlalchemy import create_engine, text
        from sqlalchemy.exc import SQLAlchemyError

        fetched = 0
        try:
            engine = create_engine(self.url, hide_parameters=True, connect_args=_connecting(self.kind))
            try:
                with engine.connect().execution_options(stream_results=True, **_reading(self.kind)) as connection:
                    result = connection.execute(text(self.query))
                    if not result.returns_rows:
                        raise unreachable(self.source, "the query gives no rows", "it is no SELECT statement")
                    yield tuple(result.keys())
                    for rows in result.partitions(FETCHED):
                        yield rows
                        fetched += len(rows)
            finally:
                engine.dispose()
        except ModuleNotFoundError as problem:
            told, at = f"`sql` needs {problem.name} for {self.kind}, which is not installed", f"source.{self.source.name}.connector"
            raise ArchitectureError("MLA602", told, at=at, help="pip install 'mlarch[sql]'") from None
        except SQLAlchemyError as problem:
            what = f"{self.kind} broke off after {fetched:,} rows" if fetched else f"{self.kind} cannot be read"
            raise unreachable(self.source, what, getattr(problem, "orig", None) or problem, *self.secrets) from None


def _connecting(kind: str) -> dict[str, Any]:
    return {"connect_timeout": 10} if kind == "postgresql" else {}


def _reading(kind: str) -> dict[str, Any]:
    """A transaction in which nothing can be written, and which sees one state of the tables from its first row to its last."""
    return {"postgresql_readonly": True, "isolation_level": "REPEATABLE READ"} if kind == "postgresql" else {}
