"""Statements in a form that their block does not take: what each plainly means, and the fix that writes it."""

from __future__ import annotations

import re

from ..language import tree
from ..language.diagnostics import Findings, Fix
from ..language.source import Span
from ..language.suggest import names, nearest
from .blocks import KINDS
from .columns import ALIASES
from .types import ColumnType
from .vocabulary import About

#: What other languages have at the top of a file, and what there is here.
_ELSEWHERE = {
    **dict.fromkeys(("variable", "var", "params", "parameter", "arg"), 'a parameter is a line of its own: `param name : string = "…"`'),
    **dict.fromkeys(("locals", "let", "const", "def", "define"), 'a constant is a parameter: `param name : string = "…"`'),
    **dict.fromkeys(("include", "use", "require", "from", "load"), 'another file is read by `import "hardware.mlarch"`'),
    **dict.fromkeys(("module", "package"), 'another file is read by `import "hardware.mlarch"`'),
    **dict.fromkeys(("resource", "provider", "terraform", "backend"), "what the system runs on is `hardware <name> { … }`"),
    **dict.fromkeys(("data", "dataset", "datasource", "table", "input"), "data come from a `source <name> { … }`"),
    **dict.fromkeys(("output", "outputs", "generator"), "what is written is a `deployment <name> { … }`"),
    **dict.fromkeys(("if", "for", "foreach", "while"), "there are no conditions and no loops; an `overlay` says what is otherwise"),
    **dict.fromkeys(("enum", "type", "class", "struct"), "the types of columns are fixed; a `category` lists its values"),
}
#: What other files call the version that they are written in.
_LANGUAGE = ("version", "mlarch", "lang")
_PARAMETER_TYPES = {tree.String: "string", tree.Number: "float"}


def elsewhere(word: str) -> str | None:
    """Say what there is in the place of what another language has at the top of a file, or None."""
    return _ELSEWHERE.get(word)


def report_top(node: tree.Statement, language: str, findings: Findings) -> bool:
    """Report a statement that does not stand at the top of a file; True where it means to say the language."""
    word = _first(node)
    label = node.label.text if not isinstance(node, tree.Block) and node.label is not None else None
    if label == "param" and isinstance(node, tree.Attribute):
        kind = "bool" if node.value.span.text in ("true", "false") else _PARAMETER_TYPES.get(type(node.value), "string")
        told = f"a parameter has a type: `param {node.name.text} : {kind} = …`"
        findings.error("MLA212", told, node.name.span, "no type", fixes=_inserted(node.name.span, node.value.span, f" : {kind} = "))
    elif label == "language" and isinstance(node, tree.LabelledString):
        between = _inserted(node.label.span, node.value.span, " = ")
        findings.error("MLA212", "`language` is a value", word.span, f'write `language = "{language}"`', fixes=between)
    elif word.text == "import" and isinstance(node, tree.Attribute):
        told = 'a file is imported by `import "hardware.mlarch"`, without `=`'
        findings.error("MLA212", told, word.span, "not a value", fixes=_inserted(word.span, node.value.span, " "))
    elif isinstance(node, tree.LabelledString) and (word.text in _ELSEWHERE or nearest(word.text, ["import"])):
        fix = Fix("write `import`", word.span, "import")
        told = f"there is no `{word.text}`; another file is read by `import`"
        findings.error("MLA212", told, word.span, "write `import`", fixes=(fix,))
    elif word.text in _LANGUAGE and isinstance(node, tree.Attribute):
        fix = Fix("write `language`", word.span, "language")
        findings.error("MLA212", "the version of the language is given by `language`", word.span, "write `language`", fixes=(fix,))
    else:
        help = elsewhere(word.text) or f"the kinds are {names(KINDS, 20)}"
        findings.error("MLA212", "only blocks stand at the top of a file", word.span, "not a block", help=help)
    return word.text in ("language", *_LANGUAGE)


def report_typed(node: tree.TypedName, form: str | None, findings: Findings) -> None:
    """Report a typed name outside of a schema; where a value belongs, it is one with the wrong sign."""
    name = node.name.text
    if form == "value" and node.label is None:
        told = f"`:` gives a column its type; `{name}` takes a value, after `=`"
        sign = _between(node.name.span, node.type.span)
        fix = _inserted(node.name.span, node.type.span, " = ") if node.within is None and not node.nullable else ()
        findings.error("MLA212", told, sign or node.span, "write `=`", fixes=fix)
    else:
        findings.error("MLA212", "typed names stand only in a `schema` block", node.span, "a typed name")


def report_comparison(key: str, term: tree.Binary, findings: Findings) -> bool:
    """Report `family == x`, a comparison where a value is given; False where the comparison is another."""
    sign = _between(term.left.span, term.right.span)
    if term.operator != "==" or sign is None:
        return False
    fix = Fix("write `=`", sign, "=")
    findings.error("MLA212", f"`==` compares; `{key}` is given a value by `=`", sign, "write `=`", fixes=(fix,))
    return True


def report_bound(node: tree.Attribute, about: About, findings: Findings) -> None:
    """Report `p99 = 100ms`, a value where a bound is meant."""
    key, operator = node.name.text, about.operators[0] if "<" in about.operators else about.operators[-1]
    sign = _between(node.name.span, node.value.span)
    fixes = (Fix(f"write `{operator}`", sign, operator),) if sign is not None and isinstance(node.value, tree.Number) else ()
    told = f"`{key}` is a bound, not a value: `{key} {operator} …`"
    findings.error("MLA212", told, sign or node.span, f"write `{operator}`", fixes=fixes)


def report_column(node: tree.Attribute, findings: Findings) -> bool:
    """Report `age = int` in a schema; False where the value is no type."""
    path = node.value.function if isinstance(node.value, tree.Call) else node.value
    sign = _between(node.name.span, node.value.span)
    if not isinstance(path, tree.Path) or sign is None or path.text.lower() not in {*map(str, ColumnType), *ALIASES}:
        return False
    fix = Fix("write `:`", sign, ":")
    findings.error("MLA212", f"a column's type stands after `:`: `{node.name.text} : {path.text}`", sign, "write `:`", fixes=(fix,))
    return True


def _first(node: tree.Statement) -> tree.Word:
    """The word that a statement begins with, or all of it."""
    if isinstance(node, tree.Block):
        return node.kind
    if node.label is not None:
        return node.label
    if isinstance(node, tree.Constraint):
        return tree.Word("", node.span)
    return node.name


def _between(before: Span, after: Span) -> Span | None:
    """The sign that stands between two parts of one line of text, or None where there is none, as in YAML."""
    if before.source is not after.source or before.end >= after.start:
        return None
    match = re.fullmatch(r"(\s*)([=:<>!]+)\s*", before.source.text[before.end : after.start])
    return Span(before.source, before.end + len(match[1]), before.end + len(match[1]) + len(match[2])) if match else None


def _inserted(before: Span, after: Span, text: str) -> tuple[Fix, ...]:
    """The fix that writes something between two parts of one line, in the place of a sign or a space."""
    if before.source is not after.source or not re.fullmatch(r"\s*[=:]?\s*", before.source.text[before.end : after.start]):
        return ()
    return (Fix(f"write `{text.strip()}`" if text.strip() else "remove the sign", Span(before.source, before.end, after.start), text),)
