"""What differs between two architectures: every value that is another, added or taken away, by its path."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from enum import Enum
from typing import Any

import msgspec

from ..architecture.architecture import Architecture
from ..architecture.blocks import KINDS
from ..architecture.nodes import abouts, digest
from ..architecture.types import Column
from ..architecture.values import tag_of
from ..architecture.vocabulary import About, Block, Condition, Definition, NamedBlock, Status, Variant
from ..architecture.writing import written
from .moving import former, moves, renamed
from .telling import sides, told


@dataclass(frozen=True)
class Change:
    """One value that differs: its path now and as it was, and the values as written, None where nothing is said.

    `status` tells whether what it says is carried out, `moved` a block with another name.
    """

    path: str
    was: str
    before: str | None
    after: str | None
    status: Status = Status.LOWERED
    moved: bool = False


def compare(old: Architecture, new: Architecture) -> tuple[Change, ...]:
    """Return what differs, in the order of the new architecture; none for two that mean the same.

    A block that was renamed, and says so, is a change of its name and of what else differs in it.
    """
    renamings = moves(old, new)
    names = [Change(str(now), str(was), str(was), str(now), moved=True) for was, now in renamings.items()]
    rest = _architectures(renamed(old, renamings), new)
    return (*names, *(replace(change, was=former(change.was, renamings)) for change in rest))


def touches(one: str, other: str) -> bool:
    """Tell whether one path is the other, or lies in it."""
    return one == other or one.startswith(f"{other}.") or other.startswith(f"{one}.")


def _architectures(old: Architecture, new: Architecture) -> Iterator[Change]:
    if old.language != new.language:
        yield Change("language", "language", old.language, new.language, Status.DOCUMENTED)
    at, was = f"system.{new.system.name}", f"system.{old.system.name}"
    if old.system.name != new.system.name:
        yield Change(f"{at}.name", f"{was}.name", old.system.name, new.system.name)
    if not _same(old.system, new.system):
        yield from _blocks(at, was, old.system, new.system)
    for kind in KINDS:
        if kind != "system":
            yield from _named(kind, getattr(old, kind), getattr(new, kind))


def _named(kind: str, old: Mapping[str, NamedBlock], new: Mapping[str, NamedBlock]) -> Iterator[Change]:
    """The top-level blocks of a kind."""
    planned = all(about.status is Status.PLANNED for _, _, about in abouts(KINDS[kind]).values())
    status = Status.PLANNED if planned else Status.LOWERED
    for name in dict.fromkeys((*new, *old)):
        at = f"{kind}.{name}"
        if name not in old:
            yield Change(at, at, None, told(new[name]), status)
        elif name not in new:
            yield Change(at, at, told(old[name]), None, status)
        elif not _same(old[name], new[name]):
            yield from _blocks(at, at, old[name], new[name])


def _blocks(at: str, was: str, old: Block, new: Block) -> Iterator[Change]:
    """The keys of two blocks of one class, and their doc comments."""
    if isinstance(old, NamedBlock) and isinstance(new, NamedBlock):
        yield from _docs(at, was, old.doc, new.doc)
    for key, (attribute, _, about) in abouts(type(new)).items():
        inner = (at, was) if about.bare else (f"{at}.{key}", f"{was}.{key}")
        for change in _values(*inner, getattr(old, attribute), getattr(new, attribute), about):
            yield change if change.status is Status.DOCUMENTED else replace(change, status=_status(change, about))


def _status(change: Change, about: About) -> Status:
    return about.status if about.status is not Status.LOWERED else change.status


def _docs(at: str, was: str, old: str | None, new: str | None) -> Iterator[Change]:
    if old != new:
        yield Change(f"{at}.doc", f"{was}.doc", old, new, Status.DOCUMENTED)


def _values(at: str, was: str, old: Any, new: Any, about: About) -> Iterator[Change]:
    """Two values of one key, whichever way it is written."""
    if isinstance(old, Block) or isinstance(new, Block):
        yield from _inner(at, was, old, new)
    elif isinstance(old, dict):
        yield from _entries(at, was, old, new, about)
    elif _items(old, new, Condition):
        yield from _sequence(at, was, old, new)
    elif _items(old, new, Column):
        yield from _columns(at, was, old, new)
    elif not _same(old, new):
        planned = any(_member(value) in about.planned for value in (old, new))
        before, after = sides(old, new, bare=bool(about.word))
        yield Change(at, was, before, after, Status.PLANNED if planned else _meant(old, new))


def _inner(at: str, was: str, old: Block | None, new: Block | None) -> Iterator[Change]:
    """A block in a block; where one of the two is not there, the keys of the other are what differs."""
    if old is not None and new is not None:
        yield from _blocks(at, was, old, new)
        return
    there = old or new
    assert there is not None
    found = list(_leaves(at, was, there, added=old is None))
    yield from found or [Change(at, was, None if old is None else told(old), None if new is None else told(new))]


def _leaves(at: str, was: str, block: Block, *, added: bool) -> Iterator[Change]:
    """Everything that a block says, as added or taken away."""
    for key, (attribute, _, about) in abouts(type(block)).items():
        value = getattr(block, attribute)
        inner = (at, was) if about.bare else (f"{at}.{key}", f"{was}.{key}")
        if value is None or value == ():
            continue
        nothing: Any = {} if isinstance(value, dict) else () if _items(value, value, Condition) or _items(value, value, Column) else None
        sides = (nothing, value) if added else (value, nothing)
        for change in _values(*inner, *sides, about):
            yield change if change.status is Status.DOCUMENTED else replace(change, status=_status(change, about))


def _entries(at: str, was: str, old: Mapping[str, Any], new: Mapping[str, Any], about: About) -> Iterator[Change]:
    """Named things below a key: sub-blocks, definitions or settings."""
    for name in dict.fromkeys((*new, *old)):
        before, after, inner = old.get(name), new.get(name), (f"{at}.{name}", f"{was}.{name}")
        if isinstance(before or after, Block):
            yield from _inner(*inner, before, after)
        elif isinstance(before, Definition) and isinstance(after, Definition):
            if not _same(before.expression, after.expression):
                yield Change(*inner, written(before), written(after), _meant(before, after))
            yield from _docs(*inner, before.doc, after.doc)
        elif (name in old) != (name in new) or not _same(before, after):
            yield Change(*inner, written(before) if name in old else None, written(after) if name in new else None)
    if any(isinstance(value, Definition) for value in new.values()):  # the order of features is the order of the model's columns
        yield from _order(at, was, list(old), list(new))


def _columns(at: str, was: str, old: Sequence[Column], new: Sequence[Column]) -> Iterator[Change]:
    before, after = ({column.name: column for column in columns} for columns in (old, new))
    for name in dict.fromkeys((*after, *before)):
        left, right, inner = before.get(name), after.get(name), (f"{at}.{name}", f"{was}.{name}")
        texts = _said(left), _said(right)
        if left is not None and right is not None:
            yield from _docs(*inner, left.doc, right.doc)
        if texts[0] != texts[1]:
            yield Change(*inner, *texts)
    yield from _order(at, was, list(before), list(after))


def _order(at: str, was: str, old: list[str], new: list[str]) -> Iterator[Change]:
    """The same names in another order, where the order means something."""
    before, after = [name for name in old if name in new], [name for name in new if name in old]
    if before != after:
        yield Change(at, was, f"order {', '.join(before)}", f"order {', '.join(after)}")


def _sequence(at: str, was: str, old: Sequence[Condition], new: Sequence[Condition]) -> Iterator[Change]:
    """Conditions, which have no names: what stands in the same place of both is one that changed."""
    before, after = list(map(written, old)), list(map(written, new))
    for tag, left, left_end, right, right_end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        for step in range(max(left_end - left, right_end - right)):
            one, other = left + step, right + step
            both = one < left_end and other < right_end
            yield Change(
                f"{at}.{other}",
                f"{was}.{one}",
                before[one] if one < left_end else None,
                after[other] if other < right_end else None,
                _meant(old[one], new[other]) if both else Status.LOWERED,
            )


def _items(old: Any, new: Any, of: type) -> bool:
    """Tell whether two values are lists of something, one of them perhaps empty."""
    both = [*old, *new] if isinstance(old, tuple) and isinstance(new, tuple) else []
    return bool(both) and isinstance(both[0], of)


def _same(old: Any, new: Any) -> bool:
    """Tell whether two values are the same to the letter; `2` and `2.0` are equal in Python, and are two things in an expression."""
    return msgspec.json.encode(old) == msgspec.json.encode(new)


def _meant(old: Any, new: Any) -> Status:
    """Tell where a difference of two values counts: only in documents, where they mean the same, as `100ms` and `0.1s` do."""
    return Status.DOCUMENTED if digest(old) == digest(new) else Status.LOWERED


def _said(value: Any) -> str | None:
    return None if value is None or value == () else written(value)


def _member(value: Any) -> str | None:
    """The name of an enum member or of a variant, by which the vocabulary says that it is planned."""
    if isinstance(value, Enum):
        return str(value.value)
    return tag_of(type(value)) if isinstance(value, Variant) else None
