"""The schema as the text of its file."""

from __future__ import annotations

import json
from pathlib import Path

from .blocks import schema

#: Where the file lies under `dsl/`, and its folder in a checkout.
FILE = Path("schema", "mlarch.schema.json")
FOLDER = Path("dsl", "schema")


def text() -> str:
    """Return the text of the file."""
    return json.dumps(schema(), indent=1, ensure_ascii=False) + "\n"
