"""`gcs`: objects in Google Cloud Storage; who may read is said by the environment."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from ....architecture.blocks.source import Gcs, Source
from ...secrets import known
from .failing import unreachable
from .google import HELP, credentials, secrets_of
from .objects import open_objects
from .rows import Asked, Rows

ENDPOINT = "https://storage.googleapis.com"
#: Names the address of another server that speaks the same, as Google's own clients have it.
EMULATOR = "STORAGE_EMULATOR_HOST"
SECONDS = 30


def open_source(source: Source, root: Path, asked: Asked) -> Rows:
    """Return the rows of objects in Google Cloud Storage.

    Raises ArchitectureError as `credentials` and `open_objects` do.
    """
    connector = source.connector
    assert isinstance(connector, Gcs)
    return open_objects(source, connector.uri, _Store(source))


class _Store:
    """Cloud Storage, read by a token that is asked for anew when it runs out."""

    help = HELP

    def __init__(self, source: Source) -> None:
        emulator = known(EMULATOR)
        self.source = source
        self.endpoint = ENDPOINT if not emulator else emulator if "://" in emulator else f"http://{emulator}"
        self.credentials, _ = credentials(source, "gcs", emulated=bool(emulator))
        self.anonymous = type(self.credentials).__name__ == "AnonymousCredentials"
        options = {"max_retries": 3, "base_url": self.endpoint, "allow_http": str(self.endpoint.startswith("http://")).lower()}
        if self.anonymous:
            options["skip_signature"] = "true"
        self.reading: dict[str, Any] = {"storage_options": options, "credential_provider": None if self.anonymous else self._token}

    @property
    def secrets(self) -> tuple[str, ...]:
        return () if self.anonymous else secrets_of(self.credentials)

    def _token(self) -> tuple[dict[str, str], int | None]:
        """The token, and when it ends, in seconds of the epoch."""
        from datetime import UTC

        from google.auth.exceptions import GoogleAuthError
        from google.auth.transport.requests import Request

        if not self.credentials.valid:
            try:
                self.credentials.refresh(Request())
            except GoogleAuthError as problem:
                raise unreachable(self.source, "Google refuses the credentials", str(problem.args[0]), *self.secrets, help=HELP) from None
        ends = self.credentials.expiry
        return {"bearer_token": self.credentials.token}, int(ends.replace(tzinfo=UTC).timestamp()) if ends else None

    def versions(self, bucket: str, prefix: str, *, exact: bool) -> dict[str, str]:
        """Return the generation of each object, which is another for every content."""
        found: dict[str, str] = {}
        asked = {"prefix": prefix, "fields": "items(name,generation),nextPageToken"}
        while True:
            page = self._asked(f"/storage/v1/b/{quote(bucket, safe='')}/o?{urlencode(asked)}")
            found |= {each["name"]: each["generation"] for each in page.get("items", ())}
            if not page.get("nextPageToken"):
                break
            asked["pageToken"] = page["nextPageToken"]
        return {name: generation for name, generation in found.items() if name == prefix or not exact}

    def _asked(self, path: str) -> Any:
        headers = {} if self.anonymous else {"Authorization": f"Bearer {self._token()[0]['bearer_token']}"}
        try:
            with urllib.request.urlopen(urllib.request.Request(self.endpoint + path, headers=headers), timeout=SECONDS) as answer:
                return json.loads(answer.read())
        except urllib.error.HTTPError as problem:
            raise OSError("not found" if problem.code == 404 else f"{problem.code} {problem.reason}") from None
        except ValueError:
            raise OSError("the answer is no JSON") from None
