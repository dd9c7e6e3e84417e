"""The units that fit a number, by what it is a value of."""

from __future__ import annotations

from collections.abc import Iterator

from ..architecture.quantities import Dimension
from ..architecture.vocabulary import About
from .meanings import UNITS
from .offer import Kind, Offer, Place
from .terms import live

_COMPARED = ("<", "<=", ">", ">=", "==", "!=")


def units(place: Place) -> Iterator[Offer]:
    """Yield the units that may follow the number, the likeliest first."""
    for dimension in _dimensions(place):
        for unit in UNITS.get(dimension, ()):
            yield Offer(unit, Kind.Unit, dimension.value)


def _dimensions(place: Place) -> tuple[Dimension, ...]:
    tokens = place.tokens
    if tokens and tokens[-1].text == "over":
        return (Dimension.DURATION,)
    if place.variant is not None:
        return place.argument[1].dimensions if place.argument is not None else ()
    key, _, about = place.key or ("", None, About(""))
    if about.dimensions:
        return about.dimensions
    if tokens and tokens[0].name == "param":
        return tuple(each for each in Dimension if any(token.text == each.value for token in tokens))
    return _of_an_expression(place, key)


def _of_an_expression(place: Place, key: str) -> tuple[Dimension, ...]:
    """In an expression, a number is compared with a metric, added to a moment, or a share."""
    match place.path:
        case ("alert" | "deployment", *_):
            metric = live(place).get(_compared(place))
            return metric.dimensions if metric is not None else ()
        case ("evaluation", *_):
            return (Dimension.RATIO,)
        case ("source", "expect"):
            return (Dimension.RATIO, Dimension.DURATION)
        case ("model",) if key == "as_of":
            return (Dimension.DURATION,)
        case ("features", *_) | ("model",):
            return (Dimension.DURATION, Dimension.RATIO)
    return ()


def _compared(place: Place) -> str:
    """The name before the last comparison: `drift.ks` in `p99 > 200ms or drift.ks > `."""
    tokens = [*place.tokens]
    while tokens and tokens[-1].text not in _COMPARED:
        tokens.pop()
    name: list[str] = []
    for token in reversed(tokens[:-1]):
        if token.kind == "name" and token.text in ("over", "and", "or", "not"):
            if token.text == "over":
                name.clear()
                continue
            break
        if token.kind != "name" and token.text != ".":
            if token.kind == "number":
                continue
            break
        name.insert(0, token.name)
    return "".join(name)
