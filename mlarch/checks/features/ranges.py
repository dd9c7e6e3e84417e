"""Between which values an expression lies, and which comparisons are therefore decided before anything is measured."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import inf, log, log1p, sqrt

from ...architecture.expressions import COMPARISONS, Among, Amount, Apply, Between, Expression, Literal, Name, Window


@dataclass(frozen=True)
class Range:
    """Both ends are included; an end that is not known is infinite."""

    low: float = -inf
    high: float = inf


#: What a name lies between; None where nothing is known.
Named = Callable[[Name], Range | None]
_ANY, _SHARE, _COUNT, _TRUTH = Range(), Range(0, 1), Range(0), Range(0, 1)
#: Functions whose results lie between the same ends whatever goes in.
_RESULTS = {
    **{"hour": Range(0, 23), "month": Range(1, 12), "day": Range(1, 31), "quantile_bin": Range(0, 9), "ordinal": Range(-1)},
    **{"length": _COUNT, "exp": _COUNT, "std": _COUNT, "count": _COUNT, "rows": _COUNT, "distinct": _COUNT, "tfidf": _COUNT},
    **{"quarter": Range(1, 4), "week": Range(1, 53), "minute": Range(0, 59), "day_of_week": Range(1, 7), "day_of_year": Range(1, 366)},
    **{"second": Range(0, 59), "sin": Range(-1, 1), "cos": Range(-1, 1), "word_count": _COUNT, "frequency_encode": _SHARE},
    **{"sign": Range(-1, 1), "is_weekend": _SHARE, "null_ratio": _SHARE, "unique": _SHARE, "one_hot": _SHARE, "sqrt": _COUNT},
}
#: Functions that give one of the values that go in.
_CHOOSING = ("mean", "min", "max", "last", "impute_mean", "impute_median", "coalesce", "worst")
_GROWING = {"log1p": (log1p, -1.0), "log": (log, 0.0), "sqrt": (sqrt, 0.0)}


def range_of(node: Expression, named: Named) -> Range:
    """Return between which values a number lies; anything that is not known to be narrower lies anywhere."""
    match node:
        case Literal(bool()):
            return _TRUTH
        case Literal(int() | float() as value):
            return Range(float(value), float(value))
        case Amount(quantity):
            return Range(quantity.value, quantity.value)
        case Name():
            return named(node) or _ANY
        case Window(aggregate, _):
            return range_of(aggregate, named)
        case Apply(function, arguments, _):
            return _applied(function, arguments, named)
    return _ANY


def _applied(function: str, arguments: tuple[Expression, ...], named: Named) -> Range:
    if function == "hash_bucket" and len(arguments) == 2:
        return Range(0, max(0.0, range_of(arguments[1], named).high - 1))
    if function in _RESULTS and function not in _GROWING:
        return _RESULTS[function]
    if function == "bucket":
        return Range(0, len(arguments) - 1)
    if function == "case" and len(arguments) > 2:
        return _around([range_of(part, named) for part in (*arguments[1::2], arguments[-1])])
    parts = [range_of(part, named) for part in arguments]
    if not parts:
        return _ANY
    first = parts[0]
    match function, len(parts):
        case "neg", 1:
            return Range(-first.high, -first.low)
        case "abs", 1:
            return Range(0 if first.low <= 0 <= first.high else min(abs(first.low), abs(first.high)), max(abs(first.low), abs(first.high)))
        case "+", 2:
            return Range(first.low + parts[1].low, first.high + parts[1].high)
        case "-", 2:
            return Range(0, 0) if arguments[0] == arguments[1] else Range(first.low - parts[1].high, first.high - parts[1].low)
        case "*", 2:
            ends = [_times(one, other) for one in (first.low, first.high) for other in (parts[1].low, parts[1].high)]
            return Range(min(ends), max(ends))
        case "clip", 3:
            return Range(max(first.low, parts[1].low), min(first.high, parts[2].high)) if _meet(first, parts) else _ANY
        case "if", 3:
            return _around(parts[1:])
        case "min_of", _:
            return Range(min(part.low for part in parts), min(part.high for part in parts))
        case "max_of", _:
            return Range(max(part.low for part in parts), max(part.high for part in parts))
    if function in _CHOOSING:
        return _around(parts)
    if function in _GROWING:
        growing, least = _GROWING[function]
        return Range(growing(first.low) if least < first.low < inf else -inf, growing(first.high) if least < first.high < inf else inf)
    return _ANY


def _meet(value: Range, parts: list[Range]) -> bool:
    """Tell whether a value that is clipped may lie between the bounds; one outside becomes a bound, which is another mistake."""
    return value.high >= parts[1].low and value.low <= parts[2].high


def _times(one: float, other: float) -> float:
    return 0.0 if one == 0 or other == 0 else one * other


def _around(parts: list[Range]) -> Range:
    return Range(min(part.low for part in parts), max(part.high for part in parts))


def decided(node: Expression, named: Named) -> bool | None:
    """Tell what a comparison always comes to where no value is missing, or None where that depends on the values."""
    match node:
        case Apply(operator, (left, right)) if operator in COMPARISONS:
            if left == right:
                return operator in ("<=", ">=", "==")
            return _compared(operator, range_of(left, named), range_of(right, named))
        case Between(value, low, high):
            inside, least, most = (range_of(part, named) for part in (value, low, high))
            if least.low > most.high or inside.high < least.low or inside.low > most.high:
                return False
            return True if inside.low >= least.high and inside.high <= most.low else None
        case Among(_, ()):
            return False
    return None


def _compared(operator: str, left: Range, right: Range) -> bool | None:
    match operator:
        case "<":
            return True if left.high < right.low else False if left.low >= right.high else None
        case "<=":
            return True if left.high <= right.low else False if left.low > right.high else None
        case ">" | ">=":
            return _compared("<" if operator == ">" else "<=", right, left)
    apart = left.high < right.low or right.high < left.low
    same = left.low == left.high == right.low == right.high
    return operator == "!=" if apart else operator == "==" if same else None
