"""What both lowerings do with constants, in one place so that they cannot differ."""

from __future__ import annotations

import math
import zlib
from datetime import UTC, datetime, timedelta

from ...architecture.expressions import Amount, Apply, Expression, Literal
from ...architecture.quantities import Dimension


def constant(expression: Expression) -> object:
    """Return the Python value of a literal or an amount; durations are timedeltas, ratios are floats.

    Raises TypeError for anything else.
    """
    if isinstance(expression, Literal):
        return expression.value
    if isinstance(expression, Amount):
        quantity = expression.quantity
        if quantity.dimension is Dimension.DURATION:
            return timedelta(microseconds=int(quantity.base * 1_000_000))
        return quantity.value
    if isinstance(expression, Apply) and expression.function == "neg":
        value = constant(expression.arguments[0])
        assert isinstance(value, (int, float)), "checks allow only numbers here"
        return -value
    raise TypeError(f"not a constant: {expression!r}")


def moment(text: str) -> datetime:
    """Return a written date or time as an aware datetime in UTC."""
    parsed = datetime.fromisoformat(text)
    return parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed.astimezone(UTC)


def reciprocal(divisor: Expression) -> float | None:
    """Return what to multiply by instead of dividing by a constant, or None where a real division is needed.

    Polars divides by a constant through its reciprocal, which differs from division in the last place; both lowerings do the same.
    """
    inner = divisor.arguments[0] if isinstance(divisor, Apply) and divisor.function == "neg" else divisor
    if isinstance(inner, (Literal, Amount)):
        value = constant(divisor)
        if isinstance(value, (int, float)) and not isinstance(value, bool) and value != 0:
            inverse = 1.0 / float(value)
            return inverse if math.isfinite(inverse) else None
    return None


def bucket(text: str, size: int) -> float:
    """Return the bucket number of a text: CRC-32 of its UTF-8 bytes, modulo the size."""
    return float(zlib.crc32(text.encode("utf-8", "surrogatepass")) % size)


def rounded(value: float, decimals: int) -> float:
    """Return a number rounded to decimals, halves to even, as Polars does it: scaled, rounded and scaled back."""
    scale = 10.0**decimals
    scaled = value * scale
    return round(scaled) / scale if math.isfinite(scaled) else value  # what cannot be scaled has no decimals


def elapsed(microseconds: int, unit: int) -> float:
    """Return a time in a unit. Whole units and the rest apart: whole numbers of units are exact."""
    whole, rest = divmod(microseconds, unit)
    return whole + rest * (1.0 / unit)
