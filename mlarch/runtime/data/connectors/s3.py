"""`s3`: objects in S3, or in a store that speaks its protocol; where it is and who may read is said by the environment."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ....architecture.blocks.source import S3, Source
from ...secrets import known
from .objects import open_objects
from .rows import Asked, Rows


def open_source(source: Source, root: Path, asked: Asked) -> Rows:
    """Return the rows of objects in S3.

    The endpoint and the credentials are those of the environment (`AWS_ENDPOINT_URL`, `AWS_ACCESS_KEY_ID`, …), or of the file of secrets.
    Raises ArchitectureError as `open_objects` does.
    """
    connector = source.connector
    assert isinstance(connector, S3)
    return open_objects(source, connector.uri, _Store())


class _Store:
    """S3 as the environment says where it is."""

    help = "no credentials are in the environment: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"

    def __init__(self) -> None:
        self.key, self.secret, self.token = map(known, ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"))
        self.endpoint = known("AWS_ENDPOINT_URL_S3") or known("AWS_ENDPOINT_URL")
        self.region = known("AWS_REGION") or known("AWS_DEFAULT_REGION") or "us-east-1"
        self.secrets = tuple(each or "" for each in (self.secret, self.token, self.key))
        self.reading: dict[str, Any] = {"storage_options": self._options(), "credential_provider": None}

    def _options(self) -> dict[str, Any]:
        options: dict[str, Any] = {"aws_region": self.region, "max_retries": 3}
        said = {"aws_access_key_id": self.key, "aws_secret_access_key": self.secret, "aws_session_token": self.token}
        options |= {name: value for name, value in said.items() if value}
        if self.endpoint:
            options |= {"aws_endpoint_url": self.endpoint, "aws_allow_http": str(self.endpoint.startswith("http://")).lower()}
        return options

    def versions(self, bucket: str, prefix: str, *, exact: bool) -> dict[str, str]:
        """Return when each object was written, and how long it is."""
        from pyarrow import fs

        scheme, _, host = (self.endpoint or "").rpartition("://")
        told = {"endpoint_override": host, "scheme": scheme or "https"} if self.endpoint else {}
        store = fs.S3FileSystem(
            access_key=self.key,
            secret_key=self.secret,
            session_token=self.token,
            region=self.region,
            tls_ca_file_path=known("AWS_CA_BUNDLE"),
            retry_strategy=fs.AwsStandardS3RetryStrategy(max_attempts=3),
            **told,
        )
        if exact:
            found = store.get_file_info([f"{bucket}/{prefix}"])
        else:
            folder = f"{bucket}/{prefix}".rpartition("/")[0]
            found = store.get_file_info(fs.FileSelector(folder, allow_not_found=True, recursive=True))
        files = (each for each in found if each.type == fs.FileType.File)
        return {each.path.partition("/")[2]: f"{each.mtime_ns}/{each.size}" for each in files}
