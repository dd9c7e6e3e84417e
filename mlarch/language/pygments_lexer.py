"""Colours for architecture files wherever Pygments is: Sphinx, MkDocs, notebooks, rich. Nothing of mlarch's own loads it.

It knows the words of the language and no block kind, as the grammar does, and it reads unfinished text without an error.
"""

from __future__ import annotations

from pygments.lexer import RegexLexer, bygroups, default
from pygments.token import Comment, Error, Keyword, Literal, Name, Number, Operator, Punctuation, String, Whitespace

_NAME = r"(?:[A-Za-z_]\w*|`[^`\n]+`)"
_GAP = r"([ \t\f]+)"
_DATE = r"\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})?)?(?!\w)"
_NUMBER = r"\d[\d_]*(?:\.\d+)?(?:[eE][+-]?\d+)?"
_UNIT = r"(?:%|[A-Za-zµ]\w*)?(?:/\d*(?:us|ms|s|min|h|d|w)(?!\w))?"


class MlarchLexer(RegexLexer):  # type: ignore[misc]  # Pygments comes without types
    """A lexer for `.mlarch` files."""

    name = "mlarch"
    aliases = ["mlarch"]
    filenames = ["*.mlarch"]
    mimetypes = ["text/x-mlarch"]
    url = "https://github.com/mlarch/mlarch"

    tokens = {
        "root": [
            # What begins a statement: `kind name {`, `kind {`, `label name =`, `label name :`, `import "…"`, `require x >= …`.
            (rf"({_NAME}){_GAP}({_NAME})([ \t\f]*)(\{{)", bygroups(Name.Tag, Whitespace, Name.Class, Whitespace, Punctuation)),
            (rf"({_NAME})([ \t\f]*)(\{{)", bygroups(Name.Tag, Whitespace, Punctuation)),
            (rf"({_NAME}){_GAP}({_NAME})(?=[ \t\f]*(?::|=(?!=)))", bygroups(Keyword.Declaration, Whitespace, Name.Variable)),
            (rf"({_NAME})([ \t\f]*)(:)", bygroups(Name.Attribute, Whitespace, Punctuation), "type"),
            (rf"({_NAME})(?=[ \t\f]*=(?!=))", Name.Attribute),
            (r"import(?=[ \t\f]*\")", Keyword.Namespace),
            (r"require(?=[ \t\f]+[A-Za-z_`])", Keyword.Declaration),
            (r"[{}]", Punctuation),
            (r":", Punctuation, "type"),
            (r"[(\[]", Punctuation, "inside"),
            (r"[)\]]", Punctuation),
            default("expression"),
        ],
        # One word of an expression, then back: a line may end after any.
        "expression": [
            (r"[ \t\f\r\n]+", Whitespace, "#pop"),
            (r"##[^\n]*", Comment.Special, "#pop"),
            (r"#[^\n]*", Comment.Single, "#pop"),
            (rf"-?\d[\w.%+:-]*?\.\.(?:{_DATE}|-?\d(?:[eE][+-](?=\d)|[\w%.])*)", Number, "#pop"),
            (_DATE, Literal.Date, "#pop"),
            (rf"({_NUMBER})({_UNIT})", bygroups(Number, Keyword.Pseudo), "#pop"),
            (r'"', String.Double, ("#pop", "string")),
            (r"(=)([ \t\f]*)((?:and|or|in|over)(?![\w(]))", bygroups(Operator, Whitespace, Name), "#pop"),  # no operand before it
            (r"(?:and|or)(?!\w)", Operator.Word, "#pop"),
            (r"in(?=[ \t]*[\d\[\-`A-Za-z_])(?=\W)", Operator.Word, "#pop"),
            (r"over(?=[ \t]+\d)", Operator.Word, "#pop"),
            (r'not(?=[ \t]*[\w(`"\-])(?=\W)', Operator.Word, "#pop"),
            (r"(?:true|false)(?![\w.])", Keyword.Constant, "#pop"),
            (r"[A-Za-z_]\w*(?=\()", Name.Function, "#pop"),
            (_NAME, Name, "#pop"),
            (r"<=|>=|==|!=|[-+*/<>=]", Operator, "#pop"),
            (r"[.,?]", Punctuation, "#pop"),
            (r"[(\[]", Punctuation, ("#pop", "inside")),
            (r".", Error, "#pop"),
        ],
        "inside": [
            (r"[)\]]", Punctuation, "#pop"),
            (rf"({_NAME})(?=[ \t\f]*=(?!=))", Name.Entity),
            (r"[{}]", Punctuation, "#pop"),  # a bracket was forgotten
            default("expression"),
        ],
        "type": [
            (r"[ \t\f]+", Whitespace),
            (rf"{_NAME}", Keyword.Type, "#pop"),
            default("#pop"),
        ],
        "string": [
            (r"\$\{[^}\"\n]*\}", String.Interpol),
            (r"\\.", String.Escape),
            (r'"', String.Double, "#pop"),
            (r'[^"\\\n$]+|\$', String.Double),
            (r"\\?(?=\n)", String.Double, "#pop"),  # it was not closed
        ],
    }
