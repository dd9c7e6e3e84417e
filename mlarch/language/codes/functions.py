"""MLA32x: what single functions of the feature language ask for."""

from .base import Code

CODES = {
    "MLA323": Code(
        "unknown time zone",
        "Parts of a timestamp are in UTC, or in a time zone that is named as in the IANA database: `Europe/Berlin`, not an abbreviation "
        "that several countries share.",
        'feature hour = hour(started, "New York")',
        'feature hour = hour(started, "America/New_York")',
        "features",
    ),
}
