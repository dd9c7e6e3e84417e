"""Data become statements: the vocabulary says which form each key has, and so how its scalars are read.

| the key's form          | in YAML and in an override                                                  |
|-------------------------|-----------------------------------------------------------------------------|
| value                   | `problem: classification`, `owners: [a@example.org]`, `label: x > 3`        |
| limit                   | `p99: "< 100ms"`                                                            |
| block                   | `slo: {…}`                                                                  |
| blocks, definitions     | `metric: {roc_auc: {…}}`, `feature: {area: log1p(mean_area)}`               |
| conditions              | `require: [roc_auc >= 0.7]`                                                 |
| a block of columns      | `schema: {age: int in 0..120}`                                              |
| a block of conditions   | `expect: {rows: ">= 100"}`, or `expect: [rows >= 100, mean(age) in 18..60]` |
| a block of settings     | `hyperparameters: {C: 0.1}`                                                 |
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from . import tree
from .data import Data, Entry, Mapping, Sequence, describe
from .diagnostics import Findings
from .parsing.parser import parse_expression, parse_tail, parse_type
from .shapes import Shapes
from .source import Span

Path = tuple[str, ...]
# A parameter as the whole of a scalar, in the language's spelling or in OmegaConf's.
_PARAMETER = re.compile(r"param\.(\w+)|\$\{param\.(\w+)\}")


class Former:
    """Makes statements from data; what does not fit goes to the findings and is left out."""

    def __init__(self, shapes: Shapes, findings: Findings) -> None:
        self.shapes = shapes
        self.findings = findings

    # --- the top of a file -----------------------------------------------------------------------------------------

    def top(self, data: Mapping) -> Iterator[tree.Statement]:
        """Yield the statements of a whole file."""
        for key, entry in data.entries.items():
            if key == "language":
                yield from self._value(entry, "text")
            elif key == "import":
                yield from self._imports(entry)
            elif key == "param":
                for named in self._named(entry):
                    yield from self._typed(named, entry.word)
            elif key == "overlay":
                for named, inner in self._named_mappings(entry):
                    yield _block(entry, named, tuple(self.top(inner)))
            elif key == "moved":
                yield from self._moved(entry)
            elif key in self.shapes.kinds():
                for named, inner in self._named_mappings(entry):
                    yield _block(entry, named, tuple(self.body(inner, (key,))))
            else:
                yield _block(entry, None, ())  # the binder says which kinds there are

    def _imports(self, entry: Entry) -> Iterator[tree.Statement]:
        for item in entry.value.items if isinstance(entry.value, Sequence) else (entry.value,):
            if isinstance(item, tree.Scalar):
                yield tree.LabelledString(entry.word, tree.String(item.text, item.span), None, item.span)
            else:
                self._misfit(item, f"`import` names files, not {describe(item)}", "not a file", 'write `import: ["hardware.mlarch"]`')

    def _moved(self, entry: Entry) -> Iterator[tree.Statement]:
        """A renaming, or a list of them."""
        for item in entry.value.items if isinstance(entry.value, Sequence) else (entry.value,):
            if isinstance(item, Mapping):
                yield _block(entry, None, tuple(self.body(item, ("moved",))))
            else:
                self._misfit(
                    item, f"`moved` says from where to where, not {describe(item)}", "not a renaming", "write `moved: [{from: …, to: …}]`"
                )

    def _named(self, entry: Entry) -> Iterator[Entry]:
        """Yield the named things below a key that stands for several."""
        if isinstance(entry.value, Mapping):
            yield from entry.value.entries.values()
        else:
            key = entry.key.text
            self._misfit(entry.value, f"each `{key}` has a name", "no name", f"write `{key}: {{<name>: …}}`", "MLA202")

    def _named_mappings(self, entry: Entry) -> Iterator[tuple[Entry, Mapping]]:
        key = entry.key.text
        for named in self._named(entry):
            if isinstance(named.value, Mapping):
                yield named, named.value
            else:
                told = f"`{key}.{named.key.text}` is a block, not {describe(named.value)}"
                self._misfit(named.value, told, "not a block", f"write `{key}: {{<name>: {{…}}}}`, a name between `{key}` and its keys")

    # --- the body of a block ---------------------------------------------------------------------------------------

    def body(self, data: Mapping, path: Path) -> Iterator[tree.Statement]:
        """Yield the statements of a block; `path` is its kinds from the top."""
        for entry in data.entries.values():
            yield from self._statement(entry, path)

    def _statement(self, entry: Entry, path: Path) -> Iterator[tree.Statement]:
        match self.shapes.form(path, entry.key.text):
            case "value":
                yield from self._value(entry, self.shapes.scalar(path, entry.key.text))
            case "limit":
                yield from self._bound(entry, tree.Path((entry.word,), entry.key.span))
            case "block":
                yield from self._inner(entry, path)
            case "blocks":
                for named, inner in self._named_mappings(entry):
                    yield _block(entry, named, tuple(self.body(inner, (*path, entry.key.text))))
            case "definitions":
                for named in self._named(entry):
                    yield from self._value(named, "expression", entry.word)
            case "conditions":
                yield from self._conditions(entry.value, entry.word, path)
            case _:
                yield from self._bare(entry, path)

    def _inner(self, entry: Entry, path: Path) -> Iterator[tree.Statement]:
        inner, key = (*path, entry.key.text), entry.key.text
        if isinstance(entry.value, Mapping):
            yield _block(entry, None, tuple(self.body(entry.value, inner)))
        elif isinstance(entry.value, Sequence) and self.shapes.bare(inner) == "conditions":
            yield _block(entry, None, tuple(self._conditions(entry.value, None, inner)))
        else:
            told = f"`{key}` is a block, not {describe(entry.value)}"
            self._misfit(entry.value, told, "not a block", f"its keys stand below it, or in braces: `{key}: {{…}}`")
            yield tree.Attribute(None, entry.word, tree.Unread(entry.span), None, entry.span)

    def _bare(self, entry: Entry, path: Path) -> Iterator[tree.Statement]:
        """A key that has no form of its own: what fills the block, or an unknown key, which the binder reports."""
        form = self.shapes.bare(path)
        if form == "columns":
            yield from self._typed(entry, None)
        elif form == "settings":
            yield from self._value(entry, "setting")
        elif form == "conditions" and isinstance(entry.value, tree.Scalar) and _is_tail(entry.value):
            left = parse_expression(entry.key, self.findings)
            if left is not None:
                yield from self._bound(entry, left)
        elif isinstance(entry.value, Mapping):
            yield _block(entry, None, ())
        else:
            yield tree.Attribute(None, entry.word, tree.Unread(entry.value.span), None, entry.span)

    # --- the forms -------------------------------------------------------------------------------------------------

    def _value(self, entry: Entry, form: str, label: tree.Word | None = None) -> Iterator[tree.Statement]:
        if isinstance(entry.value, Mapping):
            told = f"`{entry.key.text}` is a value, not a mapping"
            self._misfit(entry.value, told, "not a value", 'an expression or a call is one text: `connector: csv("data.csv")`')
        value = tree.Unread(entry.span) if isinstance(entry.value, Mapping) else self._expression(entry.value, form)
        yield tree.Attribute(label, entry.word, value, entry.doc, entry.span)

    def _expression(self, data: Data, form: str) -> tree.Expression:
        if isinstance(data, Sequence):
            return tree.Items(tuple(self._expression(item, form) for item in data.items), data.span)
        if isinstance(data, Mapping):
            self._misfit(data, "a list holds values, not mappings", "not a value", "quote what has `: ` in it")
        elif not data.text and not data.quoted:
            self._misfit(data, "expected a value, found nothing", "no value", "give it a value, or leave the key out", "MLA101")
        elif form == "text" and not data.quoted and data.text in ("null", "Null", "NULL", "~"):
            help = 'to leave it unsaid, leave the key out; as a text it stands in quotes: `"null"`'
            self._misfit(data, f"`{data.text}` says nothing", "no value", help, "MLA207")
        elif form != "text" and (parameter := _PARAMETER.fullmatch(data.text)) and (parameter[2] or form != "setting" or not data.quoted):
            words = tree.Word("param", data.span), tree.Word(parameter[1] or parameter[2], data.span)
            return tree.Path(words, data.span)
        elif form == "text" or (form == "setting" and data.quoted):
            return tree.String(data.text.replace("\\${", f"{tree.DOLLAR}{{"), data.span)
        elif form == "name":
            return tree.Path((tree.Word(data.text, data.span),), data.span)
        else:
            return parse_expression(data, self.findings) or tree.Unread(data.span)
        return tree.Unread(data.span)

    def _bound(self, entry: Entry, left: tree.Expression) -> Iterator[tree.Statement]:
        key = entry.key.text
        if not isinstance(entry.value, tree.Scalar) or not _is_tail(entry.value):
            told = f"`{key}` is a bound; it begins with a comparison, not with {describe(entry.value)}"
            self._misfit(entry.value, told, "no comparison", f'write `{key}: "< …"` or `{key}: ">= …"`')
            return
        tail = parse_tail(entry.value, self.findings)
        if tail is not None:
            yield tree.Constraint(None, tree.Binary(tail[0], left, tail[1], entry.span), entry.doc, entry.span)

    def _conditions(self, data: Data, label: tree.Word | None, path: Path) -> Iterator[tree.Statement]:
        """Conditions, one after the other; in a block without a label, mappings of its keys may stand between them."""
        for item in data.items if isinstance(data, Sequence) else (data,):
            if isinstance(item, Mapping) and label is None:
                yield from self.body(item, path)
                continue
            if isinstance(item, tree.Scalar):
                term = parse_expression(item, self.findings)
            else:
                self._misfit(item, f"a condition is a text, not {describe(item)}", "not a condition", "write `[roc_auc >= 0.7]`")
                term = None
            yield tree.Constraint(label, term or tree.Unread(item.span), None, item.span)

    def _typed(self, entry: Entry, label: tree.Word | None) -> Iterator[tree.Statement]:
        if isinstance(entry.value, tree.Scalar):
            read = parse_type(entry.value, self.findings)
        else:
            told = f"`{entry.key.text}` has a type, not {describe(entry.value)}"
            self._misfit(entry.value, told, "not a type", f"write `{entry.key.text}: float in 0..1`")
            read = None
        kind, nullable, within, default, _ = read or (tree.Unread(entry.span), False, None, None, None)
        yield tree.TypedName(label, entry.word, kind, nullable, within, default, entry.doc, entry.span)

    def _misfit(self, data: Data, message: str, caption: str, help: str, code: str = "MLA212") -> None:
        span = data.span
        if isinstance(data, tree.Scalar) and not data.text:
            span = Span(span.source, max(0, span.start - 1), span.start)
        self.findings.error(code, message, span, caption, help=help)


def _is_tail(scalar: tree.Scalar) -> bool:
    return scalar.text.lstrip().startswith(("<", ">", "=", "!", "in ", "in["))


def _block(entry: Entry, named: Entry | None, body: tuple[tree.Statement, ...]) -> tree.Block:
    """A block whose kind is one key, and whose name, where it has one, is another below it."""
    if named is None:
        return tree.Block(entry.word, None, body, entry.doc, entry.key.span, entry.span)
    return tree.Block(entry.word, named.word, body, named.doc, named.key.span, named.span)
