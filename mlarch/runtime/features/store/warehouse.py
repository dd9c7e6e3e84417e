"""Tables of the store in BigQuery: a job loads each whole, and until it is done its readers see the one before."""

from __future__ import annotations

from pathlib import Path

from ....architecture.errors import ArchitectureError
from ...data.connectors.bigquery import EMULATOR, client_of, words_of
from ...data.connectors.google import HELP, NoCredentials, log_in, secrets_of
from ...secrets import hidden, known

CODE = "MLA612"
#: How often a part of an upload is tried again, at growing distances: for a minute in all.
RETRIES = 6
#: How long one answer is waited for.
SECONDS = 60.0
#: So much of what BigQuery says of a failure is shown.
LONGEST = 400


def load(file: Path, table: str, at: str | None) -> None:
    """Load a Parquet file into a table `project.dataset.table`, in the place of what is there; returns when the table is the new one.

    The job runs in the project of GOOGLE_CLOUD_PROJECT, of the credentials, or of the table. Raises ArchitectureError when BigQuery is out
    of reach, refuses, or the job fails (MLA612), or its library is not installed (MLA602). The table is never a part of the file.
    """
    try:
        from google.api_core.exceptions import GoogleAPIError
        from google.api_core.retry import Retry
        from google.auth.exceptions import GoogleAuthError
        from google.cloud.bigquery import CreateDisposition, LoadJobConfig, SourceFormat, WriteDisposition

        found, theirs = log_in(emulated=bool(known(EMULATOR)))
        client = client_of(found, theirs or table.partition(".")[0])
    except ImportError:
        said = "`bigquery` needs a library that is not installed"
        raise ArchitectureError("MLA602", said, at=at, help="pip install 'mlarch[gcp]'") from None
    except NoCredentials as problem:
        raise ArchitectureError(CODE, f"there are no credentials for `bigquery`: {problem}", at=at, help=HELP) from None
    config = LoadJobConfig(
        source_format=SourceFormat.PARQUET,
        create_disposition=CreateDisposition.CREATE_IF_NEEDED,
        write_disposition=WriteDisposition.WRITE_TRUNCATE,
    )
    try:
        with file.open("rb") as data:
            job = client.load_table_from_file(data, table, job_config=config, num_retries=RETRIES, timeout=SECONDS)
        job.result(retry=Retry(deadline=SECONDS))
    except GoogleAuthError as problem:
        said = hidden(f"Google refuses the credentials: {problem.args[0]}", *secrets_of(found))
        raise ArchitectureError(CODE, said, at=at, help=HELP) from None
    except (GoogleAPIError, OSError) as problem:
        said = hidden(f"{table} cannot be loaded: {_told(problem)}", *secrets_of(found))
        help = "does the dataset exist, and may jobs be run and its tables be written? Mend it and run again"
        raise ArchitectureError(CODE, said, at=at, help=help) from None
    finally:
        client.close()


def _told(problem: BaseException) -> str:
    """Return what BigQuery said of a failure: of a job its own message, without the list of all that Google's client puts behind it."""
    first = next(iter(getattr(problem, "errors", None) or ()), None)
    words = (first.get("message") if isinstance(first, dict) else None) or words_of(problem)
    return (words.strip().splitlines() or [type(problem).__name__])[0][:LONGEST]
