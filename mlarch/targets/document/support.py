"""The support table: what each key of the language comes to today, written from the vocabulary itself.

`python -m mlarch.targets.document.support` writes `docs/reference/support.md`.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...architecture.blocks import KINDS, NAMELESS
from ...architecture.nodes import abouts
from ...architecture.vocabulary import Block
from .keys import function_row, inner_block, named_functions, status_of, written_as
from .markdown import bullets, code, prose, table
from .pages import GENERATED, write

#: What the language has beside keys and functions and is not carried out yet; a test asserts that `check` says so of each.
BEYOND_KEYS = {
    "gate functions": "Functions in a gate: `worst(recall, by=origin)`.",
}

_INTRO = """\
Nothing that is accepted is ignored. **Carried out** reaches an engine, a decision at run time or a check; **in documents** is shown to
people and has no other effect, as it is meant; **planned** is read and checked, `mlarch check` warns of it (MLA801), and `mlarch compile`
and `mlarch run` refuse it. `mlarch document` shows planned keys too, and marks them."""


def support() -> str:
    """Return the text of the page."""
    blocks = ["# What is carried out", GENERATED, _INTRO]
    for kind, cls in (KINDS | NAMELESS).items():
        blocks += [f"## {code(kind)}", prose(cls.__doc__ or ""), table(("Key", "Written as", "Status", "Meaning"), _keys(cls, ""))]
    blocks += [
        "## Functions of the feature language",
        table(("Function", "Kind", "Meaning"), map(function_row, named_functions())),
    ]
    blocks += ["## Planned beside these", bullets(map(prose, BEYOND_KEYS.values()))]
    return "\n\n".join(blocks) + "\n"


def _keys(cls: type[Block], prefix: str) -> Iterator[tuple[str, ...]]:
    for key, (_, hint, about) in abouts(cls).items():
        yield code(f"{prefix}{key}"), written_as(key, hint, about), status_of(about), prose(about.doc)
        inner = inner_block(hint)
        if inner is not None:
            yield from _keys(inner, f"{prefix}{key}.")


if __name__ == "__main__":
    write({"support.md": support})
