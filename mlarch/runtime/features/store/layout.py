"""How Feast 0.67 lays an online store out: keys, names and values as bytes.

It is written by hand, so that a replica imports neither Feast nor what Feast brings; the tests hold every function equal to Feast's own.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

#: Numbers of Feast's `ValueType`; those of the first two are also the field numbers of its `Value`.
BYTES, STRING, INT64, UNIX_TIMESTAMP = 1, 2, 4, 8
#: What Feast has no word for: the field of the token in Redis, which is the name of no view, and in SQLite the table of the views that were
#: written.
TOKEN, WRITTEN = b"#token", "mlarch_written"
_number = struct.Struct("<I").pack
_typed = struct.Struct("<II").pack
_long = struct.Struct("<q").pack
_LENGTH_GIVEN = 2
_MASK = 0xFFFFFFFF

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND, _MICROSECOND = timedelta(seconds=1), timedelta(microseconds=1)

#: A value that is part of an entity's key. Feast has no key that is true or false, these are 1 and 0. Its times are whole seconds; one that
#: is not is kept as its microseconds, so that no two are the same.
Part = str | int | bool | datetime | bytes


def keys_of(names: Sequence[str]) -> Callable[[Sequence[Part]], bytes]:
    """Return the function from an entity's values, in the order of its columns, to its key: serialization 3, sorted by column.

    It raises struct.error for a whole number of more than 64 bits.
    """
    order = sorted(range(len(names)), key=lambda place: names[place])
    head = _number(len(names)) + b"".join(_named(names[place]) for place in order)
    if len(order) == 1:
        return lambda values: head + _part(values[0])
    return lambda values: head + b"".join([_part(values[place]) for place in order])


def _named(name: str) -> bytes:
    data = name.encode()
    return _typed(STRING, len(data)) + data


def _part(value: Part) -> bytes:
    if isinstance(value, str):
        data = value.encode()
        return _typed(STRING, len(data)) + data
    if isinstance(value, int):
        return _typed(INT64, 8) + _long(value)
    if isinstance(value, datetime):
        if value.microsecond:
            return _typed(INT64, 8) + _long((value - _EPOCH) // _MICROSECOND)
        return _typed(UNIX_TIMESTAMP, 8) + _long((value - _EPOCH) // _SECOND)
    return _typed(BYTES, len(value)) + value


def table_name(project: str, view: str) -> str:
    """Return the name of a view's table in SQLite, quoted; its columns are `entity_key`, `feature_name`, `value` and others."""
    return '"' + f"{project}_{view}".replace('"', '""') + '"'


def hash_name(project: str, key: bytes) -> bytes:
    """Return the name of the hash in Redis that holds every view of an entity."""
    return key + project.encode()


def key_in(name: bytes, project: str) -> bytes | None:
    """Return the key in the name of a hash in Redis; None where it is the hash of another project, or none of Feast's."""
    try:
        (count,) = struct.unpack_from("<I", name)
        end = 4
        for _ in range(2 * count):  # the columns, then their values: type, length, bytes
            end += 8 + struct.unpack_from("<I", name, end + 4)[0]
    except struct.error:
        return None
    return name[:end] if count and name[end:] == project.encode() else None


def store_name(project: str) -> bytes:
    """Return the name of the hash in Redis that says of a store which it is, and of its views that they were written."""
    return f"mlarch:{project}:store".encode()


def hash_field(view: str, feature: str) -> bytes:
    """Return the name of a feature in the hash of an entity: MurmurHash3 (x86, 32 bits, seed 0) of its qualified name."""
    return _number(_murmur3(f"{view}:{feature}".encode()))


def _murmur3(data: bytes) -> int:
    """Austin Appleby's MurmurHash3_x86_32, which is in the public domain, with seed 0."""
    state, whole = 0, len(data) // 4
    for (block,) in struct.iter_unpack("<I", data[: whole * 4]):
        state = (_rotated(state ^ _mixed(block), 13) * 5 + 0xE6546B64) & _MASK
    state ^= _mixed(int.from_bytes(data[whole * 4 :], "little")) ^ len(data)
    state = ((state ^ state >> 16) * 0x85EBCA6B) & _MASK
    state = ((state ^ state >> 13) * 0xC2B2AE35) & _MASK
    return state ^ state >> 16


def _mixed(block: int) -> int:
    return (_rotated((block * 0xCC9E2D51) & _MASK, 15) * 0x1B873593) & _MASK


def _rotated(number: int, by: int) -> int:
    return (number << by | number >> 32 - by) & _MASK


def bytes_in(value: bytes) -> bytes | None:
    """Return what a `Value` of type bytes holds, None where it is the null value. Raises ValueError where it is something else."""
    if not value:
        return None
    if value[0] != BYTES << 3 | _LENGTH_GIVEN:
        raise ValueError("this is no value of type bytes")
    length, place, shift = 0, 1, 0
    while place < len(value):
        byte = value[place]
        length |= (byte & 0x7F) << shift
        place, shift = place + 1, shift + 7
        if byte < 0x80:
            break
    if place == 1 or value[place - 1] >= 0x80 or place + length != len(value):
        raise ValueError("this value is damaged")
    return value[place:]
