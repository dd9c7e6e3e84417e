"""Tables of the store in S3: put there whole, by a server that says what was wrong."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from ....architecture.errors import ArchitectureError
from ...secrets import hidden

_SECRETS = ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_ACCESS_KEY_ID")


def upload(file: Path, uri: str, at: str | None) -> None:
    """Put a file into S3; endpoint and credentials are those of the environment (`AWS_ENDPOINT_URL`, …).

    An object takes its place when it is complete. Raises ArchitectureError (MLA612) when S3 is out of reach or refuses.
    """
    from pyarrow import fs

    endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
    try:
        system = fs.S3FileSystem(endpoint_override=endpoint, region=os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION"))
        with file.open("rb") as data, system.open_output_stream(uri.removeprefix("s3://")) as object:
            shutil.copyfileobj(data, object, 1 << 20)
    except OSError as problem:
        said = hidden(f"{uri} cannot be written: {problem}", *(os.environ.get(name, "") for name in _SECRETS))
        help = "may this key be written, and are AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY those of the bucket?"
        raise ArchitectureError("MLA612", said, at=at, help=help) from None
