"""The functions of the feature language: one registry of names, parameters, results and meanings.

Every lowering (Polars, closures) must implement each scalar function here, and fitting must implement each fitted one; tests generate
programs from this table, so a function without a lowering fails them. Semantics common to all:

- Arithmetic is in 64-bit floats; an `int` column is converted first.
- A missing value (null) makes the result missing, except where a function says otherwise (`coalesce`, `null_if`, `is_missing`, `and`, `or`,
  `if`, `case`). `and`, `or` follow three-valued logic: `false and null` is false.
- NaN and infinity in the data count as missing; a *result* that is not finite (`log(-1)`, `x / 0`) is missing as well.
- Comparisons of text are by code point; timestamps are UTC microseconds.
- Parts of a timestamp are those on a clock in UTC, or in the IANA time zone that is named, daylight saving included; differences of
  timestamps are of time that passed, whatever the clocks said.
- Over a window of a history, true counts as 1 and false as 0 where numbers are wanted. `count` and `distinct` of nothing are 0, so is
  `sum`; `mean`, `min`, `max`, `std` and `last` are missing.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

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
    OWN = "own"  # by code of the user's, from the values of one row
    MOMENT = "moment"  # of the model that asks


class Function(msgspec.Struct, frozen=True):
    """A function's signature and its one-sentence meaning.

    `constants` says how many trailing parameters must be literals; `optional` how many trailing ones may be left out; `variadic` repeats
    the last parameter, `paired` the first two. What is `spread` gives several columns.
    """

    name: str
    parameters: tuple[ValueKind | None, ...]
    returns: ValueKind | None
    doc: str
    role: Role = Role.SCALAR
    constants: int = 0
    variadic: bool = False
    optional: int = 0
    paired: bool = False
    spread: bool = False

    @property
    def least(self) -> int:
        """The smallest number of arguments."""
        return len(self.parameters) - self.optional

    def takes(self, given: int) -> bool:
        """Tell whether it can be called with so many arguments."""
        if self.paired:
            return given >= self.least and (given - self.least) % 2 == 0
        return given >= self.least and (self.variadic or given <= len(self.parameters))

    def parameter(self, position: int, given: int) -> ValueKind | None:
        """Return the kind of the argument at a position, of so many given; None is any kind."""
        if self.paired:
            return self.parameters[position % 2] if position < given - 1 else self.parameters[-1]
        return self.parameters[min(position, len(self.parameters) - 1)]

    def constant_ones(self, given: int) -> range:
        """Return the positions of the arguments, of so many given, that must be literals."""
        return range(len(self.parameters) - self.constants, given) if self.constants else range(0)

    @property
    def signature(self) -> str:
        names = [kind.value if kind else "any" for kind in self.parameters]
        for position in range(self.least, len(names)):
            names[position] += "?"
        if self.variadic:
            names[-1] += ", …"
        if self.paired:
            names.insert(2, "…")
        return f"{self.name}({', '.join(names)}) -> {self.returns.value if self.returns else 'any'}"


def _scalar(name: str, parameters: tuple[ValueKind | None, ...], returns: ValueKind | None, doc: str, **rest: Any) -> Function:
    return Function(name, parameters, returns, doc, Role.SCALAR, **rest)


def _date(name: str, returns: ValueKind, doc: str) -> Function:
    return _scalar(name, (TIMESTAMP, TEXT), returns, doc, constants=1, optional=1)


def _fitted(name: str, parameter: ValueKind, returns: ValueKind, doc: str, *, spread: bool = False) -> Function:
    return Function(name, (parameter,), returns, doc, Role.FITTED, spread=spread)


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
    _scalar("log10", (NUMBER,), NUMBER, "Logarithm to base 10; missing at 0 and below."),
    _scalar("log2", (NUMBER,), NUMBER, "Logarithm to base 2; missing at 0 and below."),
    _scalar("sin", (NUMBER,), NUMBER, "Sine of an angle in radians."),
    _scalar("cos", (NUMBER,), NUMBER, "Cosine of an angle in radians."),
    _scalar("mod", (NUMBER, NUMBER), NUMBER, "The rest of x divided by y, of the sign of y; missing when y is 0."),
    _scalar("floor", (NUMBER,), NUMBER, "Largest whole number not above x."),
    _scalar("ceil", (NUMBER,), NUMBER, "Smallest whole number not below x."),
    _scalar("sign", (NUMBER,), NUMBER, "-1 below 0, 0 at 0, 1 above."),
    _scalar("round", (NUMBER, NUMBER), NUMBER, "x with n decimals (a constant, else 0); halves go to even.", constants=1, optional=1),
    _scalar("power", (NUMBER, NUMBER), NUMBER, "x to the power of y; missing where that is no finite real number."),
    _scalar("bucket", (NUMBER, NUMBER), NUMBER, "How many of the constant edges, which ascend, are at most x.", constants=1, variadic=True),
    _scalar("min_of", (NUMBER, NUMBER), NUMBER, "The smallest of its arguments.", variadic=True),
    _scalar("max_of", (NUMBER, NUMBER), NUMBER, "The largest of its arguments.", variadic=True),
    _scalar("clip", (NUMBER, NUMBER, NUMBER), NUMBER, "x, kept within two constant bounds.", constants=2),
    _scalar(
        "if", (BOOLEAN, ANY, ANY), ANY, "The second argument where the first is true, else the third; a missing condition counts as false."
    ),
    _scalar("case", (BOOLEAN, ANY, ANY), ANY, "The value after the first condition that is true, else the last argument.", paired=True),
    _scalar("null_if", (ANY, ANY), ANY, "The first argument, or missing where it equals the second."),
    _scalar("coalesce", (ANY, ANY), ANY, "The first argument that is not missing.", variadic=True),
    _scalar("is_missing", (ANY,), BOOLEAN, "Whether the value is missing; never missing itself."),
    _scalar("lower", (TEXT,), TEXT, "The text in lower case."),
    _scalar("upper", (TEXT,), TEXT, "The text in upper case."),
    _scalar("length", (TEXT,), NUMBER, "The number of characters."),
    _scalar("word_count", (TEXT,), NUMBER, "The number of words, which stand between white space."),
    _scalar("concat", (TEXT, TEXT), TEXT, "The texts one after the other.", variadic=True),
    _scalar("contains", (TEXT, TEXT), BOOLEAN, "Whether the text contains a constant text.", constants=1),
    _scalar("starts_with", (TEXT, TEXT), BOOLEAN, "Whether the text starts with a constant text.", constants=1),
    _scalar("ends_with", (TEXT, TEXT), BOOLEAN, "Whether the text ends with a constant text.", constants=1),
    _scalar(
        "matches",
        (TEXT, TEXT),
        BOOLEAN,
        "Whether a constant regular expression, as Python reads it, is found anywhere in the text.",
        constants=1,
    ),
    _scalar("trim", (TEXT,), TEXT, "The text without white space at its ends."),
    _scalar("replace", (TEXT, TEXT, TEXT), TEXT, "The text with every occurrence of a constant text replaced by another one.", constants=2),
    _scalar("left", (TEXT, NUMBER), TEXT, "The first n characters, n a constant.", constants=1),
    _scalar("right", (TEXT, NUMBER), TEXT, "The last n characters, n a constant.", constants=1),
    _scalar("substring", (TEXT, NUMBER, NUMBER), TEXT, "n characters from a position on, the first is 1; both constants.", constants=2),
    _scalar(
        "split_part",
        (TEXT, TEXT, NUMBER),
        TEXT,
        "The n-th part, from 1, between occurrences of a constant text; missing where there are fewer.",
        constants=2,
    ),
    _scalar("hash_bucket", (TEXT, NUMBER), NUMBER, "A stable bucket number (CRC-32 of the UTF-8 bytes modulo a constant n).", constants=1),
    _date("year", NUMBER, "The year, in UTC or a constant time zone."),
    _date("quarter", NUMBER, "The quarter of the year, 1 to 4, in UTC or a constant time zone."),
    _date("month", NUMBER, "The month, 1 to 12, in UTC or a constant time zone."),
    _date("week", NUMBER, "The week of the year by ISO 8601, 1 to 53, in UTC or a constant time zone."),
    _date("day", NUMBER, "The day of the month, in UTC or a constant time zone."),
    _date("hour", NUMBER, "The hour, 0 to 23, in UTC or a constant time zone."),
    _date("minute", NUMBER, "The minute, 0 to 59, in UTC or a constant time zone."),
    _date("second", NUMBER, "The second, in UTC or a constant time zone."),
    _date("day_of_week", NUMBER, "The day of the week, Monday 1 to Sunday 7, in UTC or a constant time zone."),
    _date("day_of_year", NUMBER, "The day of the year, from 1, in UTC or a constant time zone."),
    _date("is_weekend", BOOLEAN, "Whether it is Saturday or Sunday, in UTC or a constant time zone."),
    _date("day_name", TEXT, "The English name of the day of the week, such as Monday, in UTC or a constant time zone."),
    _date("month_name", TEXT, "The English name of the month, such as January, in UTC or a constant time zone."),
    _scalar("seconds_between", (TIMESTAMP, TIMESTAMP), NUMBER, "The seconds from the first moment to the second; below 0 backwards."),
    _scalar("minutes_between", (TIMESTAMP, TIMESTAMP), NUMBER, "The minutes from the first moment to the second; below 0 backwards."),
    _scalar("hours_between", (TIMESTAMP, TIMESTAMP), NUMBER, "The hours from the first moment to the second; below 0 backwards."),
    _scalar("days_between", (TIMESTAMP, TIMESTAMP), NUMBER, "The days of 24 hours from the first moment to the second."),
)

FITTED = (
    _fitted("standardize", NUMBER, NUMBER, "(x - mean) / standard deviation of the training rows; 0 where the deviation is 0."),
    _fitted("min_max", NUMBER, NUMBER, "(x - min) / (max - min) of the training rows; 0 where they are equal."),
    _fitted(
        "robust_scale",
        NUMBER,
        NUMBER,
        "(x - median) / (third quartile - first quartile) of the training rows; 0 where the quartiles are equal.",
    ),
    _fitted("impute_mean", NUMBER, NUMBER, "x, or the mean of the training rows where x is missing."),
    _fitted("impute_median", NUMBER, NUMBER, "x, or the median of the training rows where x is missing."),
    _fitted("impute_mode", TEXT, TEXT, "x, or the most frequent value (ties by code point) where x is missing."),
    _fitted("ordinal", TEXT, NUMBER, "The position of x among the sorted values of the training rows; -1 for an unknown one."),
    _fitted("one_hot", TEXT, NUMBER, "One column of 0 and 1 for each value of the training rows; all 0 for an unknown one.", spread=True),
    _fitted(
        "target_encode",
        TEXT,
        NUMBER,
        "The mean label of the training rows with this value, as if 10 rows more had the mean of all; that mean for an unknown or missing "
        "value. A training row is encoded by the labels of other rows alone.",
    ),
    _fitted("frequency_encode", TEXT, NUMBER, "The share of the training rows with this value, 0 to 1; 0 for an unknown one."),
    _fitted("quantile_bin", NUMBER, NUMBER, "The decile of x among the training rows, 0 to 9."),
    Function(
        "tfidf",
        (TEXT, NUMBER),
        NUMBER,
        "One column for each of the n most frequent words of the training rows, n a constant: its count in the text times its inverse "
        "document frequency, all together of length 1; 0 in a missing text.",
        Role.FITTED,
        constants=1,
        spread=True,
    ),
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
    Function(
        "lag",
        (ANY, NUMBER),
        ANY,
        "The value in the n-th latest row of the entity, n a constant from 1 (else 1).",
        Role.EARLIER,
        constants=1,
        optional=1,
    ),
)

OWN = (
    Function(
        "python",
        (TEXT, ANY),
        NUMBER,
        "What a Python function, a constant `module:function` beside the architecture file, gives for the values of one row: true is 1, "
        "false is 0, and what is no finite number is missing.",
        Role.OWN,
        variadic=True,
        optional=1,
    ),
)

ASKED = (
    Function(
        "as_of",
        (),
        TIMESTAMP,
        "The moment at which a prediction is asked for: `as_of` of the model, or the timestamp of its observations.",
        Role.MOMENT,
    ),
)

FUNCTIONS: dict[str, Function] = {
    function.name: function for function in (*OPERATORS, *SCALARS, *FITTED, *AGGREGATES, *EARLIER, *OWN, *ASKED)
}
