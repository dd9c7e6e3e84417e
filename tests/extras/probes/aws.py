"""boto3 writes an object to a bucket on this machine, and s3fs reads it."""

from __future__ import annotations

import boto3
import s3fs
from botocore.config import Config

from .stub import serving

objects: dict[str, bytes] = {}


def answer(method: str, path: str, body: bytes) -> tuple[int, bytes]:
    """Keep and give objects by path."""
    path = path.partition("?")[0]
    if method == "PUT":
        objects[path] = body
        return 200, b""
    return (200, objects[path]) if path in objects else (404, b"")


with serving(answer, "application/octet-stream") as url:
    config = Config(request_checksum_calculation="when_required", s3={"addressing_style": "path"})
    keys = {"aws_access_key_id": "none", "aws_secret_access_key": "none", "region_name": "us-east-1"}
    boto3.client("s3", endpoint_url=url, config=config, **keys).put_object(Bucket="bucket", Key="part", Body=b"rows")
    files = s3fs.S3FileSystem(key="none", secret="none", endpoint_url=url, client_kwargs={"region_name": "us-east-1"})
    assert files.cat_file("bucket/part") == b"rows"
