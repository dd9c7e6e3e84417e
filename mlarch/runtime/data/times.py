"""Times that stand in a file as text: ISO 8601, each by itself, so that no value decides how another one is read."""

from __future__ import annotations

from itertools import product

import polars as pl

_DATES, _BETWEEN = ("%Y-%m-%d", "%Y/%m/%d"), ("T", " ")
_CLOCKS = ("%H:%M:%S%.f", "%H:%M:%S%.f%#z", "%H:%M", "%H:%M%#z")
#: The forms of a time, the usual ones first; without an offset it is UTC.
FORMS = tuple(f"{day}{sign}{clock}" for day, clock, sign in product(_DATES, _CLOCKS, _BETWEEN)) + _DATES


def times(texts: pl.Series) -> pl.Series:
    """Return the times that texts tell, in UTC; None where a text tells none."""
    left = texts.str.strip_chars()
    found = pl.Series(texts.name, [None], pl.Datetime("us", "UTC")).extend_constant(None, max(0, len(texts) - 1)).head(len(texts))
    for form in FORMS:
        if left.null_count() == len(left):
            break
        # Zones are told apart by the form, so that a text without one is never read as local time.
        made = left.str.to_datetime(form, time_unit="us", time_zone="UTC", strict=False)
        found = found.fill_null(made) if made.null_count() < len(made) else found
        left = left.set(found.is_not_null(), None) if made.null_count() < len(made) else left
    return found
