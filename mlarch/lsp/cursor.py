"""Where the cursor stands, told by the tokens before it: so that it is known in a text that does not parse, as in mid-word."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property

from ..architecture.blocks import KINDS, NAMELESS
from ..architecture.shapes import block_at
from ..architecture.vocabulary import Block
from ..language.parsing.syntax_errors import STATEMENT

_TOKEN = re.compile(
    r'(?P<comment>\#[^\n]*) | (?P<string>"(?:[^"\\\n]|\\.)*"?) | (?P<name>[A-Za-z_]\w*|`[^`\n]*`?)'
    r"| (?P<number>\d(?:[\w%]|\.(?=\d)|(?<=[eE])[+-])*(?:/\w*)?) | (?P<line>\n) | (?P<sign>\.\.|<=|>=|==|!=|[^\s\w])",
    re.VERBOSE,
)
_OPEN, _CLOSE = ("(", "["), (")", "]")
# After these an expression goes on in the next line.
_CONTINUE = ("+", "-", "*", "/", "<", "<=", ">", ">=", "==", "!=", "and", "or", "in", "not", "over")
_HEAD = re.compile(r"(?:" + "|".join((*KINDS, *NAMELESS, "overlay")) + r")\b[^\n={:]*\{")
#: What stands at the top of a file beside blocks, with the label of its sentence.
TOP = {
    "language": "The language's version; the first line of a file.",
    "import": "Another file, whose blocks are of this architecture too.",
    "param": "A named constant: `param.name` and `${param.name}` put it in place.",
    "overlay": "The same blocks again, merged over these when it is asked for.",
}


@dataclass(frozen=True, slots=True)
class Token:
    """A word of the text, and where it stands."""

    kind: str
    text: str
    start: int

    @property
    def end(self) -> int:
        return self.start + len(self.text)

    @property
    def name(self) -> str:
        """The name without its backticks."""
        return self.text.strip("`")


@dataclass(frozen=True, slots=True)
class Opening:
    """An open bracket, the function that it belongs to, and the tokens since."""

    function: str
    start: int
    tokens: list[Token] = field(default_factory=list)


@dataclass(frozen=True)
class Cursor:
    """A place in a text.

    `blocks` are the kinds and names of the blocks around it, the outermost first; `statement` the tokens of its statement before the word
    that it stands in or behind; `word` that word, which may be empty; `inside` is `code`, `string` or `comment`.
    """

    blocks: tuple[tuple[str, str], ...]
    statement: tuple[Token, ...]
    openings: tuple[Opening, ...]
    word: Token
    inside: str

    @cached_property
    def path(self) -> tuple[str, ...]:
        """The kinds of the blocks around, overlays left out."""
        return tuple(kind for kind, _ in self.blocks if kind != "overlay")

    @cached_property
    def block(self) -> type[Block] | None:
        """The vocabulary's class of the block around."""
        return block_at(self.path)

    @cached_property
    def top(self) -> tuple[str, str] | None:
        """Kind and name of the top-level block around."""
        return next((each for each in self.blocks if each[0] != "overlay"), None)

    @cached_property
    def dotted(self) -> tuple[str, ...]:
        """The parts of the path before the word: `("model",)` behind `model.`."""
        tokens = self.openings[-1].tokens if self.openings else self.statement
        parts: list[str] = []
        rest = list(tokens)
        while len(rest) >= 2 and rest[-1].text == "." and rest[-2].kind == "name":
            parts.insert(0, rest[-2].name)
            del rest[-2:]
        return tuple(parts)


def cursor_at(text: str, offset: int) -> Cursor:
    """Return where an offset stands. What is behind the word there is not looked at."""
    walk = _Walk()
    for match in _TOKEN.finditer(text):
        start, end = match.span()
        kind = match.lastgroup or ""
        if start >= offset or (end == offset and kind in ("line", "sign")):
            if start < offset:
                walk.take(kind, match[0], start, text)
            break
        if end >= offset and (kind == "comment" or end > offset or kind in ("name", "number") or _unclosed(kind, match[0])):
            return walk.cursor(Token(kind, match[0], start))
        walk.take(kind, match[0], start, text)
        if end == offset:
            break
    following = _TOKEN.match(text, offset)
    if following is not None and following.lastgroup in ("name", "number"):
        return walk.cursor(Token(following.lastgroup or "", following[0], offset))
    return walk.cursor(Token("", "", offset))


def _unclosed(kind: str, text: str) -> bool:
    return kind == "string" and (len(text) < 2 or not text.endswith('"'))


class _Walk:
    """Goes through the tokens, and knows what is open."""

    def __init__(self) -> None:
        self.blocks: list[tuple[str, str]] = []
        self.statement: list[Token] = []
        self.openings: list[Opening] = []

    def cursor(self, word: Token) -> Cursor:
        inside = word.kind if word.kind in ("string", "comment") else "code"
        return Cursor(tuple(self.blocks), tuple(self.statement), tuple(self.openings), word, inside)

    def take(self, kind: str, text: str, start: int, whole: str) -> None:
        """Go on by a token."""
        if kind == "comment":
            return
        if kind == "line":
            self._line(whole, start)
            return
        at_line = start == 0 or whole[start - 1] == "\n"
        if at_line and kind == "name" and _HEAD.match(whole, start):
            self._begin_anew()  # a block that was left open ends before the next one begins
        token = Token(kind, text, start)
        if text == "{":
            self._open_block()
        elif text == "}":
            self._begin_anew(len(self.blocks) - 1)
        elif text == "," and not self.openings:
            self.statement.clear()
        else:
            self._count(token)

    def _line(self, whole: str, start: int) -> None:
        """End the statement, unless it goes on; a bracket that was forgotten ends where the next statement begins."""
        if self.openings and STATEMENT.match(whole, start + 1):
            self.openings.clear()
            self.statement.clear()
        elif not self.openings and not (self.statement and self.statement[-1].text in _CONTINUE):
            self.statement.clear()

    def _open_block(self) -> None:
        names = [token.name for token in self.statement if token.kind == "name"]
        self.blocks.append((names[0] if names else "", names[1] if len(names) > 1 else ""))
        self.statement.clear()
        self.openings.clear()

    def _begin_anew(self, depth: int = 0) -> None:
        del self.blocks[max(0, depth) :]
        self.statement.clear()
        self.openings.clear()

    def _count(self, token: Token) -> None:
        if token.text in _CLOSE and self.openings:
            self.openings.pop()
        before = self.statement[-1] if self.statement else None
        self.statement.append(token)
        if self.openings:
            self.openings[-1].tokens.append(token)
        if token.text in _OPEN:
            called = before is not None and token.text == "(" and before.kind == "name" and before.end == token.start
            self.openings.append(Opening(before.name if called and before else "", token.start))
