"""From the bytes of a request to rows, or to every field that is wrong and why."""

from __future__ import annotations

import json
import re
import time
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlarch.architecture.expressions import Literal
from mlarch.architecture.types import Column, ColumnType
from mlarch.runtime.serving.decoding import MOST_PROBLEMS, MOST_ROWS, Decoder, Refused

from .bundles import COLUMNS, RIGHT

DECODER = Decoder(COLUMNS)
BY_NAME = {column.name: column for column in COLUMNS}
PLAIN = json.dumps(RIGHT)


def refused(body: str | bytes) -> Refused:
    """The refusal of a body."""
    with pytest.raises(Refused) as caught:
        DECODER.decode(body.encode() if isinstance(body, str) else body)
    return caught.value


def with_value(name: str, text: str) -> str:
    """The right row with another value, given as JSON."""
    return json.dumps({**RIGHT, name: "@"}).replace('"@"', text)


# --- a plain oracle: what a column takes, said once more without the decoder's library --------------------------------------

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?")


def takes(column: Column, value: Any) -> bool:
    """Whether a column takes a value of JSON."""
    if value is None:
        return column.nullable
    match column.type:
        case ColumnType.INT | ColumnType.FLOAT:
            if isinstance(value, bool) or not isinstance(value, int | float):
                return False
            if column.type is ColumnType.INT and (value != int(value) or not -(2**63) <= value < 2**63):
                return False
            return (column.low is None or value >= column.low) and (column.high is None or value <= column.high)
        case ColumnType.BOOL:
            return isinstance(value, bool)
        case ColumnType.TIMESTAMP | ColumnType.DATE:
            return isinstance(value, str) and _is_time(value, date=column.type is ColumnType.DATE)
        case ColumnType.CATEGORY:
            return value in column.categories
        case _:
            return isinstance(value, str)


def _is_time(text: str, *, date: bool) -> bool:
    if not _TIME.fullmatch(text) and not (date and re.fullmatch(r"\d{4}-\d\d-\d\d", text)):
        return False
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def wrong_fields(row: dict[str, Any]) -> set[str]:
    """The names of everything that is wrong with a row."""
    missing = {column.name for column in COLUMNS if column.name not in row and not column.nullable and column.default is None}
    return missing | {name for name, value in row.items() if name not in BY_NAME or not takes(BY_NAME[name], value)}


def expected(row: dict[str, Any]) -> dict[str, Any]:
    """What a right row is decoded to."""
    values = {}
    for column in COLUMNS:
        default = column.default.value if isinstance(column.default, Literal) else None
        value = row.get(column.name, default)
        if isinstance(value, str) and column.type in (ColumnType.TIMESTAMP, ColumnType.DATE):
            time = datetime.fromisoformat(value)
            value = time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
        values[column.name] = value
    return values


VALUES = st.one_of(
    st.sampled_from(list(RIGHT.values())),
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.integers(-2, 130),
    st.floats(allow_nan=False, allow_infinity=False) | st.sampled_from([1.0, 121.0, -1.5, 2.0**63, 1e300]),
    st.text(max_size=8) | st.sampled_from(["Bonn", "bonn", "", "1", "true", "2026-02-30", "2026-02-28", "2026-02-28T00:00:00+02:00"]),
    st.lists(st.integers(), max_size=2) | st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
)


@st.composite
def rows(draw: st.DrawFn) -> dict[str, Any]:
    """A right row with some columns left out, some changed, and now and then a name that is none."""
    row: dict[str, Any] = dict(RIGHT)
    for name in draw(st.lists(st.sampled_from(list(RIGHT)), max_size=3)):
        row.pop(name, None)
    for name in draw(st.lists(st.sampled_from(list(RIGHT)), max_size=3)):
        row[name] = draw(VALUES)
    for name in draw(st.lists(st.text(max_size=6), max_size=1)):
        row[name] = draw(VALUES)
    return row


@settings(max_examples=400, deadline=None)
@given(st.lists(rows(), min_size=1, max_size=4), st.sampled_from(["plain", "wrapped", "one"]))
def test_exactly_the_wrong_fields_are_refused(drawn: list[dict[str, Any]], form: str) -> None:
    """Against a plain oracle: right rows come out as they went in, of wrong ones each wrong field is named with row and reason."""
    if form == "one":
        drawn = drawn[:1]
    body = json.dumps({"plain": drawn, "wrapped": {"rows": drawn}, "one": drawn[0]}[form]).encode()
    wrong = {(number, name) for number, row in enumerate(drawn) for name in wrong_fields(row)}
    if not wrong:
        assert DECODER.decode(body) == [expected(row) for row in drawn]
        return
    refusal = refused(body)
    assert refusal.status == 422
    assert {(each.row, each.field) for each in refusal.problems} == wrong
    assert all(each.problem for each in refusal.problems)


@settings(max_examples=300, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=60), st.text(max_size=60).map(str.encode), st.recursive(VALUES, st.lists).map(lambda x: json.dumps(x).encode())
    )
)
def test_any_bytes_are_rows_or_refused(body: bytes) -> None:
    """Whatever arrives, the decoder returns rows or refuses with a status and a message: nothing else ever leaves it."""
    try:
        assert DECODER.decode(body)
    except Refused as refusal:
        assert refusal.status in (400, 413, 422)
        assert refusal.message


@pytest.mark.parametrize("body", [PLAIN, f"[{PLAIN}]", f'{{"rows": [{PLAIN}]}}', f"\n  {PLAIN}  ", f" [ {PLAIN} ] "])
def test_one_row_comes_in_any_dress(body: str) -> None:
    """An object, a list and `rows` around it mean the same, with blanks around them too."""
    assert DECODER.decode(body.encode()) == [expected(RIGHT)]


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("age", "121", "is 121, outside 0..120"),
        ("age", "1.5", "is 1.5, and should be a whole number"),
        ("age", "null", "is null, and the column is never missing"),
        ("count", "9223372036854775808", "is 9223372036854775808, too large for a number of 64 bits"),
        ("weight", '"heavy"', 'is "heavy", and should be a number'),
        ("weight", "true", "is true, and should be a number"),
        ("smoker", "1", "is 1, and should be true or false"),
        ("city", '"Berlin"', 'is "Berlin", and should be one of `Bonn`, `Köln`'),
        ("note", "5", "is 5, and should be a text"),
        ("seen", '"yesterday"', 'is "yesterday", and should be a time such as "2026-03-01T12:00:00Z"'),
        ("seen", '"0001-01-01T00:00:00+23:00"', 'is "0001-01-01T00:00:00+23:00", outside the years 1 to 9999 in UTC'),
        ("born", '"31.1.1986"', 'is "31.1.1986", and should be a date such as "2026-03-01"'),
        ("note", "[" * 30 + "]" * 30, "is [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[…, and should be a text"[:30]),
    ],
)
def test_a_wrong_value_is_shown_with_what_was_wanted(name: str, value: str, says: str) -> None:
    """The problem of a field has its value, cut when long, and what it should be."""
    (problem,) = refused(with_value(name, value)).problems
    assert (problem.field, problem.row) == (name, 0)
    assert problem.problem.startswith(says)
    assert len(problem.problem) < 120


def test_a_misspelt_name_gets_a_suggestion() -> None:
    """An unknown name is named, and so is the column that was meant; the column that is missing for it is another problem."""
    row = {("agee" if name == "age" else name): value for name, value in RIGHT.items()}
    found = {each.field: each.problem for each in refused(json.dumps(row)).problems}
    assert found == {"age": "is missing", "agee": "is not a column of the request; did you mean `age`?"}


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e400", "0x10", "01", "1_000"])
def test_what_is_no_number_of_json_is_refused(number: str) -> None:
    """NaN, infinities and numbers that no float holds are refused, never taken for something else."""
    assert refused(with_value("ratio", number)).status == 400


def test_huge_whole_numbers_are_refused_with_their_field() -> None:
    """A whole number of four hundred digits is no 64-bit number and no float, and its field is named."""
    for name in ("count", "age", "weight"):
        (problem,) = refused(with_value(name, "9" * 400)).problems
        assert problem.field == name


def test_whole_numbers_may_be_written_as_floats() -> None:
    """`3.0` is a whole number in JSON, as JSON Schema has it, and is taken for an int column."""
    (row,) = DECODER.decode(with_value("count", "4.0").encode())
    assert row["count"] == 4 and isinstance(row["count"], int)


def test_the_last_of_duplicate_names_counts() -> None:
    """A name that is given twice has its last value, as in every reader of JSON, and a wrong last value is refused."""
    assert DECODER.decode((PLAIN[:-1] + ', "age": 41}').encode())[0]["age"] == 41
    assert refused(PLAIN[:-1] + ', "age": "x"}').problems[0].field == "age"


@pytest.mark.parametrize("opening", ["[", '{"note":', '{"rows":[', f'{PLAIN[:-1]}, "note": ['])
def test_deep_nesting_is_refused(opening: str) -> None:
    """A hundred thousand brackets are a wrong request, and no end of the server."""
    assert refused(opening + "[" * 100_000).status == 400
    assert refused(opening + "[" * 1_000 + "]" * 1_000).status in (400, 422)


@pytest.mark.parametrize("body", [b"", b"   ", b"\xff\xfe", b'{"note": "\xff"}', "\ufeff{}".encode(), b"{", b"{'age': 1}", b"{} {}"])
def test_what_is_no_json_is_refused(body: bytes) -> None:
    """An empty body, wrong bytes, an unfinished or foreign text get 400 and no field."""
    refusal = refused(body)
    assert refusal.status == 400
    assert refusal.problems == []


@pytest.mark.parametrize("body", ["null", "1", '"x"', "[1]", "[[]]", "[null]", '{"rows": 1}'])
def test_what_is_no_row_is_refused(body: str) -> None:
    """JSON that holds something else where a row should be gets 422 and says what a row is."""
    refusal = refused(body)
    assert refusal.status == 422
    assert "an object of named columns" in refusal.message


@pytest.mark.parametrize("body", ["[]", '{"rows": []}'])
def test_no_rows_are_refused(body: str) -> None:
    """A request without rows is a mistake of the caller, and is told so."""
    assert "no rows" in refused(body).message


def test_too_many_rows_are_refused() -> None:
    """One row above the limit gets 413, whether the rows are right or wrong; at the limit they are answered."""
    assert refused(f"[{','.join([PLAIN] * (MOST_ROWS + 1))}]").status == 413
    assert refused(f"[{','.join(['{}'] * (MOST_ROWS + 1))}]").status == 413
    assert len(DECODER.decode(f"[{','.join([PLAIN] * MOST_ROWS)}]".encode())) == MOST_ROWS


@pytest.mark.parametrize(
    "body",
    [
        json.dumps([{f"column{number}": 1 for number in range(100)}] * 3_000),
        json.dumps({f"column{number}": 1 for number in range(300_000)}),
        json.dumps({**RIGHT, "x" * 5_000_000: 1}),
    ],
    ids=["many rows", "many names", "a long name"],
)
def test_a_very_wrong_body_costs_little(body: str) -> None:
    """However much is wrong, a few dozen problems are looked for, so that one caller does not hold up the others."""
    began = time.process_time()
    refusal = refused(body)
    assert time.process_time() - began < 3
    assert len(refusal.problems) <= MOST_PROBLEMS
    assert len(refusal.message) < 1_000


def test_a_column_named_rows_is_a_column() -> None:
    """Where the schema has a column of that name, `rows` is no wrapping."""
    decoder = Decoder([Column(name="rows", type=ColumnType.INT)])
    assert decoder.decode(b'{"rows": 3}') == [{"rows": 3}]
