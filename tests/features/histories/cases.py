"""Random systems with histories, and rows for them: late, out of order, at the same time, on boundaries, without values."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from mlarch.architecture.architecture import Architecture
from mlarch.architecture.blocks.features import Features
from mlarch.architecture.blocks.model import Model
from mlarch.architecture.blocks.source import Csv, Refresh, Schema, Source
from mlarch.architecture.blocks.system import Problem, System
from mlarch.architecture.expressions import Amount, Apply, Call, Expression, Literal, Name, Window
from mlarch.architecture.functions import WINDOWED
from mlarch.architecture.histories import program_of
from mlarch.architecture.program import FeatureProgram
from mlarch.architecture.quantities import parse_quantity
from mlarch.architecture.types import Column, ColumnType, ValueKind
from mlarch.architecture.typing import kind_of
from mlarch.architecture.vocabulary import Definition, Reference
from mlarch.runtime.features.own.modules import learn

from ..own.codes import FILES, code

Row = dict[str, Any]
NUMBER, BOOLEAN = ValueKind.NUMBER, ValueKind.BOOLEAN
#: A function of a user's, which may stand wherever a value of a row does.
CODE = code(FILES)
learn(FeatureProgram((), (), code=CODE))

COLUMNS = tuple(
    Column(name=name, type=ColumnType(kind), nullable=True)
    for name, kind in (
        *(("who", "string"), ("place", "int"), ("x", "float"), ("n", "int"), ("flag", "bool"), ("city", "category"), ("text", "string")),
        *(("happened", "timestamp"), ("known", "timestamp")),
    )
)
_BY_NAME = {column.name: column for column in COLUMNS}
_WINDOWS = ("1us", "1s", "1min", "1h", "90min", "1d", "7d", "30d", "1000d", "1000000w")
#: Around a change of the clocks in Berlin, the ends of weeks, months and a year, and before 1970.
_STARTS = (
    datetime(2024, 3, 30, 22),
    datetime(2024, 10, 26, 23),
    datetime(2023, 12, 31, 20),
    datetime(1969, 12, 28, 5),
    datetime(2024, 2, 28),
)
_FLOATS = (0.0, -0.0, 1.0, -1.0, 1e300, -1e300, 5e-324, 0.1, float("nan"), float("inf"), float("-inf"))


@dataclass(frozen=True)
class Case:
    """A program, the rows of its sources in the order in which they were written, the rows that are asked about, and whose it is."""

    program: FeatureProgram
    asked: list[Row]
    rows: dict[str, list[Row]]
    architecture: Architecture


def case(seed: int, most: int = 40) -> Case:
    """Return a case; the same for the same seed."""
    draw = random.Random(seed)
    own, joined = draw.random() < 0.5, draw.random() < 0.5
    observed = Source(name="asked", connector=Csv("asked.csv"), schema=Schema(columns=COLUMNS), **_times(draw))
    kept = Source(name="kept", connector=Csv("kept.csv"), schema=Schema(columns=COLUMNS), **_times(draw))
    sources = {source.name: source for source in (observed, kept)}
    over = [name for name, wanted in (("asked", own or not joined), ("kept", joined)) if wanted]
    groups = {f"of_{name}": _group(draw, name) for name in over}
    shift = draw.choice(("0s", "1us", "1h", "1d"))
    as_of = draw.choice((None, Apply(draw.choice("+-"), (Name(("happened",)), Amount(parse_quantity(shift))))))
    model = Model(
        name="m", observations=Reference("source", "asked"), as_of=as_of, features=tuple(Reference("features", name) for name in groups)
    )
    system = System(name="s", problem=Problem.CLASSIFICATION)
    architecture = Architecture(language="1.0", system=system, source=sources, features=groups, model={"m": model})
    times = _clock(draw)
    rows = {name: [_row(draw, times) for _ in range(draw.randint(0, most))] for name in sources}
    asked = rows["asked"] if draw.random() < 0.5 else [_row(draw, times) for _ in range(draw.randint(0, most))]
    return Case(program_of(architecture, model), asked, rows, architecture)


def _times(draw: random.Random) -> dict[str, Any]:
    return {"timestamp": "happened", "known_at": draw.choice((None, "known")), "refresh": draw.choice((None, *Refresh)), "entity": ("who",)}


def _group(draw: random.Random, source: str) -> Features:
    entity: tuple[str, ...] = draw.choice(
        ((), ("who",), ("place",), ("who", "place"), ("flag",), ("city",), ("known",), ("text", "happened"))
    )
    feature = {f"f{number}": Definition(_feature(draw, source)) for number in range(draw.randint(1, 6))}
    return Features(name=f"of_{source}", source=Reference("source", source), entity=entity, feature=feature)


def _feature(draw: random.Random, source: str) -> Expression:
    kind = draw.random()
    if source == "kept" and kind < 0.15:
        return Name((draw.choice(COLUMNS).name,))
    if kind < 0.35:
        return Apply("lag", (_taken(draw, tuple(ValueKind)), Literal(draw.randint(1, 4))))
    name = draw.choice(WINDOWED)
    kinds = tuple(ValueKind) if name in ("last", "distinct") else (NUMBER, BOOLEAN)
    arguments = () if name == "count" else (_taken(draw, kinds),)
    return Window(Apply(name, arguments), parse_quantity(draw.choice(_WINDOWS)))


def _taken(draw: random.Random, kinds: tuple[ValueKind, ...]) -> Expression:
    """What is taken of each row: expressions that both lowerings compute to the last bit."""
    x, n, flag, city = (Name((name,)) for name in ("x", "n", "flag", "city"))
    found: list[Expression] = [
        *(Name((column.name,)) for column in COLUMNS),
        Apply("if", (flag, x, n)),
        Apply("coalesce", (x, Literal(0))),
        Apply("abs", (n,)),
        Apply("concat", (city, Name(("text",)))),
        Apply(">", (x, Literal(0))),
        Apply("hour", (Name(("happened",)),)),
        Call("shop.words:seen", CODE.digest, (x, city, Name(("happened",)))),
        Literal(1),
    ]
    return draw.choice([each for each in found if kind_of(each, _BY_NAME) in kinds])


def _clock(draw: random.Random) -> list[datetime | None]:
    """A few times that rows share, so that many are equal, on boundaries, or a microsecond beside them."""
    start, zone = draw.choice(_STARTS), ZoneInfo(draw.choice(("UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata")))
    unit = draw.choice((timedelta(minutes=30), timedelta(hours=1), timedelta(hours=7), timedelta(days=1), timedelta(seconds=1)))
    found: list[datetime | None] = [None]
    for _ in range(draw.randint(1, 12)):
        time = (start + unit * draw.randint(0, 30)).replace(tzinfo=zone, fold=draw.randint(0, 1)).astimezone(UTC)
        found.append(time + timedelta(microseconds=draw.choice((0, 0, 0, 1, -1))))
    return found


def _row(draw: random.Random, times: list[datetime | None]) -> Row:
    made: Row = {
        "who": draw.choice(("ada", "bob", "", "Ada")),
        "place": draw.choice((0, 1, -1, 2**62)),
        "x": draw.choice(_FLOATS) if draw.random() < 0.5 else draw.uniform(-1000, 1000),
        "n": draw.choice((0, 1, 2, -3, 2**53)),
        "flag": draw.random() < 0.5,
        "city": draw.choice(("red", "Green", "日本")),
        "text": draw.choice(("", "a", "é")),
        "happened": draw.choice(times),
        "known": draw.choice(times),
    }
    return {name: None if draw.random() < 0.08 else value for name, value in made.items()}
