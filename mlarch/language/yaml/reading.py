"""The second front end: an architecture as Hydra YAML gives the same statements as `.mlarch` text.

Kinds, names and keys are nested, as in an override's path: `model: {classifier: {family: logistic_regression}}`. `forming` says how each
key's value is written; a `##` comment above a key is its doc comment. `language`, `import`, `param` and `overlay` are keys at the top,
and `defaults` is Hydra's list of config groups.
"""

from __future__ import annotations

from .. import tree
from ..data import Mapping
from ..diagnostics import Findings
from ..forming import Former
from ..overrides.text import Override
from ..reuse import told_once
from ..shapes import Shapes
from ..source import Source
from .text import read_mapping


def read_statements(source: Source, given: list[Override], shapes: Shapes, findings: Findings) -> list[tree.Statement] | None:
    """Return the statements of a YAML file and of the config groups that it takes; None when it cannot be read.

    Overrides that choose a config group (`hardware=laptop`) are taken out of `given`; the others are applied to the statements later.
    """
    said = mapping_of(source, findings)
    if said is None:
        return None
    if given or "defaults" in said.entries:
        from .composing import chosen_groups, compose

        choices = chosen_groups(source, given)
        given[:] = [each for each in given if each not in choices]
        if choices or "defaults" in said.entries:
            said = compose(source, said, choices, findings)
    return None if said is None else formed(said, shapes, findings)


def mapping_of(source: Source, findings: Findings) -> Mapping | None:
    """Return what a YAML file says, as it stands; None when it cannot be read."""
    return told_once("mapping", (source.name, source.text), findings, lambda own: read_mapping(source, own))


def formed(said: Mapping, shapes: Shapes, findings: Findings) -> list[tree.Statement]:
    """Return the statements of what a YAML file says."""
    return told_once("formed", (said, shapes), findings, lambda own: list(Former(shapes, own).top(said)))
