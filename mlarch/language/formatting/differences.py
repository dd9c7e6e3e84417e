"""What formatting would change, as a unified diff."""

from __future__ import annotations

import difflib

_COLOURS = {"---": "1", "+++": "1", "@": "36", "-": "31", "+": "32"}


def unified(before: str, after: str, name: str) -> str:
    """Return a diff that `patch` and `git apply` take; it is empty for equal texts."""
    lines = difflib.unified_diff(_lines(before), _lines(after), f"a/{name}", f"b/{name}")
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def painted(diff: str) -> str:
    """Return a diff in the colours of a terminal."""
    return "".join(_painted(line) + "\n" for line in diff.split("\n")[:-1])


def _painted(line: str) -> str:
    code = next((code for start, code in _COLOURS.items() if line.startswith(start)), None)
    return f"\x1b[{code}m{line}\x1b[0m" if code else line


def _lines(text: str) -> list[str]:
    """The lines of a text, which end at line feeds only: a form feed or a Unicode separator ends none."""
    return [line + "\n" for line in text.split("\n")[:-1]] + ([text.rpartition("\n")[2]] if text.rpartition("\n")[2] else [])
