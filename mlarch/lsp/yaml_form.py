"""The YAML form under the cursor, said as text: one vocabulary, one way to find what may stand where.

Only the lines before the cursor count, by their indentation, so that a file is understood while it is being written.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from ..architecture.blocks import KINDS, NAMELESS
from ..architecture.forms import form_of
from ..architecture.nodes import abouts
from ..architecture.shapes import VOCABULARY_SHAPES, block_at
from ..language import tree
from ..language.diagnostics import Findings
from ..language.forming import Former
from ..language.load import YAML_SUFFIXES
from ..language.source import Source
from .cursor import TOP
from .offer import Offer

__all__ = ["Said", "in_yaml", "is_architecture", "said_at", "yaml_offers", "yaml_statements"]

_LANGUAGE = re.compile(r"^[\"']?language[\"']?[ \t]*:", re.MULTILINE)
_KEY = re.compile(r"""(?P<key>"[^"\n]*"|'[^'\n]*'|[^\s#&*!|>%@{}\[\],"'][^:\n{}\[\],]*?)[ \t]*:(?=[ \t]|$)""")
_DASHES = re.compile(r" *(?:-[ \t]+)*")
_FLOW = re.compile(
    r"""(?P<open>\{)|(?P<close>\})|(?P<comma>,)|(?P<list>\[)|(?P<end>\])|(?P<text>"[^"]*"|'[^']*'|[({][^)}]*[)}]|[^{},\[\]])"""
)


def in_yaml(path: object) -> bool:
    """Tell whether a file is YAML by its name."""
    return str(path).endswith(YAML_SUFFIXES)


def is_architecture(text: str) -> bool:
    """Tell whether a YAML text is an architecture: it says its language. Other tools have YAML files too."""
    return _LANGUAGE.search(text) is not None


def yaml_statements(source: Source) -> tuple[tree.Statement, ...] | None:
    """Return the statements of a YAML file without those of its config groups; None when it cannot be read."""
    from ..language.yaml.text import read_mapping

    said = read_mapping(source, Findings())
    return None if said is None else tuple(Former(VOCABULARY_SHAPES, Findings()).top(said.without("defaults")))


# --- where the cursor stands -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Said:
    """What stands before the cursor, as text of the language; `key` tells that a key is being written and no value."""

    text: str
    offset: int
    key: bool


@dataclass(frozen=True)
class _Spot:
    """The keys around, the key of the value that the cursor is in, and that value (or the key) before and behind the cursor."""

    path: tuple[str, ...]
    key: str | None
    before: str
    behind: str


def said_at(text: str, offset: int) -> Said | None:
    """Return what stands at an offset of a YAML text; None where the language has nothing to say, as in a comment."""
    spot = _spot(text, offset)
    opening = _opening(spot) if spot is not None else None
    if spot is None or opening is None:
        return None
    return Said(opening + spot.before + spot.behind, len(opening + spot.before), spot.key is None)


def _spot(text: str, offset: int) -> _Spot | None:
    start = text.rfind("\n", 0, offset) + 1
    end = text.find("\n", offset)
    before, behind = text[start:offset], text[offset : len(text) if end < 0 else end]
    if re.search(r"(?:^|[ \t])#", before):
        return None
    indent = len(before) - len(before.lstrip(" "))
    dashes = _DASHES.match(before)
    margin = dashes.end() if dashes else indent
    around = _around(text[:start], margin if before.strip() else len(before))
    match = _KEY.match(before, margin)
    if match is None:
        if before[margin:].startswith("{") and around:
            return _in_flow(around[:-1], around[-1], before[margin:], behind)
        if margin > indent or "-" in before[:margin]:  # an item of a list
            return _Spot(around[:-1], around[-1] if around else None, *_scalar(before[margin:], behind))
        return _Spot(around, None, before[margin:], re.match(r"[\w`]*", behind)[0])  # type: ignore[index]
    return _in_flow(around, _name(match["key"]), before[match.end() :].lstrip(), behind)


def _around(text: str, margin: int) -> tuple[str, ...]:
    """The keys of the lines before that a line at a margin lies below."""
    open_keys: list[tuple[int, str]] = []
    for line in text.split("\n"):
        dashes = _DASHES.match(line)
        at = dashes.end() if dashes else 0
        match = _KEY.match(line, at)
        if match is not None and not line.lstrip().startswith("#"):
            open_keys = [each for each in open_keys if each[0] < at]
            open_keys.append((at, _name(match["key"])))
    return tuple(key for at, key in open_keys if at < margin)


def _name(key: str) -> str:
    return key.strip().strip("\"'")


def _in_flow(path: tuple[str, ...], key: str, value: str, behind: str) -> _Spot:
    """A value on the line of its key; in braces, other keys lie below it."""
    if not value.startswith("{"):
        return _Spot(path, key, *_scalar(value, behind))
    around, current, start = list(path), key, 0
    for match in _FLOW.finditer(value):
        if match["open"]:
            around.append(current)
            current, start = "", match.end()
        elif match["close"]:
            current = around.pop() if len(around) > len(path) else key
            start = match.end()
        elif match["comma"] and "[" not in value[start : match.start()]:
            current, start = "", match.end()
        elif match["text"] == ":" and not current:
            current, start = _name(value[start : match.start()]), match.end()
    part = value[start:].lstrip()
    if current:
        return _Spot(tuple(around), current, *_scalar(part, re.split(r"[},]", behind)[0]))
    return _Spot(tuple(around), None, part, re.match(r"[\w`]*", behind)[0])  # type: ignore[index]


def _scalar(before: str, behind: str) -> tuple[str, str]:
    """The parts of a scalar without its quotes."""
    sign = before[:1]
    if sign in ("'", '"'):
        return before[1:], behind.partition(sign)[0]
    return before, behind.split(" #")[0]


# --- the same as text --------------------------------------------------------------------------------------------------


def _opening(spot: _Spot) -> str | None:
    """The text of the language up to the scalar: the blocks that are open, and the beginning of the statement."""
    path, made = list(spot.path), ""
    while path[:1] == ["overlay"]:
        if len(path) < 2:
            return None
        made, path = f"{made}overlay {path[1]} {{\n", path[2:]
    if not path:
        return _at_top(made, spot.key)
    kind = path.pop(0)
    if kind == "param":
        return f"{made}param {spot.key} : " if spot.key is not None and not path else None
    if kind in NAMELESS:
        return _within(f"{made}{kind} {{\n", (kind,), path, spot.key)
    if kind not in KINDS or not path:
        return None
    return _within(f"{made}{kind} `{path.pop(0)}` {{\n", (kind,), path, spot.key)


def _at_top(made: str, key: str | None) -> str | None:
    if key is None:
        return made
    return {"language": f"{made}language = ", "import": f'{made}import "'}.get(key)


def _within(made: str, kinds: tuple[str, ...], path: list[str], key: str | None) -> str | None:
    """Go into the blocks below, and begin the statement of a key."""
    while path:
        cls = block_at(kinds)
        said = abouts(cls) if cls is not None else {}
        inner = path.pop(0)
        form = form_of(said[inner][1]) if inner in said and not said[inner][2].bare else None
        if form == "definitions":
            return f"{made}{inner} `{key}` = " if key is not None and not path else None
        if form == "blocks" and not path and key is None:
            return f"{made}{inner} "  # a name is being written
        if form not in ("block", "blocks") or (form == "blocks" and not path):
            return None
        made += f"{inner} `{path.pop(0)}` {{\n" if form == "blocks" else f"{inner} {{\n"
        kinds = (*kinds, inner)
    return made if key is None else _begun(made, kinds, key)


def _begun(made: str, kinds: tuple[str, ...], key: str) -> str | None:
    cls = block_at(kinds)
    said = abouts(cls) if cls is not None else {}
    if key in said and not said[key][2].bare:
        form = form_of(said[key][1])
        if form == "block" and VOCABULARY_SHAPES.bare((*kinds, key)) == "conditions":
            return f"{made}{key} {{\n"  # a list of conditions
        return {"value": f"{made}{key} = ", "limit": f"{made}{key} ", "conditions": f"{made}{key} "}.get(form)
    match VOCABULARY_SHAPES.bare(kinds):
        case "columns":
            return f"{made}`{key}` : "
        case "settings":
            return f"{made}{key} = "
        case "conditions":
            return f"{made}{key} "
    return None


# --- what is offered ---------------------------------------------------------------------------------------------------


def yaml_offers(said: Said, offers: Iterable[Offer], kinds: tuple[str, ...]) -> list[Offer]:
    """Return offers as they are written in YAML; `kinds` are the blocks around."""
    return [_as_key(each, kinds) if said.key else each for each in offers]


def _as_key(offer: Offer, kinds: tuple[str, ...]) -> Offer:
    if not kinds:
        below = "$0" if offer.label in NAMELESS or offer.label == "param" else "${1:name}:\n    $0"
        plain = {"language": 'language: "1.0"', "import": "import:\n  - $0"}
        return replace(offer, text=plain.get(offer.label, f"{offer.label}:\n  {below}"), detail="" if offer.label in TOP else offer.detail)
    cls = block_at(kinds)
    said = abouts(cls) if cls is not None else {}
    form = form_of(said[offer.label][1]) if offer.label in said else ""
    sign = (offer.text.removeprefix(offer.label).split() or ["<"])[0]
    made = {
        "block": f"{offer.label}:\n  $0",
        "blocks": f"{offer.label}:\n  ${{1:name}}:\n    $0",
        "definitions": f"{offer.label}:\n  ${{1:name}}: $0",
        "conditions": f"{offer.label}:\n  - $0",
        "limit": f'{offer.label}: "{sign} $0"',
    }
    return replace(
        offer, text=made.get(form, f"{offer.text.split(' ')[0] or offer.label}: "), detail=f"{offer.label}: …" if form else offer.detail
    )
