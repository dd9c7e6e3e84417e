"""Generated pages: what each begins with, and how they are written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

#: Where the pages lie in a checkout.
FOLDER = Path("docs", "reference")

GENERATED = "This page is generated from the code by `python -m mlarch.targets.document.reference`; a test keeps them equal."


def write(pages: Mapping[str, Callable[[], str]], folder: Path = FOLDER) -> None:
    """Write pages into a folder, which is made where it is missing."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, page in pages.items():
        (folder / name).write_text(page(), encoding="utf-8")
