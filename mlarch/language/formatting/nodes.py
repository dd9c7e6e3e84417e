"""The layout's own tree: statements and brackets with the comments that belong to them, and no meaning."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Comment:
    """A comment as written, `#` included. `own` says that it has a line of its own, `blank` that a blank line is above it."""

    text: str
    own: bool
    blank: bool = False


@dataclass(slots=True)
class Atom:
    """A word, with the kind of its token; `spaced` asks for a space before it on the same line."""

    kind: str
    text: str
    spaced: bool


@dataclass(slots=True)
class Item:
    """What stands between two commas of a bracket: its own comments above it, its parts, and the comment at the end of its line."""

    leading: list[Comment]
    parts: list[Part]
    trailing: Comment | None = None
    blank: bool = False


@dataclass(slots=True)
class Bracket:
    """`( … )` or `[ … ]`.

    `broken` says that a line break follows its opener, `comma` that a comma may end it; `opened` is the comment after its opener,
    `dangling` are those above its closer.
    """

    opener: str
    closer: str
    spaced: bool
    comma: bool
    items: list[Item] = field(default_factory=list)
    broken: bool = False
    opened: Comment | None = None
    dangling: list[Comment] = field(default_factory=list)


Part = Atom | Bracket | Comment


@dataclass(slots=True)
class Line:
    """A statement that is no block: `head` is what stands left of its operator, where it can be aligned, `rest` everything else.

    Neighbours with the same `form` are aligned; one without a form is not.
    """

    head: str
    rest: list[Part]
    form: str
    blank: bool
    trailing: Comment | None = None


@dataclass(slots=True)
class Block:
    """`kind name { … }`.

    `inline` says that it was written on one line; `opened` is the comment after its `{`, `trailing` the one after its `}`.
    """

    head: str
    named: bool
    blank: bool
    entries: list[Entry] = field(default_factory=list)
    inline: bool = True
    opened: Comment | None = None
    trailing: Comment | None = None


Entry = Line | Block | Comment
