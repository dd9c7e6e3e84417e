"""Time zones by their names in the IANA database: the system's copy, else the package tzdata."""

from __future__ import annotations

from functools import cache
from zoneinfo import ZoneInfo, available_timezones

#: Files beside the zones that say something about one machine, or nothing.
_NO_ZONES = ("localtime", "posixrules", "Factory")


@cache
def zone_named(name: str) -> ZoneInfo | None:
    """Return a time zone, or None where there is none of that name."""
    if not name or name in _NO_ZONES or name.startswith(("posix/", "right/")):
        return None
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, LookupError):  # no name, a folder, unknown
        return None


@cache
def zones() -> tuple[str, ...]:
    """Return the names of all time zones, in order. They are looked for on the disk: ask only after a mistake."""
    return tuple(sorted(available_timezones() - set(_NO_ZONES)))
