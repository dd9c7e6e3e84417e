"""The outline of a file: its statements in their order, each with the comments that belong to it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from .. import tree
from ..formatting.nodes import Comment
from .comments import blank_between

_DOC = re.compile(r"##[ \t]?(.*)")


@dataclass(slots=True)
class Item:
    """A statement: `leading` are the comments above it, `trailing` is the one at the end of its line, or after the opening of a block.

    `blank` says that a blank line is right above it. In a block, `dangling` are the comments below its last statement, and `inline` says
    that it was written on one line.
    """

    statement: tree.Statement
    leading: list[Comment]
    blank: bool = False
    trailing: Comment | None = None
    items: list[Item] = field(default_factory=list)
    dangling: list[Comment] = field(default_factory=list)
    inline: bool = False

    @property
    def bare(self) -> bool:
        """Tell whether nothing in it, or at the end of its line, is a comment."""
        return not self.dangling and self.trailing is None and all(not each.leading and each.bare for each in self.items)

    def comments(self) -> Iterator[Comment]:
        """Yield all comments of the statement and of what is in it."""
        yield from self.leading
        if self.trailing is not None:
            yield self.trailing
        for each in self.items:
            yield from each.comments()
        yield from self.dangling


@dataclass(frozen=True, slots=True)
class Outlined:
    """The statements of a file with their comments, and the comments below the last one.

    `added` are the comments that stand in no file: what is said of config groups that were composed, and the doc comments of these.
    """

    items: list[Item]
    dangling: list[Comment]
    added: tuple[str, ...] = ()

    @property
    def statements(self) -> tuple[tree.Statement, ...]:
        return tuple(item.statement for item in self.items)

    def comments(self) -> list[str]:
        """Return the texts of all comments, sorted."""
        inside = [comment.text for item in self.items for comment in item.comments()]
        return sorted([*inside, *(comment.text for comment in self.dangling)])


class Layout(Protocol):
    """Where the statements of a text begin and end: each form of a file has its own."""

    text: str

    def start(self, statement: tree.Statement) -> int:
        """Return where a statement begins."""
        ...

    def end(self, statement: tree.Statement) -> int:
        """Return where a statement ends, its closing brackets and the last comment in it included."""
        ...

    def inside(self, block: tree.Block) -> int:
        """Return where the inside of a block ends."""
        ...


def outlined(body: Sequence[tree.Statement], layout: Layout, comments: list[tuple[int, Comment]]) -> tuple[list[Item], list[Comment]]:
    """Return the statements of a file with their comments, and the comments below the last one."""
    return _Outliner(layout, comments).body(body, len(layout.text), None)


class _Outliner:
    """Goes through a text once; `at` is where it is."""

    def __init__(self, layout: Layout, comments: list[tuple[int, Comment]]) -> None:
        self.layout = layout
        self.comments = comments
        self.next = 0
        self.at = 0

    def body(self, statements: Sequence[tree.Statement], end: int, opened: Item | None) -> tuple[list[Item], list[Comment]]:
        """Read some statements up to an offset; `opened` is the block that they are in."""
        items: list[Item] = []
        owner = opened
        for statement in statements:
            start = self.layout.start(statement)
            leading = self.take(start, owner, closed=owner is not opened)
            owner = Item(statement, leading, blank_between(self.layout.text, self.at, start))
            self.at = max(self.at, start)
            self.inner(owner)
            items.append(owner)
        return items, self.take(end, owner, closed=owner is not opened)

    def inner(self, item: Item) -> None:
        statement = item.statement
        end = self.layout.end(statement)
        if isinstance(statement, tree.Block):
            item.inline = "\n" not in self.layout.text[self.at : end]
            item.items, item.dangling = self.body(statement.body, self.layout.inside(statement), None if item.inline else item)
            if not item.items and item.dangling:
                item.leading, item.dangling = item.leading + item.dangling, []
        else:
            item.leading = self.take(end, None, closed=False) + item.leading
        self.at = max(self.at, end)

    def take(self, until: int, owner: Item | None, *, closed: bool) -> list[Comment]:
        """Take the comments up to an offset; the one at the end of a line goes to its owner."""
        taken: list[Comment] = []
        while self.next < len(self.comments) and self.comments[self.next][0] < until:
            place, comment = self.comments[self.next]
            comment.blank = blank_between(self.layout.text, self.at, place)
            if comment.own or taken or owner is None or "\n" in self.layout.text[self.at : place] or not _held(owner, comment, closed):
                taken.append(comment)
            self.at = max(self.at, place + len(comment.text))
            self.next += 1
        return taken


def _held(owner: Item, comment: Comment, closed: bool) -> bool:
    """Give a comment to the statement whose line it ends; after the brace of a block of several lines it is the last thing in it."""
    if closed and isinstance(owner.statement, tree.Block) and not owner.inline:
        owner.dangling.append(comment)
        return True
    free = owner.trailing is None
    owner.trailing = owner.trailing or comment
    return free


def settle_docs(items: list[Item]) -> None:
    """Make the comments above each statement say its doc comment, and no other: one that was nobody's stays so by a blank line."""
    for item in items:
        if has_doc(item.statement):
            _settle(item)
        if not is_renaming(item.statement):
            settle_docs(item.items)


def has_doc(statement: tree.Statement) -> bool:
    """Tell whether a doc comment above a statement of this form has a meaning, in both forms of a file."""
    return not isinstance(statement, (tree.Constraint, tree.LabelledString)) and not is_renaming(statement)


def is_renaming(statement: tree.Statement) -> bool:
    """Tell whether a statement is a `moved` block: it has no name, and there may be several."""
    return isinstance(statement, tree.Block) and statement.kind.text == "moved" and statement.name is None


def _settle(item: Item) -> None:
    shown: list[str] = []
    for comment in () if item.blank else reversed(item.leading):
        if not (found := _DOC.fullmatch(comment.text)):
            break
        shown.insert(0, found[1])
        if comment.blank:
            break
    said = item.statement.doc.split("\n") if item.statement.doc is not None else []
    if shown == said:
        return
    if said and shown[-len(said) :] == said:
        item.leading[-len(said)].blank = True
        return
    item.blank = bool(shown) and not said
    item.leading += [Comment(f"## {line}".rstrip(), own=True, blank=bool(shown) and not number) for number, line in enumerate(said)]
