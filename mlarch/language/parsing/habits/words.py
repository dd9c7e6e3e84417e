"""Words in expressions as other languages write them: conditions, choices, calls and numbers."""

from __future__ import annotations

from .rules import Rule

#: A name, or a call without another in it, that stands before a word.
_VALUE = r"(?P<here>(?P<value>[A-Za-z_][\w.]*(?:\([^()\n]*\))?)\s+)$"
#: A complete value, before a word that does not fit.
_AFTER = r"(?P<value>[\w.]+|\))\s+$"
_CHOICE = "a choice is a call: `if(condition, one, other)`"

WORDS: tuple[Rule, ...] = (
    Rule(("NAME", "CALLNAME"), r"AND\b|And\b", "`and` is written in small letters", "write `and`", write="and", meant=(("AND", "and"),)),
    Rule(("NAME", "CALLNAME"), r"OR\b|Or\b", "`or` is written in small letters", "write `or`", write="or", meant=(("OR", "or"),)),
    Rule(
        ("NAME", "CALLNAME", "NUMBER", "STRING"),
        "",
        "`not` is written in small letters",
        "write `not`",
        before=r"(?P<here>(?P<mark>N(?:OT|ot)))\s+$",
        write="not",
        drop=1,
        meant=(("NOT", "not"),),
        again=True,
    ),
    Rule(
        ("NAME", "CALLNAME", "NOT"),
        r"not\s+in\s+(?P<set>\[[^\]\n]*\]|[^\s,)]+)",
        "`not` stands before the comparison: `not {value} in {set}`",
        "not here",
        before=_VALUE,
        write="not {value} in {set}",
    ),
    Rule(
        ("NAME",),
        r"(?i:is\s+not\s+(?:null|none|missing|na|nan))\b",
        "whether a value is missing is asked by a call: `not is_missing({value})`",
        "not a comparison",
        before=_VALUE,
        write="not is_missing({value})",
    ),
    Rule(
        ("NAME",),
        r"(?i:is\s+(?:null|none|missing|na|nan))\b",
        "whether a value is missing is asked by a call: `is_missing({value})`",
        "not a comparison",
        before=_VALUE,
        write="is_missing({value})",
    ),
    Rule(("NAME",), r"is\s+not\b", "values are compared by `!=`", "write `!=`", before=_AFTER, write="!=", meant=(("COMPARE", "!="),)),
    Rule(
        ("NAME",), r"(?:is|equals|eq)\b", "values are compared by `==`", "write `==`", before=_AFTER, write="==", meant=(("COMPARE", "=="),)
    ),
    Rule(
        ("NAME",),
        r"(?i:between)\s+(?P<low>-?\d[\w.]*)\s+(?i:and)\s+(?P<high>-?\d[\w.]*)",
        "a value between two others lies `in {low}..{high}`",
        "not a comparison",
        before=_AFTER,
        write="in {low}..{high}",
    ),
    Rule(
        ("NAME",),
        r"(?i:i?like|matches|contains)\b[^\n,)}]*",
        "texts are compared by calls",
        "not a comparison",
        before=_AFTER,
        help='there are `contains(x, "…")` and `starts_with(x, "…")`',
    ),
    Rule(
        ("QUESTION",),
        r"\?\s*(?P<one>[^:?\n]{1,200}?)\s*:\s*(?P<other>[^:?\n,}]{1,200}?)(?=\s*(?:$|[\n,}#]))",
        _CHOICE,
        "not an operator",
        before=r"=\s*(?P<here>(?P<condition>[^=?\n]*(?:==)?[^=?\s])\s*(?P<mark>))$",
        write="if({condition}, {one}, {other})",
    ),
    Rule(("NAME", "CALLNAME", "NUMBER"), r"[^\n}]*", _CHOICE, "", before=r"(?P<here>(?P<mark>\bif)\s+)$", needs=("EQUAL",)),
    Rule(
        ("NAME", "CALLNAME", "NUMBER", "NOT"),
        r"[^\n}]*",
        _CHOICE,
        "not a word of the language",
        before=r"=[^=\n]*?(?P<here>(?P<mark>\b(?:if|case))\s+)$",
    ),
    Rule(("NAME", "CALLNAME"), r"(?P<mark>if|then|else|elif|when|unless)\b[^\n}]*", _CHOICE, "not a word of the language", before=r"=.*$"),
    Rule(
        ("NAME",),
        r"(?P<mark>for)\s+\w+\s+in\b[^\n}]*",
        "there are no loops",
        "not a word of the language",
        help="name each: `[features.one, features.two]`",
    ),
    Rule(
        ("NAME", "CALLNAME"),
        r"[^\n}]*",
        "there are no functions of one's own",
        "not a word of the language",
        before=r"(?P<here>(?P<mark>\blambda)\s+)$",
    ),
    # Calls.
    Rule(
        ("LPAR",),
        r"\(\)",
        "a function is called with its values in brackets: `{function}({value})`",
        "written like a method",
        before=r"(?P<here>(?P<value>[A-Za-z_][\w.]*)\.(?P<function>\w+))$",
        write="{function}({value})",
    ),
    Rule(
        ("LPAR",),
        r"(?P<here>)\(",
        "a function has no module before it: `{function}(…)`",
        "not needed",
        before=r"(?P<here>(?P<mark>\b(?:np|numpy|math|pd|pl|F|torch|sklearn)(?:\.\w+)*\.)(?P<function>\w+))$",
        write="{function}",
    ),
    Rule(("LPAR",), r"(?P<here>)\(", "a function's name has no dots", "not a function", before=r"(?P<here>\w+(?:\.\w+)+)$"),
    Rule(
        ("LPAR",),
        r"(?P<here>)\(",
        "a call's `(` touches its name: `{function}(…)`",
        "a space between",
        before=r"(?P<function>\b[A-Za-z_]\w*)(?P<here>(?P<mark>[ \t]+))$",
        write="",
    ),
    Rule(
        ("STRING",),
        r'(?P<text>"[^"\n]*")',
        "a text has nothing before its quotes",
        "not needed",
        before=r"(?P<here>\b(?:f|r|b|u|F|R|B|U))$",
        write="{text}",
        help="`${{param.name}}` stands in any text",
        drop=1,
        meant=(("STRING", "{text}"),),
    ),
    Rule(
        ("COLON",),
        r":(?P<name>\w+)",
        'what is taken from Python is named in quotes: `python("{module}:{name}")`',
        "no quotes",
        before=r"\bpython\(\s*(?P<here>(?P<module>\w+(?:\.\w+)*))$",
        write='"{module}:{name}"',
    ),
    # Numbers and dates.
    Rule(
        ("NUMBER",),
        r"(?P<rest>\d{3}(?:,\d{3})*)(?P<unit>[A-Za-z%/]*)(?!\w)",
        "digits are grouped by `_`: `{head}_{rest}{unit}`",
        "a comma ends a statement",
        before=r"(?P<here>(?<!\w)(?<!\d\.)(?P<head>\d{1,3}),)$",
        write="{head}_{rest}{unit}",
    ),
    Rule(
        ("DOT",),
        r"\.(?P<digits>\d+[A-Za-z%]*)",
        "a number begins with a digit: `0.{digits}`",
        "no digit before it",
        before=r"(?:^|[^\w.)\]])$",
        write="0.{digits}",
        meant=(("NUMBER", "0.{digits}"),),
    ),
    Rule(
        ("NUMBER",),
        r"(?P<time>\d{1,2}:\d{2}(?::\d{2})?)",
        "a date and its time are joined by `T`: `{date}T{time}`",
        "a space between",
        before=r"(?P<here>(?P<date>\d{4}-\d{2}-\d{2})\s+)$",
        write="{date}T{time}",
        meant=(),
    ),
    Rule(
        ("NUMBER",),
        r"(?P<bound>\d[\w.%/]*)\s*<(?P<equal>=?)\s*(?P<name>[A-Za-z_]\w*)(?=\s*(?:$|[\n,}#]))",
        "a condition begins with what is bounded: `{name} >{equal} {bound}`",
        "the other way round",
        before=r"(?:^|[{,])\s*$",
        write="{name} >{equal} {bound}",
    ),
    Rule(
        ("NUMBER",),
        r"(?P<bound>\d[\w.%/]*)\s*>(?P<equal>=?)\s*(?P<name>[A-Za-z_]\w*)(?=\s*(?:$|[\n,}#]))",
        "a condition begins with what is bounded: `{name} <{equal} {bound}`",
        "the other way round",
        before=r"(?:^|[{,])\s*$",
        write="{name} <{equal} {bound}",
    ),
)
