"""Binding one block: each statement becomes a value of the vocabulary's class, by its form."""

from __future__ import annotations

import typing
from typing import Any

from ..language import tree
from ..language.diagnostics import Findings, Label
from ..language.load import YAML_SUFFIXES
from ..language.source import Span, SpanIndex
from ..language.suggest import correction, names
from .blocks.source import Csv
from .blocks.system import Problem
from .columns import read_column
from .forms import Scope, is_a
from .misplaced import where_it_belongs
from .nodes import required
from .positions import Positions
from .quantities import Quantity
from .statements import report_bound, report_column, report_comparison, report_typed
from .values import MISSING, ValueReader, alternatives
from .vocabulary import About, Block, Condition, Definition, Limit, NamedBlock


class BlockBinder:
    """Reads blocks into the vocabulary's classes; what is wrong goes to `findings`, and where each key stands to `positions`."""

    def __init__(self, findings: Findings, holes: SpanIndex) -> None:
        self.findings = findings
        self.holes = holes
        self.positions = Positions()
        self.reader = ValueReader(self.positions, findings)

    def block(self, cls: type[Block], node: tree.Block, at: str, top: str = "") -> Any:
        """Read a block as the vocabulary's class, or MISSING when something that it needs is wrong."""
        self.positions.paths[at] = node.head
        scope = Scope(cls, node, at, top or at)
        for statement in node.body:
            match statement:
                case tree.Attribute(None):
                    self._attribute(scope, statement)
                case tree.Attribute():
                    self._definition(scope, statement)
                case tree.Constraint(None):
                    self._constraint(scope, statement)
                case tree.Constraint():
                    self._labelled_condition(scope, statement)
                case tree.TypedName():
                    self._column(scope, statement)
                case tree.Block():
                    self._inner(scope, statement)
                case tree.LabelledString():
                    self._unknown(scope, statement.label, statement.span)
        return self._finish(scope, node)

    def _finish(self, scope: Scope, node: tree.Block) -> Any:
        if is_a(scope.cls, NamedBlock):
            scope.values["name"] = node.name.text if node.name else ""
            scope.values["doc"] = node.doc
        made: dict[str, Any] = {}
        needed = required(scope.cls)
        for name, key in zip(scope.cls.__struct_fields__, scope.cls.__struct_encode_fields__, strict=True):
            if key in scope.values:
                value = scope.values[key]
                made[name] = tuple(value) if isinstance(value, list) else value
            elif key in needed and key not in scope.failed and not self._has_a_hole(node):
                about = scope.said[key][2]
                kind = scope.cls.kind or node.kind.text
                told = f"`{kind}` is empty" if about.bare else f"`{kind}` needs `{key}`"
                self.findings.error("MLA205", told, node.head, "nothing in it" if about.bare else "is missing here", help=about.doc)
            if key in needed and key not in scope.values:
                scope.failed.add(key)
                if (scope.cls.kind, key) in _STAND_INS:
                    made[name] = scope.values[key] = _STAND_INS[scope.cls.kind, key]
        if self._has_a_hole(node):  # any key that is not there may be the one that a syntax error has taken away
            scope.failed.update(key for key in scope.said if key not in scope.values)
        self.positions.lost.setdefault(scope.top, set()).update({scope.inner} if scope.inner and scope.failed else scope.failed)
        return scope.cls(**made) if {*needed} <= scope.values.keys() else MISSING

    def _has_a_hole(self, node: tree.Block) -> bool:
        return self.holes.first_within(node.span) is not None

    def _set(self, scope: Scope, key: str, span: Span, value: Any, value_span: Span | None = None) -> None:
        if key in scope.seen:
            self._twice(f"`{key}`", span, scope.seen[key])
            return
        scope.seen[key] = span
        self.positions.paths[f"{scope.at}.{key}"] = span
        if value_span is not None:
            self.positions.values[f"{scope.at}.{key}"] = value_span
        if value is MISSING:
            scope.failed.add(key)
        else:
            scope.values[key] = value

    def _twice(self, what: str, span: Span, first: Span) -> None:
        self.findings.error("MLA206", f"{what} is defined twice", span, "again", labels=(Label(first, "first defined here"),))

    # --- the statement forms ---------------------------------------------------------------------------------------

    def _attribute(self, scope: Scope, node: tree.Attribute) -> None:
        key = node.name.text
        form = scope.form(key)
        if form == "value" and not scope.said[key][2].bare:
            _, hint, about = scope.said[key]
            self._set(scope, key, node.span, self.reader.read(hint, about, node.value), node.value.span)
        elif scope.bare("settings"):
            field = scope.bare("settings") or ""
            path = f"{scope.at}.{key}"
            if path in self.positions.paths:
                self._twice(f"`{key}`", node.span, self.positions.paths[path])
                return
            self.positions.paths[path] = node.span
            self.positions.values[path] = node.value.span
            value = self.reader.setting(node.value)
            if value is not MISSING:
                scope.values.setdefault(field, {})[key] = value
        elif scope.bare("columns") and report_column(node, self.findings):
            scope.failed.add(scope.bare("columns") or "")
        elif form is None or scope.said[key][2].bare:
            meant = self._unknown(scope, node.name, node.span)
            if meant and scope.form(meant) == "value":
                _, hint, about = scope.said[meant]
                self._set(scope, meant, node.span, self.reader.read(hint, about, node.value))
        elif form == "limit" and not isinstance(node.value, tree.Unread):
            scope.failed.add(key)
            report_bound(node, scope.said[key][2], self.findings)
        elif isinstance(node.value, tree.Unread):
            scope.failed.add(key)
        else:
            self._form(key, form, node.span)

    def _definition(self, scope: Scope, node: tree.Attribute) -> None:
        assert node.label is not None
        key = node.label.text
        form = scope.form(key)
        if form != "definitions":
            self._form(key, form, node.span) if form else self._unknown(scope, node.label, node.span)
            return
        path = f"{scope.at}.{key}.{node.name.text}"
        if path in self.positions.paths:
            self._twice(f"`{key} {node.name.text}`", node.span, self.positions.paths[path])
            return
        self.positions.paths[path] = node.span
        made = self.reader.elaborate(node.value)
        if made is not None:
            scope.values.setdefault(key, {})[node.name.text] = Definition(made, node.doc)
        else:
            scope.failed.add(key)

    def _constraint(self, scope: Scope, node: tree.Constraint) -> None:
        term = node.term
        if isinstance(term, tree.Binary) and isinstance(term.left, tree.Path) and scope.form(term.left.text) == "limit":
            key = term.left.text
            self._set(scope, key, node.span, self._limit(scope.said[key][2], term), term.right.span)
            return
        field, form = (
            scope.bare("conditions"),
            scope.form(term.left.text) if isinstance(term, tree.Binary) and isinstance(term.left, tree.Path) else None,
        )
        if field is not None:
            self._condition(scope, field, node)
        elif form is not None and isinstance(term, tree.Binary):
            key = term.left.span.text
            scope.failed.add(key)
            if form != "value" or not report_comparison(key, term, self.findings):
                self._form(key, form, node.span)
        elif scope.bare("columns"):
            self._no_column(scope, node.span)
        elif isinstance(term, tree.Binary) and isinstance(term.left, tree.Path):
            self._unknown(scope, term.left.parts[0], node.span)
        else:
            self.findings.error("MLA212", "this block takes no conditions", node.span, "a condition")

    def _labelled_condition(self, scope: Scope, node: tree.Constraint) -> None:
        assert node.label is not None
        if scope.form(node.label.text) != "conditions":
            self._unknown(scope, node.label, node.span)
            return
        self._condition(scope, node.label.text, node)

    def _condition(self, scope: Scope, field: str, node: tree.Constraint) -> None:
        made = self.reader.elaborate(node.term)
        if made is None:
            scope.failed.add(field)
            return
        conditions = scope.values.setdefault(field, [])
        owner = scope.at if scope.said[field][2].bare else f"{scope.at}.{field}"
        self.positions.paths.setdefault(f"{scope.at}.{field}", node.span)
        self.positions.paths[f"{owner}.{len(conditions)}"] = node.span
        conditions.append(Condition(made))

    def _limit(self, about: About, term: tree.Binary) -> Any:
        if term.operator not in about.operators:
            allowed = " or ".join(f"`{operator}`" for operator in about.operators)
            caption = "the wrong way round" if term.operator in ("<", "<=", ">", ">=") else "not a bound"
            self.findings.error("MLA215", f"`{term.left.span.text}` is bounded by {allowed}, not by `{term.operator}`", term.span, caption)
            return MISSING
        if not isinstance(term.right, tree.Number):
            return self.reader.wrong(term.right.span, " or ".join(f"a {each.value}" for each in about.dimensions), term.right)
        bound = self.reader.read(Quantity, about, term.right)
        return MISSING if bound is MISSING else Limit(term.operator, bound)

    def _no_column(self, scope: Scope, span: Span) -> None:
        self.findings.error("MLA212", "a schema holds columns", span, "not a column", help="write `<name> : <type>`")
        scope.failed.add(scope.bare("columns") or "")

    def _column(self, scope: Scope, node: tree.TypedName) -> None:
        field = scope.bare("columns")
        if field is None or node.label is not None:
            word = node.label or node.name
            scope.failed.add(word.text)
            report_typed(node, scope.form(word.text), self.findings)
            return
        path = f"{scope.at}.{node.name.text}"
        if path in self.positions.paths:
            self._twice(f"column `{node.name.text}`", node.span, self.positions.paths[path])
            return
        self.positions.paths[path] = node.span
        column = read_column(node, self.reader)
        if column is not None:
            scope.values.setdefault(field, []).append(column)
        else:
            scope.failed.add(field)

    def _inner(self, scope: Scope, node: tree.Block) -> None:
        key = node.kind.text
        form = scope.form(key)
        if form == "block" and node.name is None and key in scope.seen:
            self._twice(f"`{key}`", node.head, scope.seen[key])
            self.block(alternatives(scope.said[key][1])[0], node, f"{scope.at}.{key} again", scope.top)
        elif form == "block" and node.name is None:
            cls = alternatives(scope.said[key][1])[0]
            made = self.block(cls, node, f"{scope.at}.{key}", scope.top)
            self._set(scope, key, node.head, made)
        elif form == "blocks" and node.name is not None:
            cls = typing.get_args(scope.said[key][1])[1]
            at = f"{scope.at}.{key}.{node.name.text}"
            if at in self.positions.paths:
                self._twice(f"`{key} {node.name.text}`", node.head, self.positions.paths[at])
                return
            made = self.block(cls, node, at, scope.top)
            if made is not MISSING:
                scope.values.setdefault(key, {})[node.name.text] = made
        elif form in ("block", "blocks"):
            told = f"`{key}` has no name here" if form == "block" else f"a `{key}` block has a name"
            self.findings.error("MLA202", told, node.head, f"write `{key} {{ … }}`" if form == "block" else f"write `{key} <name> {{ … }}`")
        elif form is None:
            meant = self._unknown(scope, node.kind, node.head)
            if meant and scope.form(meant) == "block" and node.name is None:
                made = self.block(alternatives(scope.said[meant][1])[0], node, f"{scope.at}.{meant}", scope.top)
                self._set(scope, meant, node.head, made)
        else:
            self._form(key, form, node.head)

    # --- what does not fit -----------------------------------------------------------------------------------------

    def _form(self, key: str, form: str, span: Span) -> None:
        self.findings.error("MLA212", f"`{key}` is not written like this", span, f"write `{_FORMS[form].format(key)}`")

    def _unknown(self, scope: Scope, word: tree.Word, span: Span) -> str | None:
        """Report a key that is none; return the one that is meant, if its value can be read in its place."""
        kind = scope.cls.kind or scope.at.rpartition(".")[2]
        known = [key for key, (_, _, about) in scope.said.items() if not about.bare]
        guess = scope.meant(word.text, known)
        # In YAML and on the command line the key says how its value is written.
        text = span.source.path is not None and not is_yaml(span)
        read = text and guess in scope.said and guess not in scope.written and scope.form(guess) in ("value", "block")
        if guess and not read:
            scope.failed.add(guess)  # it was meant: it is not missing as well
        belongs = None if guess else where_it_belongs(word.text)
        caption = f"did you mean `{guess}`?" if guess else f"belongs to {belongs}" if belongs else "unknown"
        self.findings.error(
            "MLA204",
            f"`{kind}` has no `{word.text}`",
            word.span,
            caption,
            help=f"`{kind}` has {names(known, 20)}" if known else None,
            fixes=correction(word.text, known, word.span),
        )
        if read and guess:
            scope.written.add(guess)
        return guess if read else None


#: What stands for a value that is missing or wrong, so that the rest of the block is checked all the same.
_STAND_INS: dict[tuple[str, str], Any] = {("system", "problem"): Problem.CLASSIFICATION, ("source", "connector"): Csv(path="rows.csv")}
_FORMS = {
    "value": "{} = …",
    "block": "{} {{ … }}",
    "blocks": "{} <name> {{ … }}",
    "definitions": "{} <name> = …",
    "conditions": "{} <condition>",
    "limit": "{} < …",
    "settings": "<name> = …",
    "columns": "<name> : <type>",
}


def is_yaml(span: Span) -> bool:
    """Tell whether a place lies in a file of the YAML form."""
    return span.source.path is not None and span.source.path.suffix in YAML_SUFFIXES
