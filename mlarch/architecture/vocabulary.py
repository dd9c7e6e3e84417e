"""How the vocabulary is written: typed frozen classes, one per block kind, each field with a sentence about it.

A field's type says how its value is written and read:

| type of the field                 | written as                                      |
|-----------------------------------|-------------------------------------------------|
| `str int float bool`              | `name = "text"`, `name = 3`                     |
| `str` with `word`                 | `name = column`                                 |
| an enum                           | `name = member`                                 |
| `Quantity` with a `dimension`     | `name = 50ms`                                   |
| `Reference` with `refers`         | `name = source.nuclei`                          |
| a union of `Variant` classes      | `name = csv("data.csv")`                        |
| an `Expression`                   | `name = label > 15`                             |
| `tuple[T, ...]`                   | `name = [a, b]`, or one alone                   |
| a `Block`                         | `name { … }`                                    |
| `dict[str, Block]`                | `name x { … }`                                  |
| `dict[str, Definition]`           | `name x = expression`                           |
| `Limit`                           | `name < 100ms`                                  |
| `tuple[Condition, ...]`           | `name expression` (labelled), or bare conditions |
| `tuple[Column, ...]`              | `x : float in 0..1`                             |

From these classes come validation, did-you-mean, defaults, the reference pages and the support table.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, ClassVar

import msgspec

from .expressions import Expression
from .quantities import Dimension, Quantity


class Status(StrEnum):
    """Whether what is written is carried out today."""

    LOWERED = "lowered"  # reaches an engine, a runtime decision or a check
    DOCUMENTED = "documented"  # reaches documents only, and is meant to
    PLANNED = "planned"  # parsed and validated; `compile` refuses it


@dataclass(frozen=True, slots=True)
class About:
    """What the vocabulary says of a field, beside its type."""

    doc: str
    status: Status = Status.LOWERED
    refers: tuple[str, ...] = ()
    dimensions: tuple[Dimension, ...] = ()
    operators: tuple[str, ...] = ()
    bare: bool = False  # conditions or columns that fill the block without a label of their own
    planned: tuple[str, ...] = ()  # members or variants of a lowered field that are not lowered yet
    word: str = ""  # text that is a name, written bare and not quoted: of a `column`, a `metric`, a `family` or a `library`


def about(
    doc: str,
    status: Status = Status.LOWERED,
    *,
    refers: str | tuple[str, ...] = (),
    dimension: Dimension | tuple[Dimension, ...] = (),
    operators: tuple[str, ...] = (),
    bare: bool = False,
    planned: tuple[str, ...] = (),
    word: str = "",
) -> About:
    """Describe a field; used inside `Annotated`."""
    refers = (refers,) if isinstance(refers, str) else refers
    dimension = (dimension,) if isinstance(dimension, Dimension) else dimension
    return About(doc, status, refers, dimension, operators, bare, planned, word)


LOWERED, DOCUMENTED, PLANNED = Status.LOWERED, Status.DOCUMENTED, Status.PLANNED


class Block(msgspec.Struct, frozen=True, kw_only=True):
    """A block of the language. Top-level kinds set `kind`; they and named sub-blocks have a `name`."""

    kind: ClassVar[str] = ""


class NamedBlock(Block, frozen=True, kw_only=True):
    """A block that other blocks can refer to as `kind.name`."""

    name: str
    doc: str | None = None


class Variant(msgspec.Struct, frozen=True, tag_field="function"):
    """A call that is a value: `csv("data.csv")`, `cron("0 2 * * 1")`. Fields are the arguments, in order.

    `example` is shown where something else stands in its place.
    """

    example: ClassVar[str] = ""


def tag_of(cls: type[msgspec.Struct]) -> str:
    """Return the name by which a variant is called."""
    return str(cls.__struct_config__.tag)


def is_struct(hint: object, base: type) -> bool:
    """Tell whether a type of the vocabulary is a kind of `base`."""
    return isinstance(hint, type) and issubclass(hint, base)


class Reference(msgspec.Struct, frozen=True, tag="reference", tag_field="function"):
    """A typed path to another block: `source.nuclei`."""

    kind: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind}.{self.name}"


class Secret(Variant, frozen=True, tag="secret"):
    """`secret("NAME")`: the environment variable NAME, read only when it is needed."""

    name: Annotated[str, about("The environment variable.")]


class Python(Variant, frozen=True, tag="python"):
    """`python("package.module:name")`: code of the user's own, by name; it is imported where it runs, and never to check a file."""

    name: Annotated[str, about("The module and the name in it, `package.module:name`.")]
    example: ClassVar[str] = 'python("package.module:name")'


class Definition(msgspec.Struct, frozen=True):
    """A named expression, with its doc comment."""

    expression: Expression
    doc: str | None = None


class Condition(msgspec.Struct, frozen=True):
    """An expression that must be true."""

    expression: Expression


class Limit(msgspec.Struct, frozen=True):
    """A bound on the value that the field names: `p99 < 100ms`."""

    operator: str
    bound: Quantity

    def holds(self, value: float) -> bool:
        """Tell whether a measured value (in the bound's base unit) keeps within the limit."""
        bound = self.bound.value
        match self.operator:
            case "<":
                return value < bound
            case "<=":
                return value <= bound
            case ">":
                return value > bound
            case ">=":
                return value >= bound
        raise ValueError(f"unknown operator {self.operator}")

    def __str__(self) -> str:
        return f"{self.operator} {self.bound.text}"
