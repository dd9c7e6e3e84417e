"""How a model family is declared: which problems it answers and which hyperparameters it has, without loading its library."""

from __future__ import annotations

import typing
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from ...language.suggest import names, nearest
from ..blocks.system import Problem


class Bounds(msgspec.Struct, frozen=True):
    """What a hyperparameter means and the values that it can take; `None` means no bound. `exclusive` leaves `low` itself out."""

    doc: str
    low: float | None = None
    high: float | None = None
    exclusive: bool = False
    choices: tuple[str, ...] = ()


class Hyperparameters(msgspec.Struct, frozen=True, kw_only=True):
    """Base of the typed hyperparameters of a family; each field is `Annotated[type, Bounds(...)]` with a default."""


@dataclass(frozen=True)
class Mistake:
    """A hyperparameter that is wrong. `misspelt` is the word that is none of those `known`, where that is what is wrong."""

    name: str
    message: str
    caption: str
    help: str | None = None
    misspelt: str = ""
    known: tuple[str, ...] = ()


@dataclass(frozen=True)
class Family:
    """One model family.

    `missing` tells whether the estimator takes missing values; `rounds` whether it is trained in rounds, one after the other; `extra` is
    the installation extra that its library is in.
    """

    name: str
    doc: str
    problems: tuple[Problem, ...]
    hyperparameters: type[Hyperparameters]
    missing: bool = False
    rounds: bool = False
    extra: str | None = None
    library: str = "scikit-learn"

    def settings(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return every hyperparameter with its value, defaults filled in, in the order of the declaration."""
        made = msgspec.convert(dict(values), self.hyperparameters, strict=True)
        return {field.name: getattr(made, field.name) for field in msgspec.structs.fields(self.hyperparameters)}

    def mistakes(self, values: Mapping[str, Any]) -> list[Mistake]:
        """Return what is wrong with the values that a file sets."""
        hints = typing.get_type_hints(self.hyperparameters, include_extras=True)
        return [mistake for name, value in values.items() if (mistake := self._mistake(name, value, hints))]

    def _mistake(self, name: str, value: Any, hints: Mapping[str, Any]) -> Mistake | None:
        if name not in hints:
            guess = nearest(name, hints)
            return Mistake(
                name,
                f"`{self.name}` has no hyperparameter `{name}`",
                f"did you mean `{guess}`?" if guess else "unknown",
                f"it has {names(hints, 30)}",
                name,
                tuple(hints),
            )
        hint, bounds = hints[name].__origin__, hints[name].__metadata__[0]
        try:
            msgspec.convert(value, hint, strict=True)
        except msgspec.ValidationError:
            written = "null" if value is None else value
            return Mistake(name, f"`{name}` is {_type_name(hint)}, not `{written}`", "wrong type", bounds.doc)
        return _out_of_bounds(name, value, bounds)


def _type_name(hint: Any) -> str:
    words = {int: "a whole number", float: "a number", str: "a name", bool: "`true` or `false`", type(None): "`null`"}
    members = typing.get_args(hint) or (hint,)
    return " or ".join(words.get(member, str(member)) for member in members)


def _out_of_bounds(name: str, value: Any, bounds: Bounds) -> Mistake | None:
    if bounds.choices and value is not None and value not in bounds.choices:
        guess = nearest(str(value), bounds.choices)
        told = f"`{name}` is one of {names(bounds.choices)}"
        return Mistake(name, told, f"did you mean `{guess}`?" if guess else "unknown", bounds.doc, str(value), bounds.choices)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    low, high = bounds.low, bounds.high
    if (low is not None and (value < low or (bounds.exclusive and value == low))) or (high is not None and value > high):
        least = "" if low is None else f"{'above' if bounds.exclusive else 'at least'} {low:g}"
        most = "" if high is None else f"at most {high:g}"
        return Mistake(name, f"`{name}` is {' and '.join(filter(None, (least, most)))}, not {value}", "out of range", bounds.doc)
    return None
