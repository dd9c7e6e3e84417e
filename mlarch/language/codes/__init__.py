"""Every diagnostic code, with what it means: `mlarch explain CODE` shows it.

Ranges: 0 files and command line, 1 syntax, 2 names and vocabulary, 3 types of expressions, 4 the architecture as a whole, 5 data,
6 training, evaluation and registry, 7 serving, 8 not lowered yet, 9 engines and machine.
"""

from __future__ import annotations

from . import building, checking, functions, histories, operating, reading, running, sensible, sources
from .base import Code

_MODULES = (reading, building, checking, functions, histories, operating, sensible, sources, running)
CODES: dict[str, Code] = dict(sorted((code, each) for module in _MODULES for code, each in module.CODES.items()))

__all__ = ["CODES", "Code"]
