"""Random feature programs and rows, drawn from the whole registry of functions."""

from __future__ import annotations

import random
import struct
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from mlarch.architecture.expressions import Among, Amount, Apply, Between, Expression, Literal, Moment, Name
from mlarch.architecture.functions import FUNCTIONS, Function, Role
from mlarch.architecture.quantities import parse_quantity
from mlarch.architecture.types import Column, ColumnType, ValueKind

NUMBER, BOOLEAN, TEXT, TIMESTAMP = ValueKind.NUMBER, ValueKind.BOOLEAN, ValueKind.TEXT, ValueKind.TIMESTAMP

COLUMNS = (
    Column(name="a", type=ColumnType.FLOAT, nullable=True),
    Column(name="b", type=ColumnType.FLOAT, nullable=True),
    Column(name="n", type=ColumnType.INT, nullable=True),
    Column(name="flag", type=ColumnType.BOOL, nullable=True),
    Column(name="text", type=ColumnType.STRING, nullable=True),
    Column(name="city", type=ColumnType.CATEGORY, nullable=True),
    Column(name="time", type=ColumnType.TIMESTAMP, nullable=True),
)
OF_KIND = {kind: [column.name for column in COLUMNS if column.kind is kind] for kind in (NUMBER, BOOLEAN, TEXT, TIMESTAMP)}

_floats = st.one_of(
    st.floats(), st.floats(-1000, 1000), st.sampled_from([0.0, -0.0, 1.0, -1.0, 0.5, 1e308, 5e-324, float("nan"), float("inf")])
)
_texts = st.one_of(
    st.sampled_from(["", "red", "Green", "ÄÖß", "İstanbul", "ΑΣ", "日本", "🙂", " a\u2003", "a-b-c", "$1"]),
    st.text(max_size=6).filter(lambda text: "\0" not in text),
)
#: Zones with daylight saving in both halves of the year, with odd offsets, with changes at midnight, with a day left out, and none.
ZONES = st.sampled_from(
    [
        *("America/New_York", "Europe/London", "Australia/Lord_Howe", "Asia/Kathmandu", "America/Sao_Paulo", "Pacific/Apia"),
        *("America/St_Johns", "Africa/Monrovia", "Africa/Casablanca", "Europe/Dublin", "UTC", "Asia/Tokyo"),
    ]
)
_times = st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1)).map(lambda time: time.replace(tzinfo=UTC))

ROWS = st.fixed_dictionaries(
    {
        "a": st.none() | _floats,
        "b": st.none() | _floats,
        "n": st.none() | st.integers(-(2**53), 2**53),
        "flag": st.none() | st.booleans(),
        "text": st.none() | _texts,
        "city": st.none() | st.sampled_from(["red", "Green", "日本"]),
        "time": st.none() | _times,
    }
)

_FLOATS = [0.0, -0.0, 1.0, -1.0, 0.5, 1e308, 5e-324, float("nan"), float("inf"), float("-inf")]
_TEXTS = ["", "red", "Green", "ÄÖß", "İstanbul", "ΑΣ", "日本", "🙂", " red", "Red", "r-e-d", " \x1f", "$1$1"]


def random_rows(seed: int, count: int) -> list[dict[str, Any]]:
    """Many rows at once, cheaper than drawn ones: a third are corners, a tenth of the values are missing."""
    draw = random.Random(seed)

    def number() -> float:
        kind = draw.random()
        if kind < 0.3:
            return draw.choice(_FLOATS)
        return draw.uniform(-1000, 1000) if kind < 0.8 else struct.unpack("<d", draw.randbytes(8))[0]

    def text() -> str:
        return draw.choice(_TEXTS) if draw.random() < 0.6 else "".join(map(chr, draw.choices(range(1, 0xD7FF), k=draw.randrange(6))))

    made = {
        "a": number,
        "b": number,
        "n": lambda: draw.choice([0, 1, -1, draw.randint(-(2**53), 2**53), draw.randint(-100, 100)]),
        "flag": lambda: draw.random() < 0.5,
        "text": text,
        "city": lambda: draw.choice(["red", "Green", "日本"]),
        "time": lambda: datetime(1900, 1, 1, tzinfo=UTC) + timedelta(microseconds=draw.randrange(9_467_000_000_000_000)),
    }
    return [{name: None if draw.random() < 0.1 else make() for name, make in made.items()} for _ in range(count)]


def literals(kind: ValueKind) -> st.SearchStrategy[Expression]:
    """Constants of a kind."""
    if kind is NUMBER:
        values: st.SearchStrategy[Any] = st.one_of(st.integers(-100, 100), st.floats(-1e6, 1e6).filter(lambda x: x == 0 or abs(x) > 1e-6))
        return values.map(Literal)
    if kind is BOOLEAN:
        return st.booleans().map(Literal)
    if kind is TEXT:
        return _texts.map(Literal)
    return st.sampled_from([Moment("2013-10-11"), Moment("1969-12-31T23:59:59Z"), Moment("2000-02-29T12:00:00+02:00")])


@st.composite
def expressions(draw: st.DrawFn, kind: ValueKind, depth: int = 3) -> Expression:
    """An expression of a kind, at most so deep."""
    if depth == 0 or draw(st.integers(0, 5)) == 0:
        if draw(st.booleans()):
            return Name((draw(st.sampled_from(OF_KIND[kind])),))
        return draw(literals(kind))
    fitting = [function for function in FUNCTIONS.values() if function.role is Role.SCALAR and function.returns in (kind, None)]
    choice: Any = draw(st.sampled_from([*fitting, "between", "among", "shift"]))
    if isinstance(choice, Function):
        return draw(applications(choice, kind, depth))
    if choice == "shift" and kind is TIMESTAMP:
        amount = Amount(parse_quantity(draw(st.sampled_from(["1h", "30min", "7d", "250ms"]))))
        return Apply(draw(st.sampled_from(["+", "-"])), (draw(expressions(TIMESTAMP, depth - 1)), amount))
    if kind is BOOLEAN and choice in ("between", "among"):
        of = draw(st.sampled_from([NUMBER, TEXT]))
        value = draw(expressions(of, depth - 1))
        if choice == "between":
            return Between(value, draw(literals(of)), draw(literals(of)))
        return Among(value, tuple(draw(st.lists(literals(of), min_size=1, max_size=3))))
    return draw(expressions(kind, depth - 1))


@st.composite
def applications(draw: st.DrawFn, function: Function, kind: ValueKind, depth: int) -> Expression:
    """A call of one function with arguments that fit."""
    shared = (
        kind
        if function.returns is None
        else draw(st.sampled_from([NUMBER, TEXT] if function.name in ("<", "<=", ">", ">=") else [NUMBER, TEXT, BOOLEAN]))
    )
    kinds = [shared if parameter is None else parameter for parameter in function.parameters]
    if function.variadic:
        kinds += [kinds[-1]] * draw(st.integers(0, 2))
    elif function.paired:
        kinds = [*kinds[:2] * draw(st.integers(1, 3)), kinds[-1]]
    elif function.optional:
        kinds = kinds[: len(kinds) - draw(st.integers(0, function.optional))]
    places = function.constant_ones(len(kinds))
    arguments = [draw(expressions(kind, depth - 1)) for kind in kinds[: len(kinds) - len(places)]]
    return Apply(function.name, (*arguments, *draw(constants(function, [kinds[place] for place in places]))))


@st.composite
def constants(draw: st.DrawFn, function: Function, kinds: list[ValueKind]) -> list[Expression]:
    """Literals for the constant parameters of a function, as `check` allows them."""
    if function.name in ("clip", "bucket"):
        return [*map(Literal, sorted(draw(st.lists(st.integers(-50, 50), min_size=len(kinds), max_size=len(kinds), unique=True))))]
    counts = st.integers(0, 15) if function.name == "round" else st.integers(1, 64) if function.name == "hash_bucket" else st.integers(1, 4)
    texts = ZONES if function.parameters[0] is TIMESTAMP else _texts
    if function.name == "matches":
        texts = st.sampled_from(["^r", "[a-zÄÖ]+$", r"\bred\b", "(?i)GREEN", ".", "", "(e|日)", r"\s", r"\d{2,}"])
    if function.name in ("replace", "split_part"):
        texts = st.sampled_from(["e", "-", "Ö", "日", "ed", "$1", ".", " "])
    return [Literal(draw(counts if kind is NUMBER else texts)) for kind in kinds]
