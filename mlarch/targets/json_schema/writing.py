"""The schema as the text of its file."""

from __future__ import annotations

import json

from .blocks import schema

#: Where the file lies under `dsl/`.
FILE = "schema/mlarch.schema.json"


def text() -> str:
    """Return the text of the file."""
    return json.dumps(schema(), indent=1, ensure_ascii=False) + "\n"
