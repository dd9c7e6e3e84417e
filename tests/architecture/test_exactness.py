"""Quantities keep their text and their exact value, and nothing is computed with that a machine cannot hold."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlarch.api import load
from mlarch.architecture.quantities import DURATIONS, RATIOS, SIZES, Dimension, QuantityError, parse_quantity

FACTORS = {**DURATIONS, **SIZES, **RATIOS}
NUMBERS = st.from_regex(r"[0-9]{1,12}(\.[0-9]{1,9})?([eE][+-]?[0-9]{1,2})?", fullmatch=True)


@given(NUMBERS, st.sampled_from(sorted(FACTORS)))
def test_a_quantity_keeps_its_text_and_its_exact_value(number: str, unit: str) -> None:
    """The value is that of the decimal text times the factor of the unit, to the last digit."""
    quantity = parse_quantity(number + unit)
    assert quantity.text == str(quantity) == number + unit
    assert quantity.base == Decimal(number) * FACTORS[unit]


@given(NUMBERS, st.integers(1, 90), st.sampled_from(sorted(DURATIONS)))
def test_a_rate_is_per_its_period(number: str, count: int, unit: str) -> None:
    """`n/30d` is n in thirty days, told per second."""
    quantity = parse_quantity(f"{number}req/{count}{unit}")
    assert quantity.dimension is Dimension.RATE
    assert quantity.value == pytest.approx(float(Decimal(number) / (count * DURATIONS[unit])))


@given(st.text(max_size=20))
def test_any_other_text_is_no_quantity(text: str) -> None:
    """A text is a quantity with exactly that text, or is refused with a sentence."""
    try:
        assert parse_quantity(text).text == text
    except QuantityError as problem:
        assert str(problem)


@pytest.mark.parametrize("text", ["1e309", "1e999999999999999999GB", "9" * 400, "1e308h"])
def test_what_no_machine_holds_is_refused(text: str) -> None:
    """A number beyond 64-bit floats would become infinite without a word."""
    with pytest.raises(QuantityError, match="larger than any number"):
        parse_quantity(text)


@pytest.mark.parametrize(
    ("line", "code"), [("cpu = 99999999999999999999", "MLA207"), ("cpu = 1e400", "MLA208"), ("memory = 1e400GB", "MLA208")]
)
def test_a_field_takes_no_number_that_it_cannot_hold(tmp_path: Path, line: str, code: str) -> None:
    """Whole numbers have 64 bits in the lock file: a longer one is an error at its place."""
    file = tmp_path / "a.mlarch"
    file.write_text(f'language = "1.0"\nsystem s {{ problem = classification }}\nhardware h {{ {line} }}\n')
    assert [item.code for item in load(file).diagnostics] == [code]
