"""Quantities: a number and a unit, kept exactly as written and read by dimension.

Units are lexed permissively and checked here by meaning, so that the message can say what was expected. `5m` is refused because it
could be minutes, months or metres.
"""

from __future__ import annotations

import math
import re
from decimal import Decimal
from enum import StrEnum

import msgspec

from ..language.suggest import nearest


class Dimension(StrEnum):
    """What a quantity measures; the value is the word used in messages."""

    NUMBER = "number"
    RATIO = "ratio"
    DURATION = "duration"
    SIZE = "size"
    RATE = "rate"
    MONEY = "price"


# Factors to the base unit: seconds, bytes, one.
DURATIONS = {
    "us": Decimal("1e-6"),
    "ms": Decimal("1e-3"),
    "s": Decimal(1),
    "min": Decimal(60),
    "h": Decimal(3600),
    "d": Decimal(86400),
    "w": Decimal(604800),
}
SIZES = {
    "B": Decimal(1),
    **{f"{prefix}B": Decimal(1000) ** power for power, prefix in enumerate("kMGTP", 1)},
    **{f"{prefix}iB": Decimal(1024) ** power for power, prefix in enumerate("KMGTP", 1)},
}
RATIOS = {"%": Decimal("0.01")}
CURRENCIES = ("usd", "eur", "gbp", "chf", "jpy")

_NUMBER = re.compile(r"([+-]?(?:\d[\d_]*)(?:\.\d+)?(?:[eE][+-]?\d+)?)(.*)", re.DOTALL)


class Quantity(msgspec.Struct, frozen=True, tag="quantity", tag_field="function"):
    """`text` as written (`50ms`), and what it is worth in the base unit of its dimension.

    Base units: seconds for durations, bytes for sizes, one for numbers and ratios, events per second for rates, the named
    currency per hour (or in all) for money.
    """

    text: str
    dimension: Dimension

    @property
    def base(self) -> Decimal:
        """The exact value in the base unit."""
        return _measure(self.text)[0]

    @property
    def value(self) -> float:
        """The value in the base unit, as a float."""
        return float(self.base)

    def __str__(self) -> str:
        return self.text


class QuantityError(ValueError):
    """The text is no quantity; the message says why and what would be one, and `meant` writes that where it is plain."""

    def __init__(self, message: str, meant: str | None = None) -> None:
        super().__init__(message)
        self.meant = meant


def parse_quantity(text: str) -> Quantity:
    """Read a number with an optional unit.

    Raises QuantityError with a message for the user when the unit is unknown or ambiguous.
    """
    try:
        base, dimension = _measure(text)
    except ArithmeticError:
        base, dimension = Decimal("inf"), Dimension.NUMBER
    if not math.isfinite(float(base)):
        raise QuantityError(f"`{text[:40]}` is larger than any number that a machine computes with")
    return Quantity(text, dimension)


def _measure(text: str) -> tuple[Decimal, Dimension]:
    match = _NUMBER.fullmatch(text.strip())
    if match is None:
        raise QuantityError(f"`{text}` is not a number")
    amount, unit = Decimal(match[1].replace("_", "")), match[2].strip()
    if not unit:
        return amount, Dimension.NUMBER
    if unit in RATIOS:
        return amount * RATIOS[unit], Dimension.RATIO
    if unit in DURATIONS:
        return amount * DURATIONS[unit], Dimension.DURATION
    if unit in SIZES:
        return amount * SIZES[unit], Dimension.SIZE
    head, slash, per = unit.partition("/")
    if head in CURRENCIES and (not slash or per in ("h", "d")):
        return amount / (24 if per == "d" else 1), Dimension.MONEY
    if slash:
        return amount / _period(text, per), Dimension.RATE
    raise _unknown_unit(text, match[1], unit)


def _period(text: str, per: str) -> Decimal:
    match = re.fullmatch(r"(\d*)([a-z]+)", per)
    if match is None or match[2] not in DURATIONS:
        raise QuantityError(f"`{text}` is no rate: `/{per}` is not a duration; write `/s`, `/min`, `/h` or `/30d`")
    return Decimal(match[1] or 1) * DURATIONS[match[2]]


#: What people write for units, in small letters.
_MEANT = {
    **dict.fromkeys(("sec", "secs", "second", "seconds"), "s"),
    **dict.fromkeys(("mins", "minute", "minutes"), "min"),
    **dict.fromkeys(("hr", "hrs", "hour", "hours"), "h"),
    **dict.fromkeys(("day", "days"), "d"),
    **dict.fromkeys(("week", "weeks"), "w"),
    **dict.fromkeys(("msec", "millis", "millisecond", "milliseconds"), "ms"),
    **dict.fromkeys(("rps", "qps", "req", "reqs", "requests"), "req/s"),
    **dict.fromkeys(("percent", "pct"), "%"),
    **{unit.lower(): unit for unit in (*DURATIONS, *SIZES) if len(unit) > 1},
}
_SIZES = "sizes are `kB MB GB TB` (powers of 1000) or `KiB MiB GiB TiB` (powers of 1024)"


def _unknown_unit(text: str, amount: str, unit: str) -> QuantityError:
    if unit == "m":
        return QuantityError(f"`{text}` is ambiguous: write `min` for minutes, `MB` or `MiB` for sizes")
    if unit in ("K", "M", "G", "T", "k", "g"):
        return QuantityError(f"`{unit}` is no unit: {_SIZES}")
    if unit.startswith("."):
        return QuantityError(f"`{text}` is no number: after the `.` stand digits", amount if unit == "." else None)
    if unit.lower() in _MEANT:
        meant = _MEANT[unit.lower()]
        return QuantityError(f"`{unit}` is no unit: it is written `{meant}`", f"{amount}{meant}")
    if text.lower().startswith(("0x", "0b", "0o")):
        return QuantityError(f"`{text}` is no number: only decimal digits are")
    guess = nearest(unit, [each for each in (*DURATIONS, *SIZES) if len(each) > 1])
    if guess:
        return QuantityError(f"`{unit}` is no unit: did you mean `{guess}`?")
    return QuantityError(f"`{unit}` is no unit: known are `us ms s min h d w`, `kB MB GB KiB MiB GiB`, `%`, `req/s`, `usd/h`")
