"""What the formats for other programs share: one message in words, and file names as those programs know them."""

from __future__ import annotations

import os
from pathlib import Path

from ..diagnostics import Diagnostic


def in_words(item: Diagnostic) -> str:
    """Return all that a finding says, without its place: the message first, notes and helps on lines of their own."""
    lines = [f"{item.message}: {item.caption}" if item.caption else item.message]
    lines += [f"note: {note}" for note in item.notes]
    lines += [f"help: {help}" for help in item.helps]
    lines += [f"fix: {fix.title}" for fix in item.fixes]
    return "\n".join(lines)


def relative(path: Path) -> str:
    """Return a path from the root of the checkout, in a GitHub workflow, or else from the working folder."""
    root = os.environ.get("GITHUB_WORKSPACE") or os.curdir
    try:
        return Path(os.path.relpath(path.resolve(), Path(root).resolve())).as_posix()
    except ValueError:  # on another drive
        return path.resolve().as_posix()
