"""Secrets: the values that `secret("NAME")` names, read when they are needed, and kept out of every message."""

from __future__ import annotations

import os
from pathlib import Path

from ..architecture.errors import ArchitectureError
from ..architecture.vocabulary import Secret

#: Names a file with lines `NAME=value`, where an environment variable is not wanted.
FILE = "MLARCH_SECRETS"
HIDDEN = "•••"


def reveal(secret: Secret, at: str) -> str:
    """Return the value of a secret: of its environment variable, or of its line in the file that MLARCH_SECRETS names.

    Raises ArchitectureError (MLA903) when it is in neither.
    """
    value = known(secret.name)
    if not value:
        raise ArchitectureError("MLA903", f"the environment variable {secret.name} is not set", at=at, help=f"export {secret.name}=…")
    return value


def known(name: str) -> str | None:
    """Return what the environment, or else the file that MLARCH_SECRETS names, says under a name; None where neither says anything."""
    return os.environ.get(name) or _in_file(name) or None


def hidden(text: str, *secrets: str) -> str:
    """Return a text without what should not be seen in it."""
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        text = text.replace(secret, HIDDEN)
    return text


def _in_file(name: str) -> str | None:
    try:
        lines = Path(os.environ.get(FILE, "")).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return None
    found = dict(line.partition("=")[::2] for line in lines if "=" in line and not line.lstrip().startswith("#"))
    return {key.strip(): value.strip() for key, value in found.items()}.get(name)
