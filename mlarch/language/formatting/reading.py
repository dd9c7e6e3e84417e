"""From words to the layout's tree. The file is free of errors, so that looking at a word or two tells what a statement is."""

from __future__ import annotations

from .nodes import Atom, Block, Bracket, Comment, Entry, Item, Line, Part
from .spacing import is_unary, spaced
from .tokens import Word

_CLOSERS = {"LPAR": "RPAR", "LSQB": "RSQB"}
_ENDS_STATEMENT = ("COMMA", "RBRACE", "$END")
_ENDS_ITEM = ("COMMA", "RPAR", "RSQB")


def read(words: list[Word]) -> list[Entry]:
    """Return the statements and comments of a file."""
    return _Reader(words).body(None)


class _Reader:
    def __init__(self, words: list[Word]) -> None:
        self.words = words
        self.at = 0

    @property
    def word(self) -> Word:
        return self.words[self.at]

    def take(self) -> Word:
        """Return the word that comes next, and go on."""
        self.at += 1
        return self.words[self.at - 1]

    # --- statements ------------------------------------------------------------------------------------------------

    def body(self, block: Block | None) -> list[Entry]:
        """Read the statements of a block, or of the whole file, up to what ends them."""
        body = _Body(block)
        while True:
            body.comments(self.word)
            if self.word.kind in ("RBRACE", "$END"):
                return body.entries
            if self.word.kind == "COMMA":
                self.take()
                body.comma()
            else:
                body.statement(self.statement(body.blank(self.word.blank)))

    def statement(self, blank: bool) -> Line | Block:
        kinds = [word.kind for word in self.words[self.at : self.at + 3]]
        if "LBRACE" in kinds[1:]:
            return self.block(kinds[1] == "NAME", blank)
        for operator, form in (("EQUAL", "attribute"), ("COLON", "typed"), ("STRING", "")):
            if operator in kinds[1:] and set(kinds[: kinds.index(operator)]) == {"NAME"}:
                before = kinds.index(operator)
                return Line(self.words_as_head(before), self.sequence(), form and f"{form} {before}", blank)
        return self.constraint(kinds[0] == "NAME" and kinds[1] in ("NAME", "CALLNAME"), blank)

    def block(self, named: bool, blank: bool) -> Block:
        block = Block(self.words_as_head(2 if named else 1), named, blank)
        opener = self.at
        self.take()
        block.entries = self.body(block)
        block.inline = not any(word.broken for word in self.words[opener + 1 : self.at + 1])
        self.take()
        return block

    def constraint(self, labelled: bool, blank: bool) -> Line:
        """Read a condition. Its left side is its head where it is a plain name, so that neighbours can be aligned."""
        end = self.at + labelled
        while self.words[end].kind in ("NAME", "DOT"):
            end += 1
        operator = self.words[end]
        if end == self.at + labelled or operator.kind not in ("COMPARE", "IN") or operator.ended:
            return Line("", self.sequence(), "", blank)
        path = "".join(word.text for word in self.words[self.at + labelled : end])
        head = f"{self.word.text} {path}" if labelled else path
        self.at = end
        kind = "condition" if operator.kind == "COMPARE" else "range"
        return Line(head, self.sequence(), f"{kind} {1 + labelled} {operator.text}", blank)

    def words_as_head(self, count: int) -> str:
        return " ".join(self.take().text for _ in range(count))

    # --- expressions -----------------------------------------------------------------------------------------------

    def sequence(self, *, inside: bool = False) -> list[Part]:
        """Read what a statement, or an item of a bracket, consists of. The comments before its first word are not its own."""
        parts: list[Part] = []
        before = ""
        while not parts or not self.ends(inside):
            if parts:
                parts += self.word.comments
            kind = self.word.kind
            space = bool(parts) and spaced(before, kind, inside)
            if kind in _CLOSERS:
                parts.append(self.bracket(before, space))
                before = _CLOSERS[kind]
            else:
                before = "UNARY" if kind == "MINUS" and is_unary(before) else kind
                parts.append(Atom(before, self.take().text, space))
        return parts

    def ends(self, inside: bool) -> bool:
        """Tell whether an item of a bracket, or a statement, is over."""
        return self.word.kind in _ENDS_ITEM if inside else self.word.ended or self.word.kind in _ENDS_STATEMENT

    def bracket(self, before: str, space: bool) -> Bracket:
        opener = self.take()
        closer = _CLOSERS[opener.kind]
        bracket = Bracket(opener.text, "", space, comma=opener.kind == "LSQB" or before == "CALLNAME", broken=self.word.broken)
        leading: list[Comment] = []
        while True:
            for comment in self.word.comments:
                if not _hold(bracket, comment, leading):
                    leading.append(Comment(comment.text, own=True, blank=comment.blank))
            if self.word.kind == closer:
                bracket.closer, bracket.dangling = self.take().text, leading
                return bracket
            if self.word.kind == "COMMA":
                self.take()
                continue
            blank = self.word.blank
            bracket.items.append(Item(leading, self.sequence(inside=True), blank=blank))
            leading = []


def _hold(bracket: Bracket, comment: Comment, leading: list[Comment]) -> bool:
    """Put a comment at the end of the line that it stands on, if the place is free and no other comment would come after it."""
    if comment.own or leading:
        return False
    if bracket.items and bracket.items[-1].trailing is None:
        bracket.items[-1].trailing = comment
        return True
    if not bracket.items and bracket.opened is None:
        bracket.opened = comment
        return True
    return False


class _Body:
    """The entries of a block as they come. `owner` is what a comment at the end of the line belongs to.

    `apart` asks for a blank line before the next entry: a doc comment that was above no statement must not become one's.
    """

    def __init__(self, block: Block | None) -> None:
        self.entries: list[Entry] = []
        self.block = block
        self.owner: Line | Block | None = block
        self.apart = False

    def comments(self, word: Word) -> None:
        """Take the comments before a word."""
        for comment in word.comments:
            if comment.own or not self._held(comment):
                self.entries.append(Comment(comment.text, own=True, blank=self.blank(comment.blank)))
                self.owner = None
                self.apart = not comment.own

    def comma(self) -> None:
        """Note a comma: it ends a statement, and vanishes."""
        self.apart = self.apart or (bool(self.entries) and isinstance(self.entries[-1], Comment))

    def statement(self, entry: Line | Block) -> None:
        """Take a statement."""
        self.entries.append(entry)
        self.owner = entry

    def blank(self, written: bool) -> bool:
        """Tell whether a blank line goes before the next entry."""
        apart, self.apart = self.apart, False
        return written or apart

    def _held(self, comment: Comment) -> bool:
        owner = self.owner
        if owner is None:
            return False
        if owner is self.block and self.block is not None:
            free = self.block.opened is None
            self.block.opened = self.block.opened or comment
            return free
        free = owner.trailing is None
        owner.trailing = owner.trailing or comment
        return free
