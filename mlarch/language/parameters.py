"""Parameters: `param data : string = "data"` names a constant that `param.data` and `${param.data}` put in place."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from . import tree
from .diagnostics import Findings
from .parameter_types import fits, kind_of
from .parsing.parser import parse_expression
from .reuse import told_once
from .shapes import Shapes
from .suggest import correction, names, nearest, replacing_text

_PLACE = re.compile(r"\$\{([^}]*)\}")


def place_parameters(
    body: Sequence[tree.Statement], given: Mapping[str, tree.Scalar], shapes: Shapes, findings: Findings
) -> tuple[tree.Statement, ...]:
    """Return the statements without their `param` lines, every use replaced by its value: the one `given`, or the default."""
    declared = {each.name.text: each for each in body if isinstance(each, tree.TypedName) and each.label and each.label.text == "param"}
    values: dict[str, tree.Expression] = {}
    for name, scalar in given.items():
        if name not in declared:
            guess = nearest(name, declared)
            findings.error(
                "MLA007",
                f"there is no parameter `{name}`",
                scalar.span,
                f"did you mean `{guess}`?" if guess else "unknown",
                help=_known(declared),
            )
    for name, parameter in declared.items():
        if isinstance(parameter.type, tree.Unread):
            continue
        value = _read(parameter, given[name], findings) if name in given else parameter.default
        if value is None:
            findings.error(
                "MLA007",
                f"the parameter `{name}` has no value",
                parameter.span,
                "no default",
                help=f"give one on the command line: `param.{name}=…`",
            )
        elif fits(parameter, value, shapes, findings):
            values[name] = value
    names_of = " ".join(declared)

    def place(statement: tree.Statement) -> tree.Statement:
        parts = (statement, names_of, *declared.values(), *values.values())
        made: tree.Statement = told_once("placed", parts, findings, lambda own: _Placing(values, declared, own)(statement))
        return made

    return tuple(place(each) for each in body if each not in declared.values())


def _known(declared: Mapping[str, tree.TypedName]) -> str:
    return f"the parameters are {names(declared)}" if declared else "the file declares none"


def _read(parameter: tree.TypedName, given: tree.Scalar, findings: Findings) -> tree.Expression:
    """Read a value from the command line by the parameter's type."""
    if kind_of(parameter) in ("string", "category") and not (parameter.nullable and given.text == "null" and not given.quoted):
        return tree.String(given.text, given.span)
    return parse_expression(given, findings) or tree.Unread(given.span)


class _Placing:
    """Rebuilds statements and expressions with parameters put in place; what holds none is kept as it is."""

    def __init__(self, values: Mapping[str, tree.Expression], declared: Mapping[str, tree.TypedName], findings: Findings) -> None:
        self.values = values
        self.declared = declared
        self.findings = findings

    def __call__(self, node: Any) -> Any:
        if isinstance(node, tree.Path):
            return self._path(node)
        if isinstance(node, tree.String) and ("${" in node.value or tree.DOLLAR in node.value):
            return replace(node, value=self._text(node.value, node).replace(tree.DOLLAR, "$"))
        if isinstance(node, tuple):
            made = tuple(self(part) for part in node)
            return node if all(new is old for new, old in zip(made, node, strict=True)) else made
        changed = {}
        for name in tree.parts_of(node.__class__):
            old = getattr(node, name)
            new = self(old)
            if new is not old:
                changed[name] = new
        return replace(node, **changed) if changed else node

    def _path(self, node: tree.Path) -> tree.Expression:
        if node.parts[0].text != "param" or len(node.parts) < 2:
            return node
        name = ".".join(part.text for part in node.parts[1:])
        if name in self.values:
            return replace(self.values[name], span=node.span)
        self._unknown(name, node)
        return tree.Unread(node.span)

    def _text(self, text: str, node: tree.Expression) -> str:
        def put(match: re.Match[str]) -> str:
            kind, _, name = match[1].strip().partition(".")
            value = self.values.get(name) if kind == "param" else None
            if isinstance(value, tree.String):
                return value.value
            if isinstance(value, tree.Path) and value.text == "null":
                self.findings.error("MLA007", f"the parameter `{name}` is `null`, and a text needs its value", node.span, "no value")
                return ""
            if isinstance(value, (tree.Number, tree.Path)):
                return value.text
            if isinstance(value, tree.Unary):
                return value.operator + value.operand.span.text
            if kind == "param":
                self._unknown(name, node)
            else:
                self._resolver(match[0], node)
            return match[0]

        return _PLACE.sub(put, text)

    def _resolver(self, text: str, node: tree.Expression) -> None:
        kind, _, name = text[2:-1].strip().partition(".")
        if kind in ("var", "local", "params") and name.isidentifier():
            written = f"${{param.{name}}}"
            told = f"a parameter is named `{written}` here, not `{text}`"
            self.findings.error("MLA007", told, node.span, "no parameter", fixes=replacing_text(text, written, node.span))
            return
        self.findings.error(
            "MLA007",
            f"only a parameter can stand in a text, `${{param.<name>}}`, not `{text}`",
            node.span,
            "no parameter",
            help='nothing is computed or read from the environment here; a secret is `secret("NAME")`',
        )

    def _unknown(self, name: str, node: tree.Expression) -> None:
        if name in self.declared:
            return  # its own line was reported
        guess = nearest(name, self.declared)
        self.findings.error(
            "MLA007",
            f"there is no parameter `{name}`",
            node.span,
            f"did you mean `{guess}`?" if guess else "unknown",
            help=_known(self.declared),
            fixes=correction(name, self.declared, node.span),
        )
