"""The tree that both front ends give: generic statements and expressions with spans, and no meaning yet.

The grammar knows only these forms. What a block may hold is said by the vocabulary in `mlarch.architecture`.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, is_dataclass
from functools import cache

from .source import Span

#: Stands in a text for an escaped `\\$`, which begins no `${…}`, until parameters are put in place. No file has this character.
DOLLAR = "\0"

# --- expressions -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Word:
    """A name as written, backticks removed."""

    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class Path:
    """`name` or `source.nuclei.diagnosis`."""

    parts: tuple[Word, ...]
    span: Span

    @property
    def text(self) -> str:
        return ".".join(word.text for word in self.parts)


@dataclass(frozen=True, slots=True)
class Number:
    """A number with or without a unit, or a rate: `30`, `1e-3`, `50ms`, `5%`, `1000req/s`; read by meaning later."""

    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class Date:
    """`2013-10-11` or `2013-10-11T05:00:00Z`."""

    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class String:
    """A quoted string, escapes resolved; `${path}` parts are still in it."""

    value: str
    span: Span


@dataclass(frozen=True, slots=True)
class Interval:
    """`low..high`, both ends included."""

    low: Number | Date
    high: Number | Date
    span: Span


@dataclass(frozen=True, slots=True)
class Items:
    """`[a, b, c]`."""

    items: tuple[Expression, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a call; `name` is None for a positional one; `=` in `of=5`."""

    name: Word | None
    value: Expression
    span: Span


@dataclass(frozen=True, slots=True)
class Call:
    """`function(a, name=b)`."""

    function: Path
    arguments: tuple[Argument, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Unary:
    """`-x`, `not x`."""

    operator: str
    operand: Expression
    span: Span


@dataclass(frozen=True, slots=True)
class Binary:
    """`a + b`; operators `+ - * / < <= > >= == != and or in`."""

    operator: str
    left: Expression
    right: Expression
    span: Span


@dataclass(frozen=True, slots=True)
class Over:
    """`mean(x) over 1d`."""

    operand: Expression
    window: Number
    span: Span


@dataclass(frozen=True, slots=True)
class Scalar:
    """A scalar of YAML or of an override, as written: the vocabulary says whether it is a text, a name or an expression.

    `quoted` tells `"1.0"` from `1.0`. `offsets` maps an index in `text` to an offset in the source (one longer than `text`, or empty where
    that cannot be told), so that a caret can point inside a YAML string.
    """

    text: str
    quoted: bool
    offsets: tuple[int, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Unread:
    """What should be here could not be read; the reason is among the findings, and what needs it says no more."""

    span: Span


Expression = Path | Number | Date | String | Interval | Items | Call | Unary | Binary | Over | Unread

# --- statements ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Attribute:
    """`name = value`, or with a label `feature name = value`."""

    label: Word | None
    name: Word
    value: Expression
    doc: str | None
    span: Span


@dataclass(frozen=True, slots=True)
class Constraint:
    """`p99 < 100ms`, `lr in [1, 2]`, or with a label `require roc_auc >= 0.68`."""

    label: Word | None
    term: Expression
    doc: str | None
    span: Span


@dataclass(frozen=True, slots=True)
class LabelledString:
    """`import "hardware.mlarch"`."""

    label: Word
    value: String
    doc: str | None
    span: Span


@dataclass(frozen=True, slots=True)
class TypedName:
    """`age : int("year")? in 0..120 = 30`, or with a label `param data : string = "data"`."""

    label: Word | None
    name: Word
    type: Expression
    nullable: bool
    within: Expression | None
    default: Expression | None
    doc: str | None
    span: Span


@dataclass(frozen=True, slots=True)
class Block:
    """`kind name { … }` or `kind { … }`; `span` covers all of it, `head` the kind and name."""

    kind: Word
    name: Word | None
    body: tuple[Statement, ...]
    doc: str | None
    head: Span
    span: Span


Statement = Attribute | Constraint | LabelledString | TypedName | Block


@dataclass(frozen=True, slots=True)
class Document:
    """One parsed file, or what several composed YAML files say together."""

    body: tuple[Statement, ...]
    span: Span


# As annotations are written.
_WITHOUT_PARTS = ("str", "str | None", "bool", "Span", "Word", "Word | None", "tuple[Word, ...]", "tuple[int, ...]")


@cache
def parts_of(cls: type) -> tuple[str, ...]:
    """Return the fields of a kind of node that can hold expressions: words, texts and places cannot; nothing for what is no node."""
    if not is_dataclass(cls) or cls.__module__ != __name__:
        return ()
    return tuple(each.name for each in fields(cls) if each.type not in _WITHOUT_PARTS)
