"""A renaming that is written down, so that a plan shows one block with another name and not one gone and another come.

It is written down where something goes by the old name already: the last build, or the last commit. A block that was only just begun gets
another name and no more.
"""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from ..architecture.blocks.moved import MOVABLE, Moved
from ..architecture.expressions import word
from ..architecture.lock import LOCK_NAME
from ..language import tree
from ..language.diagnostics import Findings
from ..language.pieces import in_file, statements
from ..language.source import Source
from .yaml_form import in_yaml, yaml_statements

#: A repository that takes longer than this, in seconds, is not asked.
_PATIENCE = 2.0


@dataclass(frozen=True)
class Renaming:
    """A block that gets another name: its kind, the old and the new."""

    kind: str
    old: str
    new: str

    @property
    def before(self) -> str:
        return f"{self.kind}.{self.old}"

    @property
    def after(self) -> str:
        return f"{self.kind}.{self.new}"

    @property
    def text(self) -> str:
        """The renaming as a block of the language."""
        return f"moved {{ from = {self.kind}.{word(self.old)}, to = {self.kind}.{word(self.new)} }}\n"


def renaming_of(symbol: str, new: str) -> Renaming | None:
    """Return the renaming of a symbol; None where nothing can go by its name: a column, a parameter, the system."""
    kind, _, old = symbol.partition(".")
    return Renaming(kind, old, new) if kind in MOVABLE and "." not in old and old != new else None


def moves(body: Iterable[tree.Statement]) -> Iterator[tuple[tree.Block, str, str]]:
    """Yield the renamings that are written down in a file: the block, the name before and the name now."""
    for node in body:
        if isinstance(node, tree.Block) and node.kind.text == Moved.kind:
            said = {each.name.text: each.value for each in node.body if isinstance(each, tree.Attribute)}
            start, end = said.get("from"), said.get("to")
            if isinstance(start, tree.Path) and isinstance(end, tree.Path):
                yield node, start.text, end.text


def added(text: str, body: Iterable[tree.Statement], renaming: Renaming) -> tuple[int, str]:
    """Return where in a file a renaming is written, and what: behind the others, or at the end."""
    last = max((in_file(node.span)[1] for node, _, _ in moves(body)), default=None)
    if last is not None:
        end = text.find("\n", last)
        return (len(text), f"\n{renaming.text}") if end < 0 else (end + 1, renaming.text)
    return len(text), ("" if text.endswith("\n") else "\n") + f"\n{renaming.text}"


def taken_back(text: str, node: tree.Block) -> tuple[int, int]:
    """Return the offsets of a renaming that has become none, with its lines."""
    start, end = in_file(node.span)
    start = text.rfind("\n", 0, start) + 1
    end = text.find("\n", end) + 1 or len(text)
    at_end = not text[end:].strip()
    return (len(text[:start].rstrip()) + 1 if at_end else start), (len(text) if at_end else end)


# --- the same in YAML --------------------------------------------------------------------------------------------------


def in_yaml_text(text: str, path: Path, renamings: Iterable[tuple[str, str]]) -> tuple[int, int, str] | None:
    """Return what of a YAML text becomes what, so that it says these renamings; None where it cannot be read."""
    from ..language.yaml.text import read_mapping

    said = read_mapping(Source(path.name, text, path), Findings())
    if said is None:
        return None
    lines = [f"{{from: {before}, to: {now}}}" for before, now in renamings]
    made = f"{Moved.kind}: {lines[0]}\n" if len(lines) == 1 else "".join(f"  - {each}\n" for each in lines)
    made = made if len(lines) < 2 else f"{Moved.kind}:\n{made}"
    entry = said.entries.get(Moved.kind)
    if entry is None:
        return len(text), len(text), ("" if text.endswith("\n") else "\n") + (f"\n{made}" if lines else "")
    start, end = entry.span.start, len(text[: entry.span.end].rstrip())
    end = text.find("\n", end) + 1 or len(text)
    if not lines and not text[end:].strip():
        return len(text[:start].rstrip()) + 1, len(text), ""
    return start, end, made if lines else ""


# --- what goes by the old name -----------------------------------------------------------------------------------------


def is_known(roots: Iterable[Path], declared: Path, block: Renaming) -> bool:
    """Tell whether the last build of an architecture, or the last commit of the file, has the block by its old name."""
    return any(_is_built(root, block) for root in roots) or _is_committed(declared, block)


def _is_built(root: Path, block: Renaming) -> bool:
    for lock in root.parent.glob(f"build/*/{LOCK_NAME}"):
        with contextlib.suppress(OSError, msgspec.DecodeError, KeyError, IndexError, TypeError):  # not a build of this version
            said: Any = msgspec.json.decode(lock.read_bytes())
            if (lock.parent / said["files"][0]["path"]).resolve() == root and block.old in said["architecture"][block.kind]:
                return True
    return False


def _is_committed(path: Path, block: Renaming) -> bool:
    command = ["git", "-C", str(path.parent), "cat-file", "blob", f"HEAD:./{path.name}"]
    try:
        done = subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL, timeout=_PATIENCE)
    except (OSError, subprocess.TimeoutExpired):
        return False
    if done.returncode:
        return False
    source = Source(path.name, done.stdout.decode("utf-8-sig", errors="replace"))
    body = (yaml_statements(source) or ()) if in_yaml(path) else statements(source, Findings())
    return any(isinstance(node, tree.Block) and node.kind.text == block.kind and node.name and node.name.text == block.old for node in body)
