"""Which words touch, and what an expression looks like on one line."""

from __future__ import annotations

from collections.abc import Sequence

from .nodes import Atom, Block, Bracket, Comment, Part

#: What an expression may be broken after, the loosest first: each level binds its operands more tightly than the one before.
LEVELS = (("OR",), ("AND",), ("PLUS", "MINUS"), ("STAR", "SLASH"))
_BEFORE_OPERAND = ("", "EQUAL", "PLUS", "MINUS", "STAR", "SLASH", "COMPARE", "AND", "OR", "NOT", "IN", "UNARY")


def is_unary(before: str) -> bool:
    """Tell whether a minus after a word of this kind is a sign."""
    return before in _BEFORE_OPERAND


def spaced(before: str, kind: str, inside: bool) -> bool:
    """Tell whether a space stands between two words, given by their kinds; `inside` is between brackets."""
    if kind in ("DOT", "QUESTION") or before == "DOT" or (before == "CALLNAME" and kind == "LPAR"):
        return False
    if kind == "EQUAL" or before == "EQUAL":
        return not inside
    if before == "UNARY":
        return kind == "INTERVAL"  # `-1..2` would be another interval
    return True


def flat(parts: Sequence[Part]) -> str | None:
    """Return an expression on one line, or None where that cannot be: a comment is in it, or it was written broken."""
    texts: list[str] = []
    for part in parts:
        if isinstance(part, Comment):
            return None
        text = part.text if isinstance(part, Atom) else _flat_bracket(part)
        if text is None:
            return None
        texts.append(f" {text}" if part.spaced else text)
    return "".join(texts)


def _flat_bracket(bracket: Bracket) -> str | None:
    if bracket.opened or bracket.dangling or (bracket.broken and bracket.items):
        return None
    texts = [None if item.leading or item.trailing else flat(item.parts) for item in bracket.items]
    inner = [text for text in texts if text is not None]
    return bracket.opener + ", ".join(inner) + bracket.closer if len(inner) == len(texts) else None


def flat_block(block: Block) -> str | None:
    """Return the braces of a block with what is between them on one line, or None where they were written on several."""
    if not block.entries and block.opened is None:
        return "{}"
    if not block.inline:
        return None
    texts = []
    for entry in block.entries:
        assert not isinstance(entry, Comment)  # a comment ends its line
        rest = flat_block(entry) if isinstance(entry, Block) else flat(entry.rest)
        assert rest is not None  # likewise
        texts.append(f"{entry.head} {rest}" if entry.head else rest)
    return f"{{ {', '.join(texts)} }}"


def operands(parts: Sequence[Part]) -> list[list[Part]]:
    """Split an expression after its loosest operators; comments stay with the operator that they follow. One part: there are none."""
    last = max((index for index, part in enumerate(parts) if not isinstance(part, Comment)), default=0)
    kinds = [part.kind if isinstance(part, Atom) and index < last else "" for index, part in enumerate(parts)]
    level = next((level for level in LEVELS if not set(level).isdisjoint(kinds)), ())
    split: list[list[Part]] = [[]]
    ends = False
    for part, kind in zip(parts, kinds, strict=True):
        if ends and not isinstance(part, Comment):
            split.append([])
        ends = kind in level or (ends and isinstance(part, Comment))
        split[-1].append(part)
    return split
