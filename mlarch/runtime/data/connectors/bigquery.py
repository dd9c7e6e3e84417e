"""`bigquery`: a table or a view, as one query job sees it; the rows come page by page."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import polars as pl

from ....architecture.blocks.source import BigQuery, Source
from ....architecture.errors import ArchitectureError
from ...secrets import known
from .failing import unreachable
from .google import HELP, credentials, needs_extra, secrets_of
from .rows import Asked, Rows, table_of

#: So many rows are asked for at a time.
FETCHED = 50_000
#: How long an answer is waited for, and how long it is tried again.
SECONDS = 60.0
EMULATOR = "BIGQUERY_EMULATOR_HOST"
PROJECT = "GOOGLE_CLOUD_PROJECT"
#: What the client says before what BigQuery said.
_REQUEST = re.compile(r"^[A-Z]+ https?://\S+: ")


def open_source(source: Source, root: Path, asked: Asked) -> Rows:
    """Return the rows of a table or a view.

    A query job reads them, so that they are one state of the table from the first to the last. It runs in, and is paid by, the project of
    GOOGLE_CLOUD_PROJECT, of the credentials, or of the table. Raises ArchitectureError when there is no such table (MLA501), BigQuery is
    out of reach or refuses (MLA512), or its library is not installed (MLA602).
    """
    return _Table(source).rows()


class _Table:
    """One table by Google's client; what it says of a failure shows no credential."""

    def __init__(self, source: Source) -> None:
        connector = source.connector
        assert isinstance(connector, BigQuery)
        self.source, self.name = source, connector.table
        self.credentials, theirs = credentials(source, "bigquery", emulated=bool(known(EMULATOR)))
        try:
            self.client = client_of(self.credentials, theirs or connector.table.partition(".")[0])
        except ImportError:
            raise needs_extra(source, "bigquery") from None
        self.fetched = 0

    def rows(self) -> Rows:
        """Look the columns up; the query runs when rows are asked for, and reads only the columns that are."""
        from google.api_core.retry import Retry

        again = Retry(deadline=SECONDS)
        with self._told():
            names = tuple(field.name for field in self.client.get_table(self.name, retry=again, timeout=SECONDS).schema)

        def batches(columns: Sequence[str]) -> Iterator[pl.DataFrame]:
            query = f"SELECT {', '.join(f'`{each}`' for each in columns)} FROM `{self.name}`"
            with self._told():
                job = self.client.query(query, retry=again, job_retry=None, timeout=SECONDS)
                for page in job.result(page_size=FETCHED, retry=again, job_retry=None).pages:
                    rows = [row.values() for row in page]
                    yield table_of(columns, rows)
                    self.fetched += len(rows)

        return Rows(names, batches)

    @contextmanager
    def _told(self) -> Iterator[None]:
        from google.api_core.exceptions import GoogleAPIError, NotFound
        from google.auth.exceptions import GoogleAuthError

        try:
            yield
        except NotFound:
            told, at = f"there is no table {self.name}", f"source.{self.source.name}.connector"
            raise ArchitectureError("MLA501", told, at=at, help="is its name right, and may it be seen?") from None
        except GoogleAuthError as problem:
            said = "Google refuses the credentials"
            raise unreachable(self.source, said, str(problem.args[0]), *secrets_of(self.credentials), help=HELP) from None
        except (GoogleAPIError, OSError) as problem:
            words = words_of(problem)
            what = f"{self.name} broke off after {self.fetched:,} rows" if self.fetched else f"{self.name} cannot be read"
            raise unreachable(self.source, what, words, *secrets_of(self.credentials)) from None


def client_of(credentials: Any, project: str) -> Any:
    """Return Google's client, whose jobs run in the project of GOOGLE_CLOUD_PROJECT, or else in the one given.

    Raises ImportError when it is not installed.
    """
    from google.cloud import bigquery

    emulator = known(EMULATOR)
    endpoint = {"api_endpoint": emulator if "://" in emulator else f"http://{emulator}"} if emulator else None
    return bigquery.Client(known(PROJECT) or project, credentials, client_options=endpoint)


def words_of(problem: BaseException) -> str:
    """Return what BigQuery said, without what its client says before it."""
    return _REQUEST.sub("", getattr(problem, "message", None) or str(problem))
