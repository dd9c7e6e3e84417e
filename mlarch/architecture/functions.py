"""The functions of the feature language: one registry of names, parameters, results and meanings.

Every lowering (Polars, closures) must implement each scalar function here, and fitting must implement each fitted one; tests generate
programs from this table, so a function without a lowering fails them. Semantics common to all:

- Arithmetic is in 64-bit floats; an `int` column is converted first.
- A missing value (null) makes the result missing, except where a function says otherwise (`coalesce`, `is_missing`, `and`, `or`, `if`).
  `and`, `or` follow three-valued logic: `false and null` is false.
- NaN and infinity in the data count as missing; a *result* that is not finite (`log(-1)`, `x / 0`) is missing as well.
- Comparisons of text are by code point; timestamps are UTC microseconds.
- Over a window of a history, `count` and `distinct` of nothing are 0, so is `sum`; `mean`, `min`, `max`, `std` and `last` are missing.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from .types import ValueKind

NUMBER, BOOLEAN, TEXT, TIMESTAMP, DURATION = (
    ValueKind.NUMBER,
    ValueKind.BOOLEAN,
    ValueKind.TEXT,
    ValueKind.TIMESTAMP,
    ValueKind.DURATION,
)
#: Any kind, the same for every parameter marked so.
ANY = None


class Role(StrEnum):
    """How a function is computed."""

    SCALAR = "scalar"  # from the values of one row
    FITTED = "fitted"  # learnt from the training rows, then scalar
    AGGREGATE = "aggregate"  # over a window or a whole table
    EARLIER = "earlier"  # from an earlier row of the same entity


class Function(msgspec.Struct, frozen=True):
    """A function's signature and its one-sentence meaning.

    `constants` says how many trailing parameters must be literals; `variadic` repeats the last parameter.
    """

    name: str
    parameters: tuple[ValueKind | None, ...]
    returns: ValueKind | None
    doc: str
    role: Role = Role.SCALAR
    constants: int = 0
    variadic: bool = False
    lowered: bool = True

    @property
    def signature(self) -> str:
        names = [kind.value if kind else "any" for kind in self.parameters]
        if self.variadic:
            names[-1] += ", …"
        return f"{self.name}({', '.join(names)}) -> {self.returns.value if self.returns else 'any'}"


def _scalar(name: str, parameters: tuple[ValueKind | None, ...], returns: ValueKind | None, doc: str, **rest: int) -> Function:
    return Function(name, parameters, returns, doc, Role.SCALAR, rest.get("constants", 0), bool(rest.get("variadic", 0)))


def _fitted(name: str, parameter: ValueKind, returns: ValueKind, doc: str, *, lowered: bool = True) -> Function:
    return Function(name, (parameter,), returns, doc, Role.FITTED, lowered=lowered)


def _aggregate(
    name: str, parameters: tuple[ValueKind | None, ...], returns: ValueKind | None, doc: str, *, variadic: bool = False
) -> Function:
    return Function(name, parameters, returns, doc, Role.AGGREGATE, 0, variadic)


OPERATORS = (
    *(
        _scalar(name, (NUMBER, NUMBER), NUMBER, doc)
        for name, doc in (("+", "Sum."), ("-", "Difference."), ("*", "Product."), ("/", "Quotient; missing when the divisor is 0."))
    ),
    _scalar("neg", (NUMBER,), NUMBER, "The negative."),
    *(_scalar(name, (ANY, ANY), BOOLEAN, "Comparison of two values of one kind.") for name in ("<", "<=", ">", ">=", "==", "!=")),
    _scalar("and", (BOOLEAN, BOOLEAN), BOOLEAN, "Three-valued conjunction."),
    _scalar("or", (BOOLEAN, BOOLEAN), BOOLEAN, "Three-valued disjunction."),
    _scalar("not", (BOOLEAN,), BOOLEAN, "Negation; missing stays missing."),
)

SCALARS = (
    _scalar("abs", (NUMBER,), NUMBER, "Absolute value."),
    _scalar("sqrt", (NUMBER,), NUMBER, "Square root; missing below 0."),
    _scalar("exp", (NUMBER,), NUMBER, "e to the power of x."),
    _scalar("log", (NUMBER,), NUMBER, "Natural logarithm; missing at 0 and below."),
    _scalar("log1p", (NUMBER,), NUMBER, "Natural logarithm of 1 + x; missing at -1 and below."),
    _scalar("floor", (NUMBER,), NUMBER, "Largest whole number not above x."),
    _scalar("ceil", (NUMBER,), NUMBER, "Smallest whole number not below x."),
    _scalar("min_of", (NUMBER, NUMBER), NUMBER, "The smallest of its arguments.", variadic=1),
    _scalar("max_of", (NUMBER, NUMBER), NUMBER, "The largest of its arguments.", variadic=1),
    _scalar("clip", (NUMBER, NUMBER, NUMBER), NUMBER, "x, kept within two constant bounds.", constants=2),
    _scalar(
        "if", (BOOLEAN, ANY, ANY), ANY, "The second argument where the first is true, else the third; a missing condition counts as false."
    ),
    _scalar("coalesce", (ANY, ANY), ANY, "The first argument that is not missing.", variadic=1),
    _scalar("is_missing", (ANY,), BOOLEAN, "Whether the value is missing; never missing itself."),
    _scalar("lower", (TEXT,), TEXT, "The text in lower case."),
    _scalar("upper", (TEXT,), TEXT, "The text in upper case."),
    _scalar("length", (TEXT,), NUMBER, "The number of characters."),
    _scalar("concat", (TEXT, TEXT), TEXT, "The texts one after the other.", variadic=1),
    _scalar("contains", (TEXT, TEXT), BOOLEAN, "Whether the text contains a constant text.", constants=1),
    _scalar("starts_with", (TEXT, TEXT), BOOLEAN, "Whether the text starts with a constant text.", constants=1),
    _scalar("hash_bucket", (TEXT, NUMBER), NUMBER, "A stable bucket number (CRC-32 of the UTF-8 bytes modulo a constant n).", constants=1),
    _scalar("year", (TIMESTAMP,), NUMBER, "The year, in UTC."),
    _scalar("month", (TIMESTAMP,), NUMBER, "The month, 1 to 12, in UTC."),
    _scalar("day", (TIMESTAMP,), NUMBER, "The day of the month, in UTC."),
    _scalar("hour", (TIMESTAMP,), NUMBER, "The hour, 0 to 23, in UTC."),
    _scalar("minute", (TIMESTAMP,), NUMBER, "The minute, 0 to 59, in UTC."),
    _scalar("day_of_week", (TIMESTAMP,), NUMBER, "The day of the week, Monday 1 to Sunday 7, in UTC."),
    _scalar("day_of_year", (TIMESTAMP,), NUMBER, "The day of the year, from 1, in UTC."),
)

FITTED = (
    _fitted("standardize", NUMBER, NUMBER, "(x - mean) / standard deviation of the training rows; 0 where the deviation is 0."),
    _fitted("min_max", NUMBER, NUMBER, "(x - min) / (max - min) of the training rows; 0 where they are equal."),
    _fitted("impute_mean", NUMBER, NUMBER, "x, or the mean of the training rows where x is missing."),
    _fitted("impute_median", NUMBER, NUMBER, "x, or the median of the training rows where x is missing."),
    _fitted("impute_mode", TEXT, TEXT, "x, or the most frequent value (ties by code point) where x is missing."),
    _fitted("ordinal", TEXT, NUMBER, "The position of x among the sorted values of the training rows; -1 for an unknown one."),
    _fitted("one_hot", TEXT, NUMBER, "One column of 0 and 1 for each value of the training rows; all 0 for an unknown one."),
    _fitted(
        "target_encode",
        TEXT,
        NUMBER,
        "The mean label of the training rows with this value, smoothed; out of fold in training.",
        lowered=False,
    ),
    _fitted("quantile_bin", NUMBER, NUMBER, "The decile of x among the training rows, 0 to 9."),
    _fitted("tfidf", TEXT, NUMBER, "Weighted term frequencies over the vocabulary of the training rows.", lowered=False),
)

AGGREGATES = (
    _aggregate("count", (), NUMBER, "Number of rows."),
    _aggregate("rows", (), NUMBER, "Number of rows of the table."),
    _aggregate("sum", (NUMBER,), NUMBER, "Sum of the values present."),
    _aggregate("mean", (NUMBER,), NUMBER, "Mean of the values present."),
    _aggregate("min", (NUMBER,), NUMBER, "Smallest value present."),
    _aggregate("max", (NUMBER,), NUMBER, "Largest value present."),
    _aggregate("std", (NUMBER,), NUMBER, "Standard deviation (n - 1) of the values present."),
    _aggregate("last", (ANY,), ANY, "The latest value."),
    _aggregate("distinct", (ANY,), NUMBER, "Number of different values present."),
    _aggregate("null_ratio", (ANY,), NUMBER, "Share of missing values, 0 to 1."),
    _aggregate("unique", (ANY,), NUMBER, "Share of rows whose key (the arguments together) stands only once, 0 to 1.", variadic=True),
)

#: The aggregates that can be over a window; the others are of a whole table.
WINDOWED = ("count", "sum", "mean", "min", "max", "std", "last", "distinct")

EARLIER = (
    Function("lag", (ANY, NUMBER), ANY, "The value in the n-th latest row of the entity, n a constant from 1.", Role.EARLIER, constants=1),
)

FUNCTIONS: dict[str, Function] = {function.name: function for function in (*OPERATORS, *SCALARS, *FITTED, *AGGREGATES, *EARLIER)}
