"""The blob of an entity: nothing is lost in it, damage is noticed, and what it no longer holds is told apart from what never was."""

from __future__ import annotations

import random
import zlib
from datetime import UTC, datetime, timedelta
from math import isfinite
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from mlarch.architecture.blocks.source import Refresh
from mlarch.architecture.expressions import Expression, Name
from mlarch.architecture.program import FeatureProgram, History, HistoryValue
from mlarch.architecture.types import Column, ColumnType, ValueKind
from mlarch.runtime.features.histories.online import EventsInMemory, to_completion, visible_at
from mlarch.runtime.features.store import encoding
from mlarch.runtime.features.store.answering import to_store_completion
from mlarch.runtime.features.store.current import newest_of
from mlarch.runtime.features.store.encoding import TooMuchOfOne, encode
from mlarch.runtime.features.store.events import CHECKED, AskedTooEarly, UnreadableEvents, decode
from mlarch.runtime.features.tables import POLARS_TYPES

from ..histories.stored import HOUR, Stored, blobs, view
from ..programs import COLUMNS, expressions, random_rows

Row = dict[str, Any]
WHO, HAPPENED, KNOWN = (
    Column(name="who", type=ColumnType.STRING, nullable=True),
    Column(name="happened", type=ColumnType.TIMESTAMP, nullable=True),
    Column(name="known", type=ColumnType.TIMESTAMP, nullable=True),
)
ALL = (WHO, HAPPENED, KNOWN, *COLUMNS)
SCHEMA = {column.name: POLARS_TYPES[column.type] for column in ALL}
LATEST = [HistoryValue(f"lag of {column.name}", "lag", Name((column.name,)), column.kind, rank=1) for column in COLUMNS]
EVER = 10**18
START = datetime(2024, 3, 1, tzinfo=UTC)


def random_history(seed: int) -> list[Row]:
    """Up to a dozen rows of two entities, of times that they share, with corners of every type in the other columns."""
    draw = random.Random(seed)
    times = [None, *(START + timedelta(minutes=20 * step) for step in range(13))]
    made = random_rows(seed, draw.randrange(13))
    return [
        {"who": draw.choice(["ada", "é", "ada", None]), "happened": draw.choice(times), "known": draw.choice(times), **row} for row in made
    ]


_rows = st.integers(0, 2**32).map(random_history)


def at(hour: float) -> datetime:
    """A time, in hours of the first of March 2024."""
    return START + timedelta(hours=hour)


def history(*values: HistoryValue, refresh: Refresh = Refresh.CONTINUOUS, known_at: str | None = "known") -> History:
    """A history of who, with the values that are asked for."""
    return History("rows", ("who",), "happened", known_at, refresh, ALL, values)


def program(*values: HistoryValue, **more: Any) -> FeatureProgram:
    """A program of one history, asked about when a row happened."""
    return FeatureProgram((WHO, HAPPENED), (), Name(("happened",)), (history(*values, **more),))


def over(function: str, hours: float, expression: Expression | None = None, kind: ValueKind = ValueKind.NUMBER) -> HistoryValue:
    """An aggregate over a window."""
    return HistoryValue(f"{function} {hours}", function, expression, kind, window=int(hours * HOUR))


def lag(rank: int) -> HistoryValue:
    """Column `a` of the n-th latest row."""
    return HistoryValue(f"lag {rank}", "lag", Name(("a",)), ValueKind.NUMBER, rank=rank)


def table(rows: list[Row]) -> pl.DataFrame:
    """The rows as a table."""
    return pl.DataFrame(rows, SCHEMA)


def plain(*rows: tuple[str | None, float, float]) -> pl.DataFrame:
    """Rows of who, when it happened and was known (in hours), and `a`, their number."""
    made = [
        {"who": who, "happened": at(happened), "known": at(known), "a": float(number)} for number, (who, happened, known) in enumerate(rows)
    ]
    return table([{name: row.get(name) for name in SCHEMA} for row in made])


@settings(max_examples=150, deadline=None)
@given(rows=_rows, refresh=st.sampled_from(Refresh))
def test_encoding_and_decoding_loses_nothing(rows: list[Row], refresh: Refresh) -> None:
    """Every event has its visible time, its place by recency and the value of each column, as features see them."""
    kept = history(*LATEST, refresh=refresh)
    found = blobs(encode(view(kept), table(rows), EVER))
    for who in ("ada", "é", "nobody"):
        seen = visible_at(kept, [row for row in rows if row["who"] == who], datetime(9000, 1, 1, tzinfo=UTC))
        assert ((who,) in found) == bool(seen)
        if not seen:
            continue
        held = decode(found[who,])
        assert held.visible.tolist() == sorted(
            (event.visible - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1) for event in seen
        )
        by_visible = sorted(seen, key=lambda event: (event.visible, event.place))
        assert [by_visible[place] for place in held.latest] == seen
        for column in COLUMNS:
            assert _seen(held.values(column.name, 0, held.count)) == _seen([event.row[column.name] for event in by_visible])
            for start, end in ((1, held.count), (held.count - 1, held.count), (held.count, held.count)):
                assert _seen(held.values(column.name, start, end)) == _seen([event.row[column.name] for event in by_visible[start:end]])


def _seen(values: list[Any]) -> list[tuple[str, Any]]:
    """Values as features see them, with their signs: numbers that are not finite are missing, and whole ones are floats."""
    numbers = [float(value) if isinstance(value, int) and not isinstance(value, bool) else value for value in values]
    finite = [None if isinstance(value, float) and not isfinite(value) else value for value in numbers]
    return [(repr(value) if isinstance(value, float) else "", value) for value in finite]


@settings(max_examples=150, deadline=None)
@given(data=st.data(), rows=_rows, refresh=st.sampled_from(Refresh), known=st.sampled_from(["known", None]))
def test_any_expression_is_computed_as_from_rows(data: st.DataObject, rows: list[Row], refresh: Refresh, known: str | None) -> None:
    """Whatever is taken of each event, from the whole registry of functions: the store gives what the rows themselves give."""
    values = []
    for number, kind in enumerate((ValueKind.NUMBER, ValueKind.BOOLEAN, ValueKind.TEXT, ValueKind.TIMESTAMP)):
        taken = data.draw(expressions(kind, depth=2))
        values.append(HistoryValue(f"lag {number}", "lag", taken, kind, rank=data.draw(st.integers(1, 3))))
        for function in ("last", "distinct", *(("min", "max", "mean") if kind is ValueKind.NUMBER else ())):
            window = data.draw(st.sampled_from([1, HOUR, 2 * HOUR, EVER]))
            values.append(HistoryValue(f"{function} {number}", function, taken, kind, window=window))
    made = program(*values, refresh=refresh, known_at=known)
    complete, stored = (
        to_completion(made, EventsInMemory({"rows": rows})),
        Stored(made, {"rows": table(rows)}, data.draw(st.sampled_from([0, HOUR, EVER]))),
    )
    for row in ({"who": who, "happened": at(hour)} for who in ("ada", "é", None) for hour in (0.5, 2, 4, 5)):
        try:
            found = stored(row)
        except AskedTooEarly:
            continue
        wanted = complete(row)
        for name in wanted:
            close = name.startswith("mean") and found[name] is not None and wanted[name] is not None
            assert found[name] == (pytest.approx(wanted[name], rel=1e-6, abs=1e290) if close else wanted[name]), name


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_damage_is_noticed(data: st.DataObject) -> None:
    """A blob with another byte, of another length, or with something else in its place is refused, and by nothing but one error."""
    (blob,) = blobs(encode(view(history(*LATEST, over("count", 3))), plain(("ada", 1, 1), ("ada", 2, 3)), EVER)).values()
    place = data.draw(st.integers(0, len(blob) - 1))
    other = data.draw(st.integers(0, 255).filter(lambda byte: byte != blob[place]))
    for damaged in (
        *(blob[:place] + bytes([other]) + blob[place + 1 :], blob[:place], blob + data.draw(st.binary(min_size=1, max_size=9))),
        data.draw(st.binary(max_size=200)),
    ):
        with pytest.raises(UnreadableEvents):
            decode(damaged)
    assert decode(blob).count == 2
    with pytest.raises(UnreadableEvents, match="not all of one"):
        decode(blob[:-1])


def test_a_later_format_is_refused() -> None:
    """A blob that another version of mlarch wrote says so, where its checksum holds."""
    (blob,) = blobs(encode(view(history(lag(1))), plain(("ada", 1, 1)), EVER)).values()
    body = (2).to_bytes(2, "little") + blob[CHECKED + 2 :]
    with pytest.raises(UnreadableEvents, match="is of format 2, and this version of mlarch reads 1"):
        decode(blob[:4] + zlib.crc32(body).to_bytes(4, "little") + body)


@pytest.mark.parametrize(
    ("kept", "asked", "told"),
    [
        (history(lag(1), refresh=Refresh.DAILY), program(lag(1)), "other rules"),
        (history(lag(1), known_at=None), program(lag(1)), "other rules"),
        (history(over("count", 3)), program(over("count", 3), lag(1)), "without the number `a`"),
        (replace(history(lag(1)), columns=(WHO, Column(name="a", type=ColumnType.BOOL))), program(lag(1)), "without the number `a`"),
        (history(lag(1)), program(lag(2)), "2 of the latest rows are asked for, and 1 are kept"),
    ],
)
def test_what_was_kept_for_another_file_is_refused(kept: History, asked: FeatureProgram, told: str) -> None:
    """A program that reads what is not kept, or under other rules, is told so, in place of another answer than in training."""
    (blob,) = blobs(encode(view(kept), plain(("ada", 1, 1), ("ada", 2, 2), ("ada", 50, 50)), 0)).values()
    with pytest.raises(UnreadableEvents, match=told):
        to_store_completion(asked).complete({"who": "ada", "happened": at(60)}, [decode(blob)])


def test_a_program_that_reads_less_than_is_kept_is_answered() -> None:
    """Several models share a view: a shorter window and fewer columns and rows are answered from it, and from earlier on."""
    rows = plain(("ada", 1, 1), ("ada", 2, 2), ("ada", 50, 50))
    kept = view(history(lag(2), over("count", 10), over("sum", 10, Name(("b",)))))
    (blob,) = blobs(encode(kept, rows, 0)).values()
    complete = to_store_completion(program(over("count", 5)))
    assert complete.complete({"who": "ada", "happened": at(52)}, [decode(blob)])["count 5"] == 1


def test_a_moment_that_is_no_longer_kept_is_told_apart() -> None:
    """Answers are exact after the last event that was left out has gone from each window; an earlier moment is refused."""
    made = program(over("count", 3))
    stored = Stored(made, {"rows": plain(("ada", 1, 1), ("ada", 2, 2), ("ada", 50, 50))}, HOUR)
    with pytest.raises(AskedTooEarly, match="answers are exact after 2024-03-01 05:00:00") as refused:
        stored({"who": "ada", "happened": at(5)})
    assert refused.value.since == int(at(5).timestamp()) * 1_000_000
    assert stored({"who": "ada", "happened": at(5) + timedelta(microseconds=1)})["count 3"] == 0
    assert stored({"who": "ada", "happened": at(52)})["count 3"] == 1
    assert stored({"who": "bob", "happened": at(1)})["count 3"] == 0, "of bob nothing was ever known"


def test_latest_rows_are_kept_however_old() -> None:
    """Of an entity without news for long, as many of the latest rows are kept as are read, by recency and not by when they were known."""
    rows = plain(("ada", 3, 3), ("ada", 2, 5), ("ada", 1, 4), ("bob", 0, 0), ("bob", 900, 900))
    found = blobs(encode(view(history(lag(2), over("count", 1))), rows, 0))
    held = decode(found["ada",])
    assert held.numbers("a", 0, held.count) == [0.0, 1.0] and held.exact_after(0, 2) == int(at(5).timestamp()) * 1_000_000
    stored = Stored(program(lag(1), lag(2)), {"rows": rows}, 0)
    assert [stored({"who": "ada", "happened": at(800)})[name] for name in ("lag 1", "lag 2")] == [0.0, 1.0]
    with pytest.raises(AskedTooEarly):
        stored({"who": "ada", "happened": at(4.5)})


def test_an_entity_without_news_keeps_its_bytes() -> None:
    """What is written anew is what has changed: an event of one entity changes no other one's blob, unless something is left out of it."""
    kept = view(history(lag(1), over("count", 3)))
    first = plain(("ada", 1, 1), ("bob", 1, 1), ("bob", 2, 2))
    before, after = (blobs(encode(kept, rows, HOUR)) for rows in (first, pl.concat([first, plain(("bob", 9, 9))])))
    assert before["ada",] == after["ada",] and before["bob",] != after["bob",]
    assert before == blobs(encode(kept, first, HOUR))
    gone = blobs(encode(view(history(over("count", 3))), pl.concat([first, plain(("bob", 9, 9))]), HOUR))
    assert decode(gone["ada",]).count == 0, "that ada was known is kept, so that nobody takes silence for an answer"


@settings(max_examples=60, deadline=None)
@given(rows=_rows, rank=st.integers(0, 3), window=st.sampled_from([0.0, 0.5, 1.0]))
def test_bytes_change_with_the_events_alone(rows: list[Row], rank: int, window: float) -> None:
    """As time moves on, the blob of an entity stays as it is to the last byte until one more event is left out of it."""
    kept = view(history(*(lag(back + 1) for back in range(rank)), *([over("count", window)] if window else [])))
    hours = [int(at(hour / 3).timestamp()) * 1_000_000 for hour in range(20)]
    found: dict[Any, set[bytes]] = {}
    for newest in hours:
        for who, blob in blobs(encode(kept, table(rows), 0, newest)).items():
            found.setdefault((who, decode(blob).count), set()).add(blob)
    assert all(len(each) == 1 for each in found.values())


@settings(max_examples=60, deadline=None)
@given(rows=_rows, keep=st.sampled_from([0, HOUR, EVER]))
def test_parts_of_the_entities_give_the_same_blobs(rows: list[Row], keep: int) -> None:
    """A table may be encoded part by part, all rows of an entity together, with the newest time of the whole."""
    known, whole = history(over("last", 0.5, Name(("text",))), over("mean", 1, Name(("b",)))), table(rows)
    kept, newest = view(known), newest_of(known, whole.lazy())
    parts = [encode(kept, whole.filter(pl.col("who") == who), keep, newest) for who in ("ada", "é")]
    assert blobs(pl.concat(parts)) == blobs(encode(kept, whole, keep))


def test_each_entity_that_was_seen_has_one_blob() -> None:
    """The table has the entity's columns as they were and the blob, one row for each entity that was ever seen."""
    rows = plain(("ada", 1, 1), (None, 1, 1), ("bob", 2, 2), ("ada", 3, 3))
    found = encode(
        view(history(lag(1))), rows.with_columns(pl.when(pl.col("who") == "bob").then(None).otherwise("known").alias("known")), EVER
    )
    assert found.schema == {"who": pl.String(), "events": pl.Binary()} and found["who"].to_list() == ["ada"]


def test_entities_stand_in_the_order_of_their_first_rows() -> None:
    """The same rows give the same table: its entities are in the order in which they first appear."""
    names = [f"n{number * 7919 % 1000}" for number in range(1000)]
    found = encode(view(history(lag(1))), plain(*((name, 1, 1) for name in [*names, *names[::-1]])), EVER)
    assert found["who"].to_list() == names


def test_no_rows_give_no_blobs() -> None:
    """A source without rows, or without one that is ever visible, keeps nothing."""
    for rows in (plain(), plain((None, 1, 1)), plain(("ada", 1, 1)).with_columns(known=pl.lit(None, SCHEMA["known"]))):
        known = history(*LATEST)
        assert newest_of(known, rows.lazy()) is None and encode(view(known), rows, HOUR).height == 0


def test_a_history_that_no_blob_holds_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """An entity with more events than a blob can count is named, before anything is written."""
    monkeypatch.setattr(encoding, "MOST_BYTES", 500)
    rows = plain(*(("ada", hour, hour) for hour in range(40)), ("bob", 1, 1))
    with pytest.raises(TooMuchOfOne, match=r"the history of 'ada' would take \d+ bytes"):
        encode(view(history(lag(1), over("count", 1000))), rows, EVER)


def test_a_row_without_an_entity_or_a_moment_needs_no_store() -> None:
    """Nothing is read for it, and it takes what an empty history gives; without an answer every value is missing, counts too."""
    complete = to_store_completion(program(over("count", 3), lag(1)))
    assert complete.views == ("rows_by_who",) and complete.keys({"who": "ada", "happened": at(1)}) == [("ada",)]
    for row in ({"who": None, "happened": at(1)}, {"who": "ada", "happened": None}):
        assert complete.keys(row) == [None] and complete.complete(row, [None]) == {**row, "count 3": 0.0, "lag 1": None}
    assert complete.unanswered({"who": "ada"}) == {"who": "ada", "count 3": None, "lag 1": None}


def test_a_program_without_histories_changes_no_row() -> None:
    """A model that reads the row alone needs no view, and its rows stay as they are."""
    complete = to_store_completion(FeatureProgram((WHO,), ()))
    assert complete.views == () and complete.complete({"who": "ada"}, []) == {"who": "ada"}
