"""`http`: the records of a JSON API, page by page."""

from __future__ import annotations

import json
import re
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

from ....architecture.blocks.source import Http, Source
from ....architecture.errors import ArchitectureError
from ...secrets import reveal
from .failing import unreachable
from .rows import Asked, Rows, of_records

SECONDS = 30
#: An answer that may be another one soon is asked for so often, after pauses that double.
TRIES, PAUSE = 4, 0.5
_PASSING = (408, 425, 429, 500, 502, 503, 504)
#: Under which key an object holds the records.
_HOLDING = ("data", "items", "results", "rows", "records")
_NEXT = re.compile(r'<([^>]*)>\s*;[^,]*rel="?next"?')


def open_source(source: Source, root: Path, asked: Asked) -> Rows:
    """Return the records of an API: a list of objects, or an object that holds one.

    The next page is named by the header `Link` or by the key `next`. Raises ArchitectureError when the API is out of reach or refuses
    (MLA512), or answers with anything else (MLA507).
    """
    return of_records(_pages(source))


def _pages(source: Source) -> Iterator[list[dict[str, Any]]]:
    connector = source.connector
    assert isinstance(connector, Http)
    token = reveal(connector.token, f"source.{source.name}.connector") if connector.token is not None else ""
    url: str | None = connector.url
    seen: set[str] = set()
    while url is not None and url not in seen:
        seen.add(url)
        body, headers = _asked(source, url, token)
        yield _records(source, body)
        said = _NEXT.search(headers.get("Link", ""))
        following = said[1] if said else body.get("next") if isinstance(body, dict) else None
        url, before = (urljoin(url, following), url) if isinstance(following, str) and following else (None, url)
        if url is not None and urlsplit(url).netloc != urlsplit(before).netloc:
            raise unreachable(source, "the next page is on another server", urlsplit(url).netloc)  # which is not to get the token


def _asked(source: Source, url: str, token: str) -> tuple[Any, Mapping[str, str]]:
    request = urllib.request.Request(url, headers={"Accept": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {}))
    for tried in range(1, TRIES + 1):
        try:
            with urllib.request.urlopen(request, timeout=SECONDS) as answer:
                return json.loads(answer.read()), answer.headers
        except urllib.error.HTTPError as problem:
            if problem.code not in _PASSING or tried == TRIES:
                raise unreachable(source, "the API refuses", f"{problem.code} {problem.reason}", token) from None
        except (OSError, EOFError, HTTPException) as problem:  # the last: an answer that is cut off
            if tried == TRIES:
                raise unreachable(source, "the API is out of reach", getattr(problem, "reason", problem), token) from None
        except ValueError:
            raise _malformed(source, "the answer is no JSON") from None
        time.sleep(PAUSE * 2 ** (tried - 1))
    raise AssertionError("the last try returns or raises")


def _records(source: Source, body: Any) -> list[dict[str, Any]]:
    held = next((body[key] for key in _HOLDING if isinstance(body.get(key), list)), None) if isinstance(body, dict) else body
    if not isinstance(held, list) or not all(isinstance(record, dict) for record in held):
        raise _malformed(source, "the answer is no list of objects")
    return held


def _malformed(source: Source, told: str) -> ArchitectureError:
    help = f"`http` reads a list of objects, or an object that holds one under {', '.join(map(repr, _HOLDING))}"
    return ArchitectureError("MLA507", f"the API cannot be read: {told}", at=f"source.{source.name}.connector", help=help)
