"""What a value of the wrong form plainly means: `"model.late"` for `model.late`, `yes` for `true`, a text for the call that takes it."""

from __future__ import annotations

from typing import Any

from ..language import tree
from ..language.diagnostics import Fix
from ..language.suggest import correction
from .nodes import abouts
from .quantities import Quantity, QuantityError, parse_quantity
from .typing import CONSTANT_WORDS
from .vocabulary import About, Reference, Variant, is_struct, tag_of


def as_meant(members: tuple[Any, ...], about: About, node: tree.Expression) -> tuple[Fix, ...]:
    """The fix that writes what a value of another form plainly means, if there is one."""
    written = _written(members, about, node)
    if written is None:
        return correction(node.text, ("true", "false"), node.span) if bool in members and isinstance(node, tree.Path) else ()
    return (Fix(f"write `{written}`", node.span, written),)


def _written(members: tuple[Any, ...], about: About, node: tree.Expression) -> str | None:
    text = node.value if isinstance(node, tree.String) else node.text if isinstance(node, (tree.Path, tree.Number)) else None
    if text is None:
        return None
    if bool in members:
        meant = CONSTANT_WORDS.get(text.lower(), {"1": "true", "0": "false"}.get(text))
        return meant if meant in ("true", "false") else None
    if str in members and isinstance(node, tree.Number):
        return f'"{text}"'
    if not isinstance(node, tree.String):
        return None
    if Reference in members:
        kind, _, name = text.rpartition(".")
        fits = name.isidentifier() and (kind in about.refers or (not kind and len(about.refers) == 1))
        return f"{kind or about.refers[0]}.{name}" if fits else None
    if Quantity in members:
        try:
            return text if parse_quantity(text).dimension in about.dimensions else None
        except QuantityError:
            return None
    return _call_of(members, text)


def _call_of(members: tuple[Any, ...], text: str) -> str | None:
    """A text as the call that takes it: `cron("0 2 * * 1")`, `csv("visits.csv")`."""
    calls = [member for member in members if is_struct(member, Variant) and next(iter(abouts(member).values()), (None, None))[1] is str]
    fitting = [tag for tag in map(tag_of, calls) if len(calls) == 1 or text.endswith(f".{tag}")]
    return f'{fitting[0]}("{text}")' if len(fitting) == 1 and set(text).isdisjoint('"\\\n') else None


def of_others(kind: type, node: tree.Expression) -> str | None:
    """What stands in the place of what other languages have."""
    if kind is str and isinstance(node, tree.Call) and node.function.text in ("env", "getenv", "environ", "param", "var"):
        return 'nothing is read from the environment: there are parameters, `param.<name>`, and `secret("NAME")` where a secret can stand'
    return None
