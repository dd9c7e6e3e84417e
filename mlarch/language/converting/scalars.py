"""Scalars of YAML: plain where they can be, in quotes where YAML, or another reader of it, would make something else of them."""

from __future__ import annotations

import re
from typing import Any

import yaml

#: What begins no plain scalar, with what begins one only before a word.
_BEGINS = re.compile(r"[\s,\[\]{}#&*!|>'\"%@`]|[-?:](?:\s|$)|---|\.\.\.")
_INSIDE = re.compile(r":(?:\s|$)|\s#|[\n\r\t\x00-\x1f\x7f-\xa0\u2028\u2029\ufeff]")
_FLOW = re.compile(r"[,\[\]{}?:]")
_STRAIGHT = re.compile("[\x20-\x7e\xa1-\u2027\u2030-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]*")
_RESOLVER: Any = yaml.SafeDumper("")  # type: ignore[arg-type]  # it writes nothing: only its rules are asked


def scalar(text: str, *, flow: bool) -> str:
    """Return an expression, a name or a key; the vocabulary reads it the same with quotes and without."""
    return text if can_be_plain(text, flow=flow) else in_quotes(text)


def text_scalar(text: str, *, flow: bool) -> str:
    """Return a text, in quotes also where YAML's own rules would read a number, a truth value, a date or nothing."""
    return scalar(text, flow=flow) if _is_text(text) else in_quotes(text)


def can_be_plain(text: str, *, flow: bool) -> bool:
    """Tell whether a scalar can stand without quotes; in a flow, between brackets, fewer can."""
    odd = not text or text == "<<" or text != text.strip() or _BEGINS.match(text) or _INSIDE.search(text)
    return not odd and not (flow and _FLOW.search(text))


def in_quotes(text: str) -> str:
    """Return a scalar in quotes: in double ones, or in single ones where it holds double ones or backslashes itself."""
    if _STRAIGHT.fullmatch(text):
        return "'" + text.replace("'", "''") + "'" if '"' in text or "\\" in text else f'"{text}"'
    return str(yaml.dump(text, default_style='"', allow_unicode=True, width=float("inf"))).rstrip("\n")


def _is_text(text: str) -> bool:
    return bool(_RESOLVER.resolve(yaml.ScalarNode, text, (True, False)) == "tag:yaml.org,2002:str")
