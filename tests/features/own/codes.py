"""Code of a user's for the tests: functions that look at exactly what they are given."""

from __future__ import annotations

from pathlib import Path

from mlarch.architecture.program import Code, CodeFile
from mlarch.runtime.features.own.collecting import digest_of

#: One number for whatever is given: another type, another zone, or a sign of zero would be another number.
SEEN = """\
from __future__ import annotations

import zlib
from dataclasses import dataclass

from . import marks
from .marks import mark as marked


@dataclass
class Seen:
    text: "str"


def seen(*values):
    from .late import SHIFT

    found = Seen("; ".join(f"{type(value).__name__} {value!r}" for value in values))
    number = zlib.crc32(found.text.encode("utf-8", "surrogatepass")) + SHIFT + marks.mark() - marked()
    return None if number % 11 == 0 else number % 7 == 0 if number % 5 == 0 else float("nan") if number % 13 == 0 else number


def length(text):
    return len(text)
"""
FILES = {
    "shop/__init__.py": "",
    "shop/words.py": SEEN,
    "shop/marks.py": "def mark():\n    return 3\n",
    "shop/late.py": "SHIFT = 1\n",
}


def code(files: dict[str, str]) -> Code:
    """Return files as the code of a program."""
    return Code(digest_of(files, {}), tuple(CodeFile(path, files[path]) for path in sorted(files)))


def written(folder: Path, files: dict[str, str] = FILES) -> Path:
    """Write files into a folder."""
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    return folder
