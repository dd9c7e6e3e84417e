"""From the layout's tree to rows: what stands on which line, before anything is aligned."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .nodes import Atom, Block, Bracket, Comment, Entry, Line, Part
from .spacing import flat, flat_block, operands

WIDTH = 100
STEP = 2


@dataclass(slots=True)
class Row:
    """A line to be: `head`, a space, `rest`, and a comment. Neighbours with the same `form` have their rests aligned."""

    indent: int
    head: str = ""
    rest: str = ""
    form: str = ""
    comment: str | None = None
    blank: bool = False

    @property
    def column(self) -> int:
        """Where the next word would stand, before anything is aligned."""
        return self.indent + len(self.head) + bool(self.head) + len(self.rest)

    @property
    def is_comment(self) -> bool:
        return not self.head and not self.rest


def printed(entries: list[Entry]) -> list[Row]:
    """Return the rows of a file."""
    _set_blocks_apart(entries)
    printer = _Printer()
    printer.entries(entries, 0)
    return printer.rows


def _on_one_line(block: Block, indent: int) -> str | None:
    """The braces of a block that stays on one line; None where it does not."""
    text = flat_block(block)
    return text if text is not None and indent + len(block.head) + 1 + len(text) <= WIDTH else None


def _set_blocks_apart(entries: list[Entry]) -> None:
    """Ask for blank lines around the top-level blocks that have several lines; the comments right above a block belong to it."""
    for index, entry in enumerate(entries):
        if not isinstance(entry, Block) or _on_one_line(entry, 0) is not None:
            continue
        if index + 1 < len(entries):
            entries[index + 1].blank = True
        first = index
        while first and not entries[first].blank and isinstance(entries[first - 1], Comment):
            first -= 1
        entries[first].blank = True


class _Printer:
    """Rows as they grow. `waiting` is the indent of a row that begins with the next word."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.waiting: int | None = None

    def entries(self, entries: Iterable[Entry], indent: int) -> None:
        for number, entry in enumerate(entries):
            blank = entry.blank and number > 0
            if isinstance(entry, Comment):
                self.comment(entry, indent, blank)
            elif isinstance(entry, Block):
                self.block(entry, indent, blank)
            else:
                self.line(entry, indent, blank)

    def comment(self, comment: Comment, indent: int, blank: bool) -> None:
        self.rows.append(Row(indent, comment=comment.text, blank=blank))

    def block(self, block: Block, indent: int, blank: bool) -> None:
        inline = _on_one_line(block, indent)
        if inline is not None:
            self.rows.append(Row(indent, block.head, inline, f"block {block.named}", blank=blank))
        else:
            self.rows.append(Row(indent, block.head, "{", blank=blank))
            self.note(block.opened)
            self.entries(block.entries, indent + STEP)
            self.rows.append(Row(indent, "}"))
        self.note(block.trailing)

    def line(self, line: Line, indent: int, blank: bool) -> None:
        self.rows.append(Row(indent, line.head, form=line.form, blank=blank))
        self.sequence(line.rest, 0)
        self.note(line.trailing)

    # --- words -----------------------------------------------------------------------------------------------------

    @property
    def row(self) -> Row:
        return self.rows[-1]

    def put(self, text: str) -> None:
        """Add a text to the row, or to the row that waits to begin."""
        if self.waiting is not None:
            self.rows.append(Row(self.waiting))
            self.waiting = None
            text = text.lstrip(" ")
        self.row.rest += text

    def note(self, comment: Comment | None) -> None:
        """Add a comment at the end of the row."""
        if comment is not None:
            assert self.row.comment is None and self.waiting is None
            self.row.comment = comment.text

    @property
    def indent(self) -> int:
        return self.row.indent if self.waiting is None else self.waiting

    def room(self, tail: int) -> int:
        """How many characters still fit, when `tail` more must follow."""
        return WIDTH - tail - (self.row.column if self.waiting is None else self.waiting)

    # --- expressions -----------------------------------------------------------------------------------------------

    def sequence(self, parts: Sequence[Part], tail: int) -> None:
        """Print an expression: on this row if it fits, else broken after its loosest operators, else inside its brackets."""
        text = flat(parts)
        if text is not None and len(text) <= self.room(tail):
            self.put(text)
            return
        split = operands(parts)
        if len(split) == 1:
            self.parts(parts, tail)
            return
        indent = self.indent
        for number, operand in enumerate(split):
            if number:
                self.waiting = indent + STEP
            self.sequence(operand, tail if number == len(split) - 1 else 0)

    def parts(self, parts: Sequence[Part], tail: int) -> None:
        """Print an expression without operators to break at, one part after the other."""
        indent = self.indent
        for number, part in enumerate(parts):
            if isinstance(part, Atom):
                self.put(f" {part.text}" if part.spaced else part.text)
            elif isinstance(part, Bracket):
                self.bracket(part, _until_break(parts[number + 1 :], tail))
            else:
                if part.own:
                    self.comment(part, indent + STEP, blank=False)
                else:
                    self.note(part)
                self.waiting = indent + STEP

    def bracket(self, bracket: Bracket, tail: int) -> None:
        space = " " if bracket.spaced else ""
        text = flat([bracket])
        if text is not None and (len(text) <= self.room(tail) or not bracket.items):
            self.put(text)
            return
        self.put(space + bracket.opener)
        if (only := _only_list(bracket)) is not None:
            self.bracket(only, tail + len(bracket.closer))
            self.put(bracket.closer)
            return
        self.note(bracket.opened)
        indent = self.row.indent
        opener = len(self.rows)
        for item in bracket.items:
            for comment in item.leading:
                self.comment(comment, indent + STEP, comment.blank and len(self.rows) > opener)
            self.waiting, blank, begins = indent + STEP, item.blank and len(self.rows) > opener, len(self.rows)
            self.sequence(item.parts, int(bracket.comma))
            self.rows[begins].blank = blank
            if bracket.comma:
                self.put(",")
            self.note(item.trailing)
        for comment in bracket.dangling:
            self.comment(comment, indent + STEP, comment.blank and len(self.rows) > opener)
        self.waiting = indent
        self.put(bracket.closer)


def _only_list(bracket: Bracket) -> Bracket | None:
    """The list that is all that a call holds: it is broken in its place, `any([`, and the call around it is not."""
    if bracket.broken or bracket.opened or bracket.dangling or len(bracket.items) != 1:
        return None
    item = bracket.items[0]
    only = item.parts[0] if len(item.parts) == 1 and item.trailing is None else None
    return only if isinstance(only, Bracket) and only.opener == "[" and not item.leading else None


def _until_break(parts: Sequence[Part], tail: int) -> int:
    """How many characters follow on the same row at least: up to the next bracket, which can be broken, or to the end."""
    width = 0
    for part in parts:
        if isinstance(part, Comment):
            return width
        if isinstance(part, Bracket):
            return width + part.spaced + len(part.opener)
        width += part.spaced + len(part.text)
    return width + tail
