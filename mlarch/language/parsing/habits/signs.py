"""Signs of other languages: operators, comments, quotes, and what a keyboard puts in by itself."""

from __future__ import annotations

from .rules import Meant, Rule

_TEXT = r'(?P<inner>[^"\\\n]{0,2000}?)'


def _sign(kinds: str, sign: str, meant: Meant, message: str = "", before: str = "", write: str = "") -> Rule:
    """A sign that has another spelling here; the parser goes on with that one."""
    told = message or f"`{{sign}}` is written `{meant[1]}` here"
    return Rule(
        (kinds,), f"(?P<sign>{sign})", told, f"write `{meant[1]}`", write=write or meant[1], meant=(meant,), before=before, code="MLA106"
    )


def _comment(kind: str, at: str, write: str | None, before: str = "") -> Rule:
    """A comment of another language: it is none here, and the file goes on after it."""
    return Rule((kind,), at, "comments begin with `#`", "not a comment", write=write, before=before, meant=(), code="MLA106")


def _text(kind: str, at: str, caption: str, write: str | None = '"{inner}"', message: str = "a text stands in double quotes") -> Rule:
    """A text in other quotes."""
    return Rule((kind,), at, message, caption, write=write, meant=(("STRING", '"{inner}"'),), code="MLA105")


#: A value before, and then the operator: what follows a complete condition.
_OPERAND = r"(?P<one>[\w.]+|\))\s*$"

SIGNS: tuple[Rule, ...] = (
    # Comments.
    Rule(
        ("COLON",),
        r"(?P<rest>://[^\s,)}\"]{1,200})",
        "an address is a text, and stands in quotes",
        "no quotes",
        before=r"(?P<here>\b(?P<scheme>\w+))$",
        write='"{scheme}{rest}"',
        code="MLA105",
    ),
    _comment("FOREIGN", r"(?P<here>///+)[^\n]{0,2000}", "##"),
    _comment("FOREIGN", r"(?P<here>//)[^\n]{0,2000}", "#"),
    _comment("FOREIGN", r"/\*[ \t]*(?P<inner>[^*\n]{0,2000}?)[ \t]*\*/(?=[ \t]*(?:\n|\r|$))", "# {inner}"),
    _comment("FOREIGN", r"/\*(?:[^*]|\*(?!/)){0,4000}(?:\*/)?", None),
    _comment("FOREIGN", r"<!--[ \t]*(?P<inner>[^\n]{0,2000}?)[ \t]*-->(?=[ \t]*(?:\n|\r|$))", "# {inner}"),
    _comment("FOREIGN", r"<!--[^\n]{0,2000}", None),
    _comment("MINUS", r"(?P<here>--)[^\n]{0,2000}", "#", before=r"^\s*$"),
    # Quotes.
    _text("FOREIGN", r'"""[ \t]*\r?\n?[ \t]*' + _TEXT + r'\s*"""', "three quotes", message="a text stands in one pair of double quotes"),
    Rule(
        ("FOREIGN",),
        r'(?P<here>"""|\'\'\')(?:[^"\']|["\'](?!""|\'\')){0,4000}(?:"""|\'\'\')?',
        "a text stands on one line, in one pair of double quotes",
        "a text of several lines",
        help=r"a line break in a text is `\n`",
        meant=(("STRING", '""'),),
        code="MLA105",
    ),
    Rule(
        ("FOREIGN",),
        r"(?P<here><<[-~]?(?P<word>[A-Z]+))[^\n]*\n(?:(?![ \t]*(?P=word)\b)[^\n]*\n){0,200}[ \t]*(?P=word)",
        "a text stands on one line, in double quotes",
        "a text of several lines",
        help=r"a line break in a text is `\n`",
        meant=(("STRING", '""'),),
        code="MLA105",
    ),
    _text("UNKNOWN", r"'(?P<inner>[^'\"\\\n]{0,2000})'", 'write `"…"`'),
    _text("UNKNOWN", r"[“”„«»](?P<inner>[^“”„«»\"\\\n]{0,2000})[“”«»\"]", "curly quotes"),
    _text("UNKNOWN", r"[‘’](?P<inner>[^‘’\"\\\n]{0,2000})[‘’]", "curly quotes"),
    # Operators.
    _sign("FOREIGN", "&&", ("AND", "and")),
    _sign("UNKNOWN", "&", ("AND", "and")),
    _sign("FOREIGN", r"\|\|", ("OR", "or")),
    Rule(
        ("UNKNOWN",),
        r"\|\s*(?:None|null|nil)\b",
        "a column that may be missing has a `?` after its type",
        "write `{type}?`",
        before=r":\s*(?P<type>\w+)(?P<here>\s*)$",
        write="?",
        meant=(("QUESTION", "?"),),
    ),
    _sign("UNKNOWN", r"\|(?!\s*\n)", ("OR", "or"), before=_OPERAND),
    Rule(("FOREIGN",), r"!(?!=)\s*", "`!` is written `not` here", "write `not`", write="not ", meant=(("NOT", "not"),), code="MLA106"),
    _sign("FOREIGN", "===", ("COMPARE", "==")),
    _sign("FOREIGN", "!==|<>", ("COMPARE", "!=")),
    _sign("FOREIGN", "=<", ("COMPARE", "<=")),
    _sign("FOREIGN", ":=|->", ("EQUAL", "="), before=r"(?:^|[{,])\s*(?:[\w`]+\s+)?[\w`]+\s*$"),
    Rule(
        ("FOREIGN",),
        "=>",
        "a value is given by `=`, a bound is written `>=`",
        "neither",
        before=r"(?:^|[{,])\s*(?:[\w`]+\s+)?[\w`]+\s*$",
        code="MLA106",
    ),
    _sign("FOREIGN", "=>", ("COMPARE", ">="), before=_OPERAND),
    _sign("UNKNOWN", "≤", ("COMPARE", "<=")),
    _sign("UNKNOWN", "≥", ("COMPARE", ">=")),
    _sign("UNKNOWN", "≠", ("COMPARE", "!=")),
    _sign("UNKNOWN", "[−–]", ("MINUS", "-"), "the sign {sign} is no minus"),
    _sign("UNKNOWN", "[×·]", ("STAR", "*"), "a product is written with `*`, not `{sign}`"),
    _sign("UNKNOWN", "÷", ("SLASH", "/"), "a quotient is written with `/`, not `{sign}`"),
    Rule(
        ("FOREIGN", "UNKNOWN"),
        r"\*\*|\^",
        "there is no operator for powers",
        "not an operator",
        help="write `power(x, 2)`; a square is `x * x` as well",
        code="MLA106",
    ),
    # What a keyboard or an editor puts in.
    Rule(
        ("UNKNOWN",),
        "[\u00a0\u2007\u202f\u3000]",
        "a space that does not break is no space here",
        "looks like a space",
        write=" ",
        meant=(),
        code="MLA106",
    ),
    Rule(
        ("UNKNOWN",),
        r"(?<=\w)[\u200b\u200c\u200d\u2060\ufeff]",
        "a character that nobody sees stands here",
        "invisible",
        write="",
        code="MLA106",
    ),
    Rule(
        ("UNKNOWN",),
        "[\u200b\u200c\u200d\u2060\ufeff]",
        "a character that nobody sees stands here",
        "invisible",
        write="",
        meant=(),
        code="MLA106",
    ),
    Rule(
        ("UNKNOWN",),
        r"\r",
        "a line ends with a line feed, not with a carriage return alone",
        "a line end of another system",
        write="\n",
        meant=(("NL", "\n"),),
        code="MLA106",
    ),
    Rule(
        ("UNKNOWN",),
        r"\\(?=[ \t]*\r?\n)",
        "a line needs no `\\` to go on",
        "not needed",
        help="a line goes on after an operator, and inside brackets",
        write="",
        meant=(),
        code="MLA106",
    ),
    Rule(
        ("UNKNOWN",),
        r";(?=[ \t]*(?:[\r\n}#;]|$))",
        "a statement ends at the line break or at a comma",
        "not needed",
        write="",
        meant=(("NL", "\n"),),
        code="MLA106",
    ),
    Rule(
        ("UNKNOWN",),
        r";",
        "a statement ends at the line break or at a comma",
        "write `,`",
        write=",",
        meant=(("NL", "\n"),),
        code="MLA106",
    ),
    # Parameters and secrets of others.
    Rule(
        ("UNKNOWN",),
        r"\$\{(?:param|var)\.(?P<name>\w+)\}",
        "`${{…}}` stands in a text; a value on its own is `param.{name}`",
        "not in a text",
        write="param.{name}",
        meant=(("NAME", "param"), ("DOT", "."), ("NAME", "{name}")),
        code="MLA106",
    ),
    Rule(
        ("UNKNOWN",),
        r"\$\{?(?P<name>\w*)\}?",
        "`$` has no meaning outside of a text",
        "not a name",
        help='a column is its name alone, a parameter `param.<name>`, a secret `secret("NAME")`',
        code="MLA106",
    ),
    Rule(
        ("UNKNOWN",),
        r"%(?=[ \t]*(?:[,})\]\n#]|$))",
        "a unit touches its number: `{number}%`",
        "a space between",
        before=r"(?P<here>(?P<number>[\d.]+)\s+)$",
        write="{number}%",
        meant=(("NUMBER", "{number}%"),),
        drop=1,
    ),
)
