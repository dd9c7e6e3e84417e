"""Quantities are read by meaning, and the ambiguous is refused."""

from __future__ import annotations

import pytest

from mlarch.architecture.quantities import Dimension, QuantityError, parse_quantity


@pytest.mark.parametrize(
    ("text", "dimension", "value"),
    [
        ("50ms", Dimension.DURATION, 0.05),
        ("16GiB", Dimension.SIZE, 16 * 2**30),
        ("20GB", Dimension.SIZE, 20e9),
        ("1000req/s", Dimension.RATE, 1000),
        ("1/30d", Dimension.RATE, 1 / (30 * 86400)),
        ("5%", Dimension.RATIO, 0.05),
        ("12.5usd/h", Dimension.MONEY, 12.5),
        ("1e-3", Dimension.NUMBER, 0.001),
    ],
)
def test_a_quantity_is_worth_its_base_units(text: str, dimension: Dimension, value: float) -> None:
    """Each unit has its dimension and its factor, and the text is kept as written."""
    quantity = parse_quantity(text)
    assert (quantity.dimension, quantity.value, quantity.text) == (dimension, pytest.approx(value), text)


@pytest.mark.parametrize("text", ["5m", "3 parsecs", "1req/fortnight", "12gb"])
def test_an_ambiguous_or_unknown_unit_is_refused(text: str) -> None:
    """`5m` could be minutes or months: the message says what to write."""
    with pytest.raises(QuantityError):
        parse_quantity(text)
