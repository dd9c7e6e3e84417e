"""What is written but not carried out yet is said, never ignored."""

from __future__ import annotations

import typing
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from functools import partial
from typing import Any

import msgspec

from ..architecture.nodes import abouts
from ..architecture.references import blocks
from ..architecture.values import tag_of
from ..architecture.vocabulary import About, Block, Status, Variant
from ..language.reuse import once
from .base import Context

CODE = "MLA801"
HELP = "`compile` and `run` refuse it; see docs/reference/support.md"


@dataclass(frozen=True)
class EverythingIsLowered:
    """Nothing that is accepted is ignored: a warning in `check`, an error in whatever would build on it."""

    name: str = "support"
    of_the_whole: bool = False

    def run(self, context: Context) -> None:
        written = set(context.positions.paths)
        for at, block in blocks(context.architecture):
            for place, what in once("planned", (block, at), partial(_planned, block, at, written)):
                context.warn(
                    CODE,
                    f"{what} is not carried out yet",
                    place,
                    "valid, but not lowered",
                    help=HELP,
                )
        for name, deployment in context.architecture.deployment.items():
            hardware = context.architecture.hardware.get(deployment.hardware.name) if deployment.hardware is not None else None
            if hardware is not None and hardware.cluster is not None:
                told = f"`{deployment.hardware}` is a cluster: serving on one is not carried out yet"
                context.warn(CODE, told, f"deployment.{name}.hardware", "valid, but not lowered", help=HELP)


def _planned(block: Block, at: str, written: set[str]) -> tuple[tuple[str, str], ...]:
    return tuple(planned(block, at, written))


def planned(block: Block, at: str, written: set[str]) -> Iterator[tuple[str, str]]:
    """Yield path and name of everything written in a block that is not lowered yet."""
    whole = [about.status is Status.PLANNED for _, _, about in abouts(type(block)).values()]
    if whole and all(whole):
        yield at, f"`{at.partition('.')[0] if at.count('.') == 1 else at.rpartition('.')[2]}`"
        return
    for key, (attribute, _, about) in abouts(type(block)).items():
        place, value = f"{at}.{key}", getattr(block, attribute)
        if about.status is Status.PLANNED:
            if place in written:
                yield place, f"`{key}`"
            continue
        member = _member(value, about)
        if member is not None:
            yield place, f"`{member}`"
        yield from _inside(value, place, written)


def _member(value: Any, about: About) -> str | None:
    """The enum member or variant that is planned, when the field's value is one."""
    name = str(value.value) if isinstance(value, Enum) else tag_of(type(value)) if isinstance(value, Variant) else None
    return name if name in about.planned else None


def _inside(value: Any, at: str, written: set[str]) -> Iterator[tuple[str, str]]:
    if isinstance(value, Block):
        yield from planned(value, at, written)
    elif isinstance(value, dict):
        for key, part in value.items():
            if isinstance(part, Block):
                yield from planned(part, f"{at}.{key}", written)


def statuses(cls: type[msgspec.Struct]) -> Iterator[tuple[str, Status, typing.Any, About]]:
    """Yield name, status, type and description of every field of a block, for the support table."""
    for key, (_, hint, about) in abouts(cls).items():
        yield key, about.status, hint, about
