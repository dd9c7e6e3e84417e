"""Reading one value by the type that the vocabulary gives it."""

from __future__ import annotations

import types
import typing
from enum import Enum
from typing import Any

from ..language import tree
from ..language.diagnostics import Findings, Fix
from ..language.source import Span
from ..language.suggest import correction, names, nearest
from .elaboration import CONSTANTS, Elaborator
from .expressions import Literal
from .meant import as_meant, of_others
from .nodes import abouts, required
from .positions import Positions
from .quantities import Dimension, Quantity
from .vocabulary import About, Reference, Variant, is_struct
from .vocabulary import tag_of as tag_of


class _Missing:
    """The value could not be read; the reason is among the findings."""

    def __repr__(self) -> str:
        return "MISSING"


MISSING: Any = _Missing()


def alternatives(hint: Any) -> tuple[Any, ...]:
    """Return the members of a union without None, or the type itself."""
    if isinstance(hint, types.UnionType) or typing.get_origin(hint) is typing.Union:
        return tuple(member for member in typing.get_args(hint) if member is not type(None))
    return (hint,)


def is_expression(hint: Any) -> bool:
    """Tell whether a type is the union of expression nodes."""
    return Literal in alternatives(hint)


class ValueReader:
    """Reads values; what is wrong goes to the findings, and the result is then MISSING."""

    def __init__(self, positions: Positions, findings: Findings) -> None:
        self.findings = findings
        self.elaborate = Elaborator(positions, findings)

    def read(self, hint: Any, about: About, node: tree.Expression) -> Any:
        """Read a node as a value of the type `hint`."""
        if is_expression(hint):
            made = self.elaborate(node)
            return MISSING if made is None else made
        members = alternatives(hint)
        origin = typing.get_origin(members[0])
        if origin is tuple:
            return self._tuple(typing.get_args(members[0]), about, node)
        return MISSING if isinstance(node, tree.Unread) else self._one(members, about, node)

    def wrong(self, span: Span, wanted: str, node: tree.Expression, help: str | None = None, fixes: tuple[Fix, ...] = ()) -> Any:
        """Report a value of the wrong form."""
        # A long list of what may stand here is said once.
        caption = f"not {wanted}" if len(wanted) <= 40 else "none of these"
        self.findings.error("MLA207", f"expected {wanted}, found {describe(node)}", span, caption, help=help, fixes=fixes)
        return MISSING

    def setting(self, node: tree.Expression) -> Any:
        """Read a free value: number, text, true, false, null, or a bare name as text."""
        if isinstance(node, tree.Path) and node.text not in CONSTANTS:
            return node.text
        made = self.elaborate(node)
        if made is None:
            return MISSING
        return made.value if isinstance(made, Literal) else self.wrong(node.span, "a number, a text, true, false or null", node)

    def _tuple(self, parts: tuple[Any, ...], about: About, node: tree.Expression) -> Any:
        if len(parts) == 2 and parts[1] is not Ellipsis:
            return self._pair(about, node)
        items = node.items if isinstance(node, tree.Items) else (node,)
        values = [self.read(parts[0], about, item) for item in items]
        return MISSING if MISSING in values else tuple(values)

    def _pair(self, about: About, node: tree.Expression) -> Any:
        if not isinstance(node, (tree.Interval, tree.Number)):
            return MISSING if isinstance(node, tree.Unread) else self.wrong(node.span, "a whole number or a range, `1..8`", node)
        ends = (node.low, node.high) if isinstance(node, tree.Interval) else (node,)
        values = [self._one((int,), about, end) for end in ends]
        return MISSING if MISSING in values else (values[0], values[-1])

    def _one(self, members: tuple[Any, ...], about: About, node: tree.Expression) -> Any:
        if isinstance(node, tree.Call) and not (node.function.text in ("env", "getenv") and str in members):
            return self._variant([each for each in members if is_struct(each, Variant)], members, about, node)
        if isinstance(node, tree.Path) and Reference in members:
            return self._reference(about, node)
        if isinstance(node, tree.Number) and (Quantity in members):
            return self._quantity(about, node)
        for member in members:
            if isinstance(member, type) and issubclass(member, Enum):
                return self._member(member, node)
            if member in (str, int, float, bool):
                return self._plain(member, about, node)
        return self.wrong(node.span, wanted(members, about), node, _example(members), fixes=as_meant(members, about, node))

    def _plain(self, kind: type, about: About, node: tree.Expression) -> Any:
        match node:
            case tree.Path() if kind is bool and node.text in ("true", "false"):
                return node.text == "true"
            case tree.Path() if kind is str and about.word and len(node.parts) == 1:
                return node.text
            case tree.String() if kind is str and about.word:
                name = node.value if node.value.isidentifier() else f"`{node.value}`"
                fix = Fix("remove the quotes", node.span, name)
                self.findings.error("MLA207", "expected a name, found a text", node.span, "write it without quotes", fixes=(fix,))
                return MISSING
            case tree.String() if kind is str:
                return node.value
            case tree.Path() if kind is str and node.parts[0].text in ("var", "local", "params") and len(node.parts) == 2:
                written = f"param.{node.parts[1].text}"
                fix = Fix(f"write `{written}`", node.span, written)
                self.findings.error("MLA207", f"a parameter is named `{written}` here", node.span, f"write `{written}`", fixes=(fix,))
                return MISSING
            case tree.Path() if kind is str:
                fix = Fix("add quotes", node.span, f'"{node.text}"')
                self.findings.error("MLA207", "expected a text, found a name", node.span, "write it in quotes", fixes=(fix,))
                return MISSING
            case tree.Number() if kind in (int, float):
                return self._number(kind, node)
            case tree.Unary("-", tree.Number() as operand) if kind in (int, float):
                value = self._number(kind, operand)
                return value if value is MISSING else -value
        return self.wrong(node.span, wanted((kind,), about), node, of_others(kind, node), fixes=as_meant((kind,), about, node))

    def _number(self, kind: type, node: tree.Number) -> Any:
        quantity = self.elaborate.quantity(node)
        if quantity is None:
            return MISSING
        if quantity.dimension is not Dimension.NUMBER:
            self.findings.error("MLA208", f"expected a number, found the {quantity.dimension.value} `{node.text}`", node.span, "has a unit")
            return MISSING
        if kind is int and (quantity.base != int(quantity.base) or abs(quantity.base) >= 2**63):
            return self.wrong(node.span, "a whole number", node)
        return kind(quantity.base)

    def _quantity(self, about: About, node: tree.Number) -> Any:
        quantity = self.elaborate.quantity(node)
        if quantity is None:
            return MISSING
        if about.dimensions and quantity.dimension not in about.dimensions:
            expected = " or ".join(dimension.value for dimension in about.dimensions)
            self.findings.error(
                "MLA208",
                f"expected a {expected}, found the {quantity.dimension.value} `{node.text}`",
                node.span,
                f"not a {expected}",
                help=_UNITS[about.dimensions[0]],
            )
            return MISSING
        return quantity

    def _member(self, cls: type[Enum], node: tree.Expression) -> Any:
        known = [str(member.value) for member in cls]
        if isinstance(node, tree.Path) and node.text in known:
            return cls(node.text)
        if isinstance(node, (tree.Path, tree.String)):
            text = node.text if isinstance(node, tree.Path) else node.value
            guess = text if text in known else nearest(text, known)
            fixes = (Fix(f"write `{guess}`", node.span, text),) if guess == text else correction(text, known, node.span)
            caption = "write it without quotes" if guess == text else f"did you mean `{guess}`?" if guess else "unknown"
            told = f"`{text}` is a name, which stands without quotes" if guess == text else f"`{text}` is not one of {names(known)}"
            self.findings.error("MLA209", told, node.span, caption, fixes=fixes)
            return cls(guess) if guess else MISSING
        return self.wrong(node.span, f"one of {names(known)}", node)

    def _reference(self, about: About, node: tree.Path) -> Any:
        if len(node.parts) == 2 and node.parts[0].text in about.refers:
            return Reference(node.parts[0].text, node.parts[1].text)
        few = about.refers if len(about.refers) <= 4 else ("kind",)
        kinds = " or ".join(f"`{kind}.<name>`" for kind in few)
        if len(node.parts) == 1:
            written = f"{about.refers[0]}.{node.text}"
            fix = Fix(f"write `{written}`", node.span, written)
            self.findings.error("MLA210", f"a reference names its kind: `{written}`", node.span, f"expected {kinds}", fixes=(fix,))
        elif len(node.parts) > 2 and node.parts[0].text in about.refers:
            whole = ".".join(part.text for part in node.parts[:2])
            told = f"expected a reference to {kinds}, found `{node.text}`"
            self.findings.error("MLA210", told, node.span, "a part of a block", help=f"here a whole block is named, such as `{whole}`")
        else:
            kind = node.parts[0]
            guess = nearest(kind.text, about.refers)
            caption = f"did you mean `{guess}.{node.parts[1].text}`?" if guess and len(node.parts) == 2 else "another kind of block"
            fixes = correction(kind.text, about.refers, kind.span) if len(node.parts) == 2 else ()
            self.findings.error("MLA210", f"expected a reference to {kinds}, found `{node.text}`", node.span, caption, fixes=fixes)
            if guess and fixes:
                return Reference(guess, node.parts[1].text)
        return MISSING

    def _variant(self, variants: list[type[Variant]], members: tuple[Any, ...], about: About, node: tree.Call) -> Any:
        if not variants:
            return self.wrong(node.span, wanted(members, about), node)
        by_name = {tag_of(variant): variant for variant in variants}
        name = node.function.text
        if name not in by_name:
            guess = nearest(name, by_name)
            caption = f"did you mean `{guess}`?" if guess else "unknown here"
            self.findings.error(
                "MLA209",
                f"`{name}(…)` is not one of {names(by_name)}",
                node.function.span,
                caption,
                fixes=correction(name, by_name, node.function.span),
            )
            return MISSING
        return self._arguments(by_name[name], name, node)

    def _arguments(self, cls: type[Variant], name: str, node: tree.Call) -> Any:
        said = abouts(cls)
        order = list(said)
        given: dict[str, Any] = {}
        for position, argument in enumerate(node.arguments):
            key = argument.name.text if argument.name else (order[position] if position < len(order) else None)
            if key is None or key not in said or key in given:
                self._argument(name, order, key, key in given, argument.span)
                return MISSING
            _, hint, about = said[key]
            given[key] = self.read(hint, about, argument.value)
        if any(value is MISSING for value in given.values()):
            return MISSING
        absent = [key for key in required(cls) if key not in given]
        if absent:
            self.findings.error(
                "MLA211",
                f"`{name}` needs {names(absent)}",
                node.span,
                "an argument is missing",
                help=f"it is written `{name}({', '.join(order)})`",
            )
            return MISSING
        return cls(**{said[key][0]: value for key, value in given.items()})

    def _argument(self, name: str, order: list[str], key: str | None, twice: bool, span: Span) -> None:
        """Report an argument that a call does not take."""
        guess = nearest(key, order) if key and not twice else None
        told = (
            "is given twice"
            if twice
            else f"has no argument `{key}`"
            if key
            else f"takes {len(order) or 'no'} argument{'s' * (len(order) != 1)}"
        )
        self.findings.error(
            "MLA211",
            f"`{name}` {told}" if not twice else f"the argument `{key}` {told}",
            span,
            f"did you mean `{guess}`?" if guess else "again" if twice else "one too many" if key is None else "unknown argument",
            help=f"it is written `{name}({', '.join(order)})`",
            fixes=correction(key, order, span) if guess and key else (),
        )


_UNITS = {
    Dimension.DURATION: "durations are written `50ms 2s 10min 1h 7d`",
    Dimension.SIZE: "sizes are written `16GiB 20GB`",
    Dimension.RATE: "rates are written `1000req/s`",
    Dimension.RATIO: "ratios are written `5%`",
    Dimension.MONEY: "money is written `12.5usd/h`",
    Dimension.NUMBER: "a plain number has no unit",
}
_PLAIN = {str: "a text in quotes", int: "a whole number", float: "a number", bool: "`true` or `false`"}


def wanted(members: tuple[Any, ...], about: About) -> str:
    """Say in words which values a type takes."""
    said: list[str] = []
    for member in members:
        if member in _PLAIN:
            said.append("a name" if member is str and about.word else _PLAIN[member])
        elif member is Quantity:
            said.append(" or ".join(f"a {dimension.value}" for dimension in about.dimensions) or "a quantity")
        elif member is Reference:
            said.append(" or ".join(f"`{kind}.<name>`" for kind in about.refers))
        elif is_struct(member, Variant):
            said.append(f"`{tag_of(member)}(…)`")
        elif is_struct(member, Enum):
            said.append("one of " + names(str(each.value) for each in member))
    return " or ".join(said)


def _example(members: tuple[Any, ...]) -> str | None:
    first = next((member for member in members if is_struct(member, Variant)), None)
    if first is None:
        return None
    return f"for example `{first.example or f'{tag_of(first)}(' + ', '.join(abouts(first)) + ')'}`"


def describe(node: tree.Expression) -> str:
    """Say in words what was found."""
    match node:
        case tree.String():
            return "a text"
        case tree.Number():
            return f"the number `{node.text}`"
        case tree.Path():
            return f"the name `{node.text}`"
        case tree.Items():
            return "a list"
        case tree.Call():
            return f"a call of `{node.function.text}`"
        case tree.Interval():
            return "a range"
        case tree.Date():
            return "a date"
        case tree.Unary("-", tree.Number()):
            return f"the negative `{node.span.text}`"
    return "an expression"
