"""Who may read and write in Google's cloud: the credentials of the environment, by Google's own library."""

from __future__ import annotations

import warnings
from typing import Any

from ....architecture.blocks.source import Source
from ....architecture.errors import ArchitectureError
from ...secrets import known
from .failing import unreachable

#: Names a file with the credentials of a service account or a user.
FILE = "GOOGLE_APPLICATION_CREDENTIALS"
READING = ("https://www.googleapis.com/auth/cloud-platform",)
HELP = f"set {FILE} to the file of a service account, or log in by `gcloud auth application-default login`"


def needs_extra(source: Source, what: str) -> ArchitectureError:
    """Return what is said where a library of the extra is not installed."""
    told = f"`{what}` needs a library that is not installed"
    return ArchitectureError("MLA602", told, at=f"source.{source.name}.connector", help="pip install 'mlarch[gcp]'")


class NoCredentials(Exception):
    """Google's library finds no credentials, or not what it takes for some. The text has no part of them."""


def credentials(source: Source, what: str, *, emulated: bool) -> tuple[Any, str | None]:
    """Return the credentials that a source is read with, and their project if they say one.

    Raises ArchitectureError when Google's library is not installed (MLA602), or finds none (MLA512).
    """
    try:
        return log_in(emulated=emulated)
    except ImportError:
        raise needs_extra(source, what) from None
    except NoCredentials as problem:
        raise unreachable(source, f"there are no credentials for `{what}`", problem, help=HELP) from None


def log_in(*, emulated: bool) -> tuple[Any, str | None]:
    """Return the credentials that the environment or the file of secrets names, and their project if they say one.

    Where an emulator is spoken to, none are needed. Raises ImportError when Google's library is not installed, and NoCredentials.
    """
    import google.auth
    from google.auth.credentials import AnonymousCredentials
    from google.auth.exceptions import GoogleAuthError

    file = known(FILE)
    if file is None and emulated:
        return AnonymousCredentials(), None  # type: ignore[no-untyped-call]
    try:
        with warnings.catch_warnings(action="ignore"):  # that a file from somebody else is not to be trusted
            known_by: Any = google.auth
            found, project = known_by.load_credentials_from_file(file, READING) if file else known_by.default(READING)
    except (GoogleAuthError, OSError, ValueError) as problem:
        # What the library says of a file that it cannot read may have a part of it.
        raise NoCredentials(type(problem).__name__ if file else "none are found") from None
    return found, project


def secrets_of(found: Any) -> tuple[str, ...]:
    """Return what of some credentials must be in no message."""
    return tuple(str(value) for name in ("token", "refresh_token", "client_secret") if (value := getattr(found, name, None)))
