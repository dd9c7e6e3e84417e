"""The converter: a `.mlarch` text as YAML, and back, with every comment at its statement.

A file of either form becomes one outline: its statements with the comments that belong to each (`reading`, `comments`, `outline`). The
outline is written in either form: `to_text` and `to_yaml`, which share how an expression is written (`expressions`), how a scalar is
(`scalars`), and which blocks stay on one line (`inlining`). `proof` reads the result again and compares.
"""

from __future__ import annotations

from pathlib import Path

from ..load import YAML_SUFFIXES
from ..shapes import Shapes
from ..source import Source
from .outline import Outlined
from .proof import Changed, Unsayable, prove
from .reading import read
from .to_text import text_of
from .to_yaml import yaml_of

__all__ = ["Changed", "Outlined", "Unsayable", "converted", "is_yaml", "read"]


def is_yaml(source: Source) -> bool:
    """Tell which of the two forms a file has."""
    return source.path is not None and source.path.suffix in YAML_SUFFIXES


def converted(outlined: Outlined, to_yaml: bool, shapes: Shapes, twin: Path = Path("converted")) -> str:
    """Return what a file says in the other form, in its canonical style; it is read again as `twin`, a file that there need not be.

    Raises Unsayable when the other form has no way to say something, and Changed when the result would not say the same with the same
    comments, which is a mistake of the converter's. Its caller writes nothing then.
    """
    text = yaml_of(outlined, shapes) if to_yaml else text_of(outlined, shapes, twin)
    prove(outlined, text, to_yaml, shapes, twin)
    return text
